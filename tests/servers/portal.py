"""A whole site with the demo community, served by the real commands on a port of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.servers import CannotStart, free_port, stop, wait_until

ROOT = Path(__file__).parents[2]
PASSWORD = "demo-portal-2026"
CONFIG = """
[site]
url = "{url}"
data_dir = "{folder}"
"""
# Nothing answers there: pages must also be good to read when something is wrong.
FAILING_SOURCE = """
[[sources]]
slug = "gitlab"
kind = "gitlab"
name = "GitLab of the tools"
url = "http://127.0.0.1:1"
groups = ["tools"]
"""
START_SECONDS = 60


@contextlib.contextmanager
def running_portal(
    folder: Path, *, failing_source: bool = False, settings: str = "", host: str = "127.0.0.1"
) -> Iterator[str]:
    """The address of a demo site whose files are in `folder`; it ends with the block. Raises CannotStart.

    `settings` are further tables of its file; `host` is another name of this machine, where one is needed.
    """
    port = free_port()
    url, log = f"http://{host}:{port}", folder / "serve.log"
    config = CONFIG.format(url=url, folder=folder)
    (folder / "config.toml").write_text(config + (FAILING_SOURCE if failing_source else "") + settings)
    _run(folder, "db", "upgrade")
    _run(folder, "demo", "load")
    if failing_source:
        _run(folder, "sync", expected=1)
    with log.open("w") as output:
        serving = command("serve", "--no-worker", "--port", str(port))
        server = subprocess.Popen(serving, env=environment(folder), cwd=folder, stdout=output, stderr=output)
        try:
            wait_until(lambda: _answers(url), server, log, START_SECONDS)
            yield url
        finally:
            stop(server)


def _run(folder: Path, *words: str, expected: int = 0) -> None:
    done = subprocess.run(command(*words), env=environment(folder), cwd=folder, capture_output=True, text=True)
    if done.returncode != expected:
        raise CannotStart(f"portal {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def command(*words: str) -> list[str]:
    """`portal` with these words, by the code of this folder."""
    return [sys.executable, "-c", "from portal.cli import main; main()", *words]


def environment(folder: Path) -> dict[str, str]:
    """What a command needs to know of the site whose files are in `folder`."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PORTAL_CONFIG": str(folder / "config.toml")}


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False
