"""Sweeps: the database says what is due, a sweep does it. They run on a schedule and right after a commit that asks.

A sweep takes its rows by a conditional UPDATE with a lease and may run twice without harm, so that a lost message or a
killed worker costs seconds, never work. Huey only carries the name of a sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy import CursorResult, String, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.config import Config
from portal.core.content import Library
from portal.core.database import Base, Database
from portal.core.feature import Features
from portal.core.i18n import speaking

log = structlog.get_logger()
_NUDGES = "nudges"


@dataclass(frozen=True)
class Portal:
    """What a sweep or a command works with: the site without a request."""

    config: Config
    database: Database
    library: Library
    clients: Any
    app: Flask
    features: Features
    nudge_queue: Callable[[str], None] = field(repr=False)

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A session that commits at the end of the block, and rolls back when the block fails."""
        with self.database.session() as session:
            yield session
            session.commit()
        for name in taken_nudges(session):
            self.nudge_queue(name)

    @contextmanager
    def rendering(self, language: str, zone: str = "UTC") -> Iterator[None]:
        """Render templates and build absolute links outside a request, in this language."""
        with self.app.app_context(), speaking(language, zone):
            yield


@dataclass(frozen=True)
class Sweep:
    """Something that is done again and again, called `<feature>.<verb>`. `every` is a whole number of minutes."""

    name: str
    run: Callable[[Portal], object]
    every: timedelta

    def is_due(self, at: datetime) -> bool:
        """Whether the schedule asks for it in this minute."""
        return int(at.timestamp()) // 60 % max(1, int(self.every.total_seconds()) // 60) == 0


def nudge(session: Session, name: str) -> None:
    """Ask that this sweep runs right after the commit, not only on its schedule."""
    session.info.setdefault(_NUDGES, {})[name] = True


def taken_nudges(session: Session) -> list[str]:
    """The sweeps that were asked for in this session; each is told once."""
    return list(session.info.pop(_NUDGES, {}))


class SweepRun(Base):
    """When a sweep last ran, and whether it failed: shows that a worker is alive."""

    __tablename__ = "sweep_runs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    finished_at: Mapped[datetime]
    failed: Mapped[bool]


def run_sweep(portal: Portal, name: str) -> None:
    """Run a sweep; a failure is logged and left to the next run, so that it stops nothing else."""
    failed = False
    with structlog.contextvars.bound_contextvars(sweep=name):
        try:
            portal.features.sweeps[name].run(portal)
        except Exception:
            failed = True
            log.exception("sweep failed")
        _note_run(portal, name, failed)


def last_run(session: Session) -> datetime | None:
    """When any sweep last finished; None when none ever did."""
    return session.scalar(select(func.max(SweepRun.finished_at)))


def _note_run(portal: Portal, name: str, failed: bool) -> None:
    values = {"finished_at": clock.now(), "failed": failed}
    try:
        with portal.unit_of_work() as session:
            told = session.execute(update(SweepRun).where(SweepRun.name == name).values(**values))
            if not cast(CursorResult[Any], told).rowcount:
                session.add(SweepRun(name=name, **values))
    except SQLAlchemyError:
        # Two workers may note the same first run at once, or the database may be away: the sweep itself is done.
        log.warning("sweep not noted", sweep=name)


def make_huey(config: Config, secret: str, url: str, *, in_memory: bool = False) -> Huey:
    """The queue: Redis or PostgreSQL at this address, or SQLite under data_dir without one. Messages are signed."""
    serializer = SignedSerializer(secret=secret, salt="portal.jobs")
    if in_memory:
        return MemoryHuey("portal", serializer=serializer)
    if url.startswith("redis"):
        return RedisHuey("portal", url=url, serializer=serializer)
    if url.startswith("postgresql"):
        return PostgresHuey("portal", dsn=url, serializer=serializer)
    config.site.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SqliteHuey("portal", filename=str(config.site.data_dir / "jobs.db"), serializer=serializer)


class Queue:
    """Sweeps carried by Huey: nudged by name, and scheduled every minute."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self._portal: Portal | None = None
        self._task = huey.task(name="run_sweep")(self._run)

    def serve(self, portal: Portal) -> None:
        """Tell which site the sweeps belong to, and put each on its schedule."""
        self._portal = portal
        for one in portal.features.sweeps.values():
            self.huey.periodic_task(one.is_due, name=f"every_{one.name}")(_runner(portal, one.name))

    def nudge(self, name: str) -> None:
        """Run this sweep as soon as a worker is free. A queue that is away is logged: the schedule makes up for it."""
        try:
            self._task(name)
        except Exception:  # whatever carries the queue: what was done is committed, and must not look undone
            log.exception("nudge not sent", sweep=name)

    def nudge_all(self) -> None:
        """Look at everything once: what fell due while no worker ran."""
        for name in self._portal.features.sweeps if self._portal else ():
            self.nudge(name)

    def consumer(self, workers: int) -> Consumer:
        """A worker for this process, which ends with it."""
        return EmbeddedConsumer(self.huey, workers=workers, worker_type="thread", check_worker_health=True)

    def consumer_of_its_own(self, workers: int) -> Consumer:
        """A worker that is the whole process: SIGTERM lets it finish what it does."""
        options = {"worker_type": "thread", "check_worker_health": True, "graceful_signal": "TERM"}
        return Consumer(self.huey, workers=workers, **options)

    def _run(self, name: str) -> None:
        if self._portal and name in self._portal.features.sweeps:
            run_sweep(self._portal, name)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]  # Huey has no types
    """A worker that leaves the process's signals alone: the web server handles them."""

    def _set_signal_handlers(self) -> None:
        pass


def _runner(portal: Portal, name: str) -> Callable[[], None]:
    return lambda: run_sweep(portal, name)
