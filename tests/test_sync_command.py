"""`portal sync` as a process: who presses Ctrl-C waits for no slow server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

import portal.app  # noqa: F401  (its tables are made)
from portal.contributions.models import Source, Sync
from portal.core.database import Base, Database
from tests import fakes
from tests.settings import load_config

PORTAL = Path(sys.executable).parent / "portal"
SOON = 10
"""Seconds in which the command has to be over: far less than the server takes, far more than a busy machine needs."""


def started(folder: Path, server: fakes.FakeServer, kind: str) -> subprocess.Popen[str]:
    settings = folder / "config.toml"
    settings.write_text(
        f'[site]\ndata_dir = "{folder}"\n[[sources]]\nslug = "slow"\nkind = "{kind}"\nurl = "{server.url}"\n'
    )
    database = opened(folder)
    Base.metadata.create_all(database.engine)
    database.dispose()
    return subprocess.Popen(
        [PORTAL, "sync"],
        env={**os.environ, "PORTAL_CONFIG": str(settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell that runs tests in the background has them ignore Ctrl-C, and what they start inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def opened(folder: Path) -> Database:
    return Database(load_config({"PORTAL_CONFIG": str(folder / "config.toml")}).database_url({}))


def wait_until(server: fakes.FakeServer, asked: str, process: subprocess.Popen[str]) -> None:
    while not any(request.path.endswith(asked) for request in list(server.requests)):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("kind", "slow"), [("gerrit", "/changes/"), ("gitlab", "/merge_requests"), ("gitlab", "/notes")]
)
def test_ctrl_c_ends_a_sync_although_its_server_is_slow(tmp_path: Path, kind: str, slow: str) -> None:
    with {"gerrit": fakes.FakeGerrit, "gitlab": fakes.FakeGitlab}[kind]() as server:
        if isinstance(server, fakes.FakeGitlab):
            server.add_merge_request(1)
        server.between = lambda request: server.next(fakes.hang()) if request.path.endswith(slow) else None
        process = started(tmp_path, server, kind)
        wait_until(server, slow, process)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
        took = time.monotonic() - pressed
    assert took < SOON
    assert (process.returncode, "Traceback" in said) == (1, False), said
    database = opened(tmp_path)
    with database.session(read_only=True) as session:
        assert session.scalars(select(Source.lease)).one() is None, "the next sync can begin at once"
        assert session.scalars(select(Sync.outcome)).one() == "lost"
    database.dispose()
