"""Sweeps: the database says what is due, a sweep does it. They run on a schedule and right after a commit that asks.

A sweep takes its rows by a conditional UPDATE with a lease and may run twice without harm, so that a lost message or a
killed worker costs seconds, never work. Huey only carries the name of a sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, has_request_context
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.core import clock, schedule, security_log
from portal.core.catalogues import SiteLanguages
from portal.core.config import Config
from portal.core.content import Library
from portal.core.database import Database
from portal.core.feature import Features
from portal.core.i18n import speaking, using_languages
from portal.core.private_files import private_file, private_folder
from portal.core.schedule import Sweep

log = structlog.get_logger()
_NUDGES = "nudges"
LANGUAGES = "portal.languages"
"""Where the application keeps the languages of its site."""


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

    @property
    def languages(self) -> SiteLanguages:
        """The languages of the site, with its own words."""
        languages: SiteLanguages = self.app.extensions[LANGUAGES]
        return languages

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A session that commits at the end of the block, and rolls back when the block fails."""
        try:
            with self.database.session() as session:
                yield session
                session.commit()
        finally:
            if not has_request_context():  # a request keeps them when its own unit of work has ended
                security_log.keep_events(self.database)
        for name in taken_nudges(session):
            self.nudge_queue(name)

    @contextmanager
    def rendering(self, language: str, zone: str = "UTC") -> Iterator[None]:
        """Render templates and build absolute links outside a request, in this language."""
        with self.app.app_context(), using_languages(self.languages), speaking(language, zone):
            yield


def nudge(session: Session, name: str) -> None:
    """Ask that this sweep runs right after the commit, not only on its schedule."""
    session.info.setdefault(_NUDGES, {})[name] = True


def taken_nudges(session: Session) -> list[str]:
    """The sweeps that were asked for in this session; each is told once."""
    return list(session.info.pop(_NUDGES, {}))


def run_sweep(portal: Portal, name: str) -> None:
    """Run a sweep now, due or not. A failure is logged and left to the next run, so that it stops nothing else."""
    _run(portal, portal.features.sweeps[name], None)


def run_due_sweep(portal: Portal, name: str) -> None:
    """Run a sweep if it is due and no other worker does."""
    sweep = portal.features.sweeps[name]
    with portal.unit_of_work() as session:
        lease = schedule.lease_sweep(session, sweep, clock.now())
    if lease:
        _run(portal, sweep, lease)


def due_sweeps(portal: Portal) -> list[str]:
    """The sweeps that are due now, those that never ran among them."""
    names, now = portal.features.sweeps.keys(), clock.now()
    with portal.database.session(read_only=True) as session:
        unplanned = schedule.unplanned(session, names)
    if unplanned:
        with portal.unit_of_work() as session:
            schedule.plan(session, unplanned, now)
    with portal.database.session(read_only=True) as session:
        return schedule.due_sweeps(session, names, now)


def _run(portal: Portal, sweep: Sweep, lease: str | None) -> None:
    failed = False
    with structlog.contextvars.bound_contextvars(sweep=sweep.name):
        try:
            with using_languages(portal.languages):
                sweep.run(portal)
        except Exception:
            failed = True
            log.exception("sweep failed")
        _note_run(portal, sweep, lease, failed)


def _note_run(portal: Portal, sweep: Sweep, lease: str | None, failed: bool) -> None:
    try:
        with portal.unit_of_work() as session:
            schedule.note_run(session, sweep, lease, failed, portal.config.site.zone, clock.now())
    except SQLAlchemyError:
        # The database may be away: the sweep itself is done.
        log.warning("sweep not noted", sweep=sweep.name)


def make_huey(config: Config, secret: str, url: str, *, in_memory: bool = False) -> Huey:
    """The queue: Redis or PostgreSQL at this address, or SQLite under data_dir without one. Messages are signed."""
    serializer = SignedSerializer(secret=secret, salt="portal.jobs")
    if in_memory:
        return MemoryHuey("portal", serializer=serializer)
    if url.startswith("redis"):
        return RedisHuey("portal", url=url, serializer=serializer)
    if url.startswith("postgresql"):
        return PostgresHuey("portal", dsn=url, serializer=serializer)
    file = private_file(private_folder(config.site.data_dir) / "jobs.db")
    return SqliteHuey("portal", filename=str(file), serializer=serializer)


class Queue:
    """Sweeps carried by Huey: nudged by name, and by schedule. Each minute it is looked which are due."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self._portal: Portal | None = None
        self._nudged = huey.task(name="run_sweep")(self._run)
        self._scheduled = huey.task(name="run_due_sweep")(self._run_due)
        huey.periodic_task(lambda _minute: True, name="queue_what_is_due")(self.queue_what_is_due)

    def serve(self, portal: Portal) -> None:
        """Tell which site the sweeps belong to."""
        self._portal = portal

    def nudge(self, name: str) -> None:
        """Run this sweep as soon as a worker is free. A queue that is away is logged: the schedule makes up for it."""
        try:
            self._nudged(name)
        except Exception:  # whatever carries the queue: what was done is committed, and must not look undone
            log.exception("nudge not sent", sweep=name)

    def catch_up(self) -> None:
        """When a worker starts: look at all that is done by the minute, and do what should have been done at night.

        What a killed worker held by schedule is not waited for.
        """
        for sweep in self._portal.features.sweeps.values() if self._portal else ():
            if sweep.at is None:
                self.nudge(sweep.name)
        self.queue_what_is_due()

    def queue_what_is_due(self) -> None:
        """Queue every sweep that is due, as is done each minute."""
        for name in due_sweeps(self._portal) if self._portal else ():
            self._scheduled(name)

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

    def _run_due(self, name: str) -> None:
        if self._portal and name in self._portal.features.sweeps:
            run_due_sweep(self._portal, name)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]  # Huey has no types
    """A worker that leaves the process's signals alone: the web server handles them."""

    def _set_signal_handlers(self) -> None:
        pass
