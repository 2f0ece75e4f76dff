"""An OpenID provider that others have written (oidc-provider for Node), installed for the run, on loopback."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.servers import CannotStart, stop, wait_until

VERSION = "8.8.1"
"""The newest that runs on Debian 12's Node."""
CLIENT, SECRET = "portal", "a secret of two"
SCRIPT = Path(__file__).with_name("provider.mjs")


@contextlib.contextmanager
def running_provider(folder: Path, port: int, back: str) -> Iterator[str]:
    """The address of a provider that knows one site, which is sent back to at `back`. Raises CannotStart."""
    _install(folder)
    url, log = f"http://127.0.0.1:{port}", folder / "provider.log"
    with log.open("w") as output:
        serving = [shutil.which("node") or "node", SCRIPT.name, str(port), back]
        server = subprocess.Popen(serving, cwd=folder, stdout=output, stderr=output)
        try:
            wait_until(lambda: _answers(url), server, log, 30)
            yield url
        finally:
            stop(server)


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise CannotStart("This test runs an OpenID provider in Node. On Debian: apt install nodejs npm")
    shutil.copy(SCRIPT, folder)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock")
    words = [npm, "install", *quiet, f"oidc-provider@{VERSION}"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise CannotStart(f"npm install ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/.well-known/openid-configuration", timeout=5).ok
    except requests.ConnectionError:
        return False
