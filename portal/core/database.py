"""The engine and its sessions. Nothing in here commits: only core/request_cycle.py and core/jobs.py do."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from portal.core.private_files import private_file

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# WAL lets pages read while the worker writes; a writer waits up to 10 s for another instead of failing. What is deleted
# is written over with zeros: else it would stand in the file until its place is needed.
SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-32000",
    "secure_delete=ON",
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC in Python, without zone in the database (the same on every dialect)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC. Raises ValueError for a moment without a zone, which could mean anything."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def bind_processor(self, dialect: Dialect) -> Any:
        """On SQLite write the text ourselves: a sync stores thousands of moments, and the driver's way takes long."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        return value.replace(tzinfo=UTC) if value is not None else None


def _sqlite_text(value: datetime | None) -> str | None:
    """A moment as SQLAlchemy's SQLite dialect writes and reads it, such as "2026-11-23 12:00:00.000000"."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


class Base(DeclarativeBase):
    """The parent of every stored thing."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}


class Database:
    """An engine and a maker of sessions for one address. Every session carries a copy of `info`."""

    def __init__(self, url: str, pool_size: int = 5, info: dict[str, Any] | None = None) -> None:
        self.engine = make_engine(url, pool_size)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=info)

    def session(self, *, read_only: bool = False) -> Session:
        """A new session. `read_only` spares SQLite's one write lock."""
        if read_only and self.engine.dialect.name == "sqlite":
            return self._sessions(bind=self.engine.execution_options(sqlite_begin="DEFERRED"))
        return self._sessions()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine with the settings each dialect needs. Its errors never carry values: they end up in logs."""
    if url.startswith("sqlite"):
        file = make_url(url).database
        # As many connections as threads ask for: whoever holds the one write lock must never wait for a connection that
        # those have who wait for the lock.
        pool: dict[str, Any] = {"max_overflow": -1} if file else {}
        engine = create_engine(url, connect_args={"timeout": 10}, hide_parameters=True, **pool)
        if file:
            event.listen(engine, "do_connect", lambda *_connecting: _make_private(Path(file)))
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_size=pool_size, pool_pre_ping=True, hide_parameters=True)


def _make_private(file: Path) -> None:
    # Its write-ahead log gets the rights of the file. Where it cannot be, connecting says so.
    with suppress(OSError):
        private_file(file)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver sends BEGIN only before it writes, so a read and a later write would not be one transaction
    # and updates would be lost without an error. We send BEGIN ourselves, below.
    connection.isolation_level = None
    for setting in SQLITE_SETTINGS:
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")
