"""`portal db backup` and `portal db restore`: all that a site keeps, in one file, while it runs.

The file is a tar archive with the database (SQLite's own copy, or a dump in pg_dump's custom format) and a note of what
it is. The queue is left out: what is due stands in the database. So is the secret key, unless it is asked for: it opens
what is sealed in the database, and must not lie beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock, migrations, milestones
from portal.core.config import Config
from portal.core.database import Database
from portal.core.errors import Conflict

WITHOUT_KEY = (
    "Put the one of the old site under data_dir as secret_key, or into PORTAL_SECRET_KEY. With a new one everybody "
    "signs in again, and apps that make codes must be set up again: recovery codes let in."
)
ABOUT, SQLITE, POSTGRESQL, KEY = "about.json", "portal.db", "portal.dump", "secret_key"


def create(
    config: Config,
    database: Database,
    target: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    with_secret_key: bool = False,
) -> dict[str, Any]:
    """Write a backup to this file, readable by its owner alone; tells what is in it.

    With `with_secret_key` the key under data_dir is in it, unless the site has its key from the environment. Nothing
    stands at `target` before the whole is there. Raises Conflict when the database cannot be copied, OSError.
    """
    if not target.resolve().parent.is_dir():
        raise Conflict(f"There is no folder {target.resolve().parent}: make it first.")
    url = config.database_url(environ)
    about = {
        "made_at": clock.now().isoformat(timespec="seconds"),
        "database": database.engine.dialect.name,
        "version": migrations.present(database.engine),
    }
    with tempfile.TemporaryDirectory(prefix=".portal-backup-", dir=target.resolve().parent) as name:
        folder = Path(name)
        (folder / ABOUT).write_text(json.dumps(about, indent=2))
        _copy(url, folder)
        key = config.site.data_dir / KEY
        if with_secret_key and key.exists() and not environ.get("PORTAL_SECRET_KEY"):
            shutil.copyfile(key, folder / KEY)
        _pack(folder, target)
    return about


def note_made(database: Database) -> None:
    """Note that a backup was made now, for whoever runs the site to see. Nothing is noted where tables are older."""
    with suppress(SQLAlchemyError), database.session() as session:
        milestones.note(session, milestones.BACKUP, clock.now())
        session.commit()


def restore(
    config: Config, database: Database, source: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Bring a backup into an empty database, and its secret key, if it has one, under data_dir; tells what was in it.

    Raises Conflict when there is data already, when this is no backup, or one of another kind of database.
    """
    url, kind = config.database_url(environ), database.engine.dialect.name
    if inspect(database.engine).get_table_names():
        raise Conflict(
            f"There are tables in the database already. A backup goes into an empty one: {_how_to_empty(kind)}"
        )
    with tempfile.TemporaryDirectory(prefix=".portal-restore-", dir=config.site.data_dir) as name:
        folder = Path(name)
        about = _unpack(source, folder)
        if about["database"] != kind:
            raise Conflict(f"This is a backup of {about['database']}, but [database] url names {kind}.")
        if kind == "sqlite":
            database.dispose()
            with closing(sqlite3.connect(folder / SQLITE)) as copy, closing(_connected(url)) as there:
                copy.backup(there)
        else:
            flags = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
            _pg("pg_restore", url, *flags, str(folder / POSTGRESQL))
        if (folder / KEY).exists():
            (folder / KEY).chmod(0o600)
            (folder / KEY).replace(config.site.data_dir / KEY)
    return about


def has_secret_key(config: Config, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this site has a secret key; else it makes a new one at its next start."""
    return bool(environ.get("PORTAL_SECRET_KEY")) or (config.site.data_dir / KEY).exists()


def _copy(url: str, folder: Path) -> None:
    if url.startswith("sqlite"):
        _copy_sqlite(make_url(url).database or "", folder / SQLITE)
    else:
        _pg("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={folder / POSTGRESQL}")


def _pack(folder: Path, target: Path) -> None:
    """Put what is in the folder into one file, which stands at its place only when it is whole."""
    files, draft = sorted(folder.iterdir()), folder / "draft"
    draft.touch(mode=0o600)
    with tarfile.open(draft, "w:gz") as archive:
        for path in files:
            path.chmod(0o600)
            archive.add(path, path.name)
    draft.replace(target)


def _copy_sqlite(path: str, target: Path) -> None:
    # One read transaction: pages go on being written meanwhile, and the copy is the database of one moment.
    with closing(sqlite3.connect(f"file:{Path(path).resolve()}?mode=ro", uri=True, timeout=10)) as database:
        database.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise Conflict(f"The copy is not sound: {verdict}")


def _connected(url: str) -> sqlite3.Connection:
    return sqlite3.connect(make_url(url).database or "")


def _pg(program: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's own programs. The password goes through the environment: others see a command's words."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # only where PostgreSQL is used

    parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    environ = {**os.environ, "PGPASSWORD": str(parts.pop("password", "") or os.environ.get("PGPASSWORD", ""))}
    address = make_conninfo("", **parts)
    command = [program, f"--dbname={address}", "--no-password", *options]
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise Conflict(f"{program} is not installed here; on Debian: apt install postgresql-client") from None
    if done.returncode:
        raise Conflict(f"{program} says: {done.stderr.strip()[-600:]}")


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for name in (ABOUT, SQLITE, POSTGRESQL, KEY):
                if name in archive.getnames() and (file := archive.extractfile(name)):
                    with file, (folder / name).open("wb") as target:
                        shutil.copyfileobj(file, target)
            if not (folder / ABOUT).exists():
                raise ValueError(f"there is no {ABOUT} in it")
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text())
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Conflict(f"{source} is no backup of a portal, or it is broken: {error}") from error
    return about


def _how_to_empty(kind: str) -> str:
    return "move the file away" if kind == "sqlite" else "make another with createdb, or drop and make this one anew"
