"""A real PostgreSQL from Debian's packages, with a data folder of its own that vanishes at the end.

PostgreSQL refuses to run as root; root hands it to Debian's user `postgres`. The server lives in a process of ours,
so the tests that share it end it by its id. To try something by hand: `python -m tests.servers.postgres`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers import CannotStart, free_port, stop, wait_until

OLDEST = 15
ACCOUNT = "postgres"
MEMORY = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""So many bytes must be free in memory for the data to lie there: copying a database takes a tenth of the time."""
# The data is thrown away: nothing has to survive a power cut.
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "off", "synchronous_commit": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Postgres:
    """A running server. Databases are cheap copies of a template."""

    port: int
    _serial: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The address of a database, as the portal's settings take it."""
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """The name of a fresh database, a copy of `template`."""
        name = f"portal_{os.getpid()}_{next(self._serial)}"
        copied = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._run(copied.format(Identifier(name), Identifier(template)))
        return name

    def drop(self, database: str) -> None:
        """Remove a database and end whatever still reads it."""
        self._run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database)))

    def _run(self, statement: SQL) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """An empty PostgreSQL for the time of the block. Raises CannotStart."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="portal-postgres-", dir=_quick_folder()) as name:
        folder, port = Path(name), free_port()
        _initialise(programs, folder)
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(programs, folder, port), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, **_account(),
            )  # fmt: skip
        postgres = Postgres(port)
        try:
            wait_until(partial(_answers, postgres), process, log, seconds=60)
            yield postgres
        finally:
            # SIGTERM would wait for the last connection to close by itself.
            stop(process, signal.SIGINT)


def _quick_folder() -> Path | None:
    """Where files lie in memory, if this machine has such a place with room; None: the usual folder."""
    has_room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return MEMORY if has_room else None


def _programs() -> Path:
    """Debian keeps the server's programs out of PATH, in a folder for each version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("postgres")
    found = [folder for folder in debian if int(folder.parent.name) >= OLDEST and (folder / "postgres").exists()]
    if found:
        return found[0]
    if on_path:
        return Path(on_path).resolve().parent
    raise CannotStart(f"PostgreSQL {OLDEST} is not installed; on Debian: apt install postgresql-{OLDEST}")


def _initialise(programs: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    command = [programs / "initdb", "-D", folder / "data", "-U", ACCOUNT, "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **_account())
    if done.returncode != 0:
        raise CannotStart(f"PostgreSQL cannot be set up:\n{done.stderr}")


def _command(programs: Path, folder: Path, port: int) -> list[str]:
    settings = {**SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return [str(programs / "postgres"), "-D", str(folder / "data"), *options]


def _account() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise CannotStart(f"root cannot run PostgreSQL and there is no user {ACCOUNT}") from error
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _answers(postgres: Postgres) -> bool:
    try:
        psycopg.connect(postgres.url("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def main() -> None:
    """Run a PostgreSQL until Enter is pressed."""
    with running_postgres() as postgres:
        input(f"{postgres.url(postgres.create())} is an empty database; Enter ends it. ")


if __name__ == "__main__":
    main()
