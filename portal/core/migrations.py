"""Migrations, run by our own commands: Alembic without a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from portal.core import search
from portal.core.database import Base
from portal.core.errors import Conflict

NEWER = (
    "The tables are at {}, which this program does not know: a newer one made them. Install that one again, or restore"
    " a backup from before it."
)
LOCK = 7_026_112_301  # any number of our own: PostgreSQL's advisory lock for one migration at a time


def folder() -> Path:
    """The migrations: beside the package in a checkout, inside it when installed from a wheel."""
    inside = Path(__file__).parent.parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables to a version. Safe when several machines start it at once. Raises Conflict on newer tables."""
    _refuse_newer(engine)
    _run(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take the tables back to a version ("-1": one back, "base": to nothing). Raises Conflict on newer tables."""
    _refuse_newer(engine)
    _run(engine, lambda config: command.downgrade(config, to))


def present(engine: Engine) -> str:
    """The version the tables are at; empty when there are none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The version this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def advice(version: str) -> str:
    """What to do about tables at this version; nothing when it is the one this program needs."""
    if version == newest():
        return ""
    return NEWER.format(version) if _is_unknown(version) else "Run: portal db upgrade"


def _refuse_newer(engine: Engine) -> None:
    if _is_unknown(version := present(engine)):
        raise Conflict(NEWER.format(version))


def _is_unknown(version: str) -> bool:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return bool(version) and version not in known


def drift(engine: Engine) -> list[object]:
    """How the tables differ from the models; empty when they are equal."""
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def _is_ours(_thing: Any, name: str | None, kind: str, is_reflected: bool, _other: Any) -> bool:
    # What a dialect keeps behind a table of words has no model: core/search.py makes it.
    return not (is_reflected and kind in {"table", "index"} and search.is_inner(name or ""))


def write(engine: Engine, message: str, revision: str) -> Path:
    """Write a new migration from what differs, and give its path: for developers, see dev/migration.py."""
    written: list[Any] = []
    _run(engine, lambda config: written.append(_write(config, message, revision)))
    return Path(written[0].path)


def _write(config: AlembicConfig, message: str, revision: str) -> Any:
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return command.revision(config, message, autogenerate=True, rev_id=revision)


def _run(engine: Engine, do: Callable[[AlembicConfig], None]) -> None:
    config = _config()
    # Detached: what _prepare sets must not go back into the pool.
    with engine.connect() as connection:
        connection.detach()
        _prepare(connection)
        config.attributes.update(connection=connection, metadata=Base.metadata, include_object=_is_ours)
        do(config)
        connection.commit()


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # A table that is rebuilt must not take its children's rows along; the setting holds outside a transaction only.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _config() -> AlembicConfig:
    config = AlembicConfig(stdout=StringIO())
    config.set_main_option("script_location", str(folder()))
    config.set_main_option("path_separator", "os")
    return config
