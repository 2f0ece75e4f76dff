"""Pulling changes from the review servers: on schedule by a sweep, and at once for `portal sync`.

Pages are fetched first and stored in a unit of work of their own, a few together where the server is quick, so that no
transaction is open while the network is slow and memory does not grow with the number of pages. A source that fails
keeps what is stored and stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

import structlog
from sqlalchemy.orm import Session

from portal.clients.errors import BadAnswer, Forbidden, Missing, SourceError, Unauthorised
from portal.clients.prefetch import in_batches, prefetch
from portal.contributions import actions, labels, queries, rules
from portal.contributions.actions import Verdict
from portal.contributions.models import BEGINNING, Source, Sync, SyncOutcome
from portal.contributions.queries import History
from portal.core import clock
from portal.core.config import SourceConfig
from portal.core.database import Database
from portal.core.errors import Conflict
from portal.core.jobs import Portal
from portal.forges.shapes import ChangePage, RemoteChange, ReviewSource

log = structlog.get_logger()
Progress = Callable[[str, int, float | None], None]
"""Told when pages were stored: the source's slug, how many changes came, how far the walk is (0 to 1, or None)."""

# Servers' clocks differ and their search lags behind: what moved shortly before the newest we saw may have been missed.
OVERLAP = timedelta(minutes=2)
AUTHORS_AT_ONCE = 100
# Pages that come within a moment are stored together: SQLite then writes each page of its indexes once for all of them.
# A slow server's pages are stored one by one as they come.
CHANGES_AT_ONCE = 600
MOMENT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How a sync of one source went. `failure` is its code (see labels.FAILURES), `said` the same in words."""

    slug: str
    outcome: SyncOutcome
    pages: int = 0
    changes: int = 0
    new_changes: int = 0
    failure: str | None = None
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether all went well, or somebody else is at it already."""
        return self.outcome in {SyncOutcome.DONE, SyncOutcome.RUNNING}

    @property
    def sentence(self) -> str:
        """What happened and what to do, for people; empty when all went well."""
        return labels.failure(self.failure) if self.failure else ""


def sync_sources(portal: Portal) -> None:
    """Sync every source that is due, one after the other. A second worker takes those that nobody is syncing.

    One thread of each process stays free for other sweeps: letters must not wait while large servers are walked.
    """
    room = _room(portal)
    if not room.acquire(blocking=False):
        return
    try:
        configs = {config.slug: config for config in portal.config.sources}
        _register(portal)
        while (slug := _next_due(portal, configs)) is not None:
            sync_source(portal, configs[slug])
    finally:
        room.release()


def sync(
    portal: Portal, slugs: Iterable[str] = (), *, full: bool = False, progress: Progress | None = None
) -> list[SyncResult]:
    """Sync these sources now (none named: all), due or not. One that fails does not stop the others."""
    _register(portal)
    wanted = set(slugs)
    chosen = [config for config in portal.config.sources if not wanted or config.slug in wanted]
    return [sync_source(portal, config, full=full, progress=progress) for config in chosen]


def sync_source(
    portal: Portal, config: SourceConfig, *, full: bool = False, progress: Progress | None = None
) -> SyncResult:
    """Sync one source. Every failure ends up in the result, on the source's row and in the log."""
    run = _begin(portal, config, full)
    if run is None:
        return SyncResult(config.slug, SyncOutcome.RUNNING)
    try:
        client: ReviewSource = portal.clients.source(config)
        run.walk(client, progress or _quiet)
        run.settle_newcomers(client)
    except SourceError as error:
        return run.fail(error.code, error.detail, error.retry_after or 0)
    except Conflict:
        return run.result(SyncOutcome.LOST)
    except KeyboardInterrupt:
        run.break_off()
        raise
    except Exception:
        log.exception("sync failed", source=config.slug)
        return run.fail(labels.INTERNAL, "", 0)
    return run.finish()


class Run:
    """One sync of one source: what it has leased, and how far it has come."""

    def __init__(self, portal: Portal, config: SourceConfig, source: Source, sync: Sync, lease: str) -> None:
        self._portal = portal
        self._config = config
        self._source = source
        self._sync = sync
        self._lease = lease
        self._held_since = sync.started_at
        self._seen_up_to: datetime | None = None
        self._reaches_back_to = self._begin_of_records()

    def walk(self, client: ReviewSource, progress: Progress) -> None:
        """Store page after page, while the next ones are fetched and read."""
        most = max(1, CHANGES_AT_ONCE // self._config.page_size)
        for pages in prefetch(in_batches(self._pages(client), most, MOMENT_SECONDS)):
            changes = [change for page in pages for change in page.changes]
            with self._portal.unit_of_work() as session:
                self._hold(session)
                stored = actions.store_changes(session, self._source.id, changes)
                actions.count_pages(session, self._sync.id, len(pages), stored)
            self._count(len(pages), stored, changes)
            progress(self._config.slug, self._sync.changes, pages[-1].done)
        with self._portal.unit_of_work() as session:
            sync = session.get_one(Sync, self._sync.id)
            actions.note_reach(session, sync, self._seen_up_to, self._reaches_back_to)

    def settle_newcomers(self, client: ReviewSource) -> None:
        """Say of every author that came whether they are new, and ask the server where our records do not reach."""
        limit = self._portal.config.limits.newcomer_changes
        while histories := self._due_histories(limit):
            verdicts = [self._verdict(history, limit, client) for history in histories]
            with self._portal.unit_of_work() as session:
                self._hold(session)
                actions.settle_authors(session, self._source.id, verdicts, limit)

    def finish(self) -> SyncResult:
        """The source has been walked to its end."""
        now = clock.now()
        with self._portal.unit_of_work() as session:
            actions.finish_sync(
                session,
                session.get_one(Sync, self._sync.id),
                due_at=now + self._every,
                now=now,
            )
        result = self.result(SyncOutcome.DONE)
        log.info("synced", source=result.slug, pages=result.pages, changes=result.changes, new=result.new_changes)
        return result

    def fail(self, code: str, detail: str, retry_after: float) -> SyncResult:
        """The source gave no good answer."""
        log.warning("source failed", source=self._config.slug, code=code, detail=detail)
        wait = timedelta(seconds=min(retry_after, actions.LONGEST_BACKOFF.total_seconds()))
        with self._portal.unit_of_work() as session:
            row = session.get_one(Sync, self._sync.id)
            actions.fail_sync(session, row, code, detail, every=self._every, retry_after=wait, now=clock.now())
        return self.result(SyncOutcome.FAILED, code, detail)

    def break_off(self) -> None:
        """Somebody stopped this run: give the source back, so that the next one can begin at once."""
        with self._portal.unit_of_work() as session:
            actions.break_off_sync(session, session.get_one(Sync, self._sync.id), clock.now())

    def result(self, outcome: SyncOutcome, failure: str | None = None, detail: str = "") -> SyncResult:
        """What to tell of this run."""
        run = self._sync
        return SyncResult(self._config.slug, outcome, run.pages, run.changes, run.new_changes, failure, detail)

    @property
    def _every(self) -> timedelta:
        return timedelta(minutes=self._portal.config.limits.sync_every_minutes)

    def _verdict(self, history: History, limit: int, client: ReviewSource) -> Verdict:
        # A slow server takes longer for all these authors than a lease lasts.
        if self._is_lease_old:
            with self._portal.unit_of_work() as session:
                self._hold(session)
        return _look_into(history, self._reaches_back_to, limit, client)

    @property
    def _is_lease_old(self) -> bool:
        return clock.now() - self._held_since >= actions.RENEW_AFTER

    def _hold(self, session: Session) -> None:
        """Lease the source for longer, now and then."""
        if self._is_lease_old:
            now = clock.now()
            actions.renew(session, self._lease, now)
            self._held_since = now

    def _begin_of_records(self) -> datetime:
        if self._sync.is_full:
            return BEGINNING
        first_days = timedelta(days=self._portal.config.limits.first_sync_days)
        return self._source.reaches_back_to or self._sync.started_at.replace(microsecond=0) - first_days

    def _pages(self, client: ReviewSource) -> Iterator[ChangePage]:
        """All of it, or what moved since the newest we saw, or for a first time: what is open and what moved lately."""
        known = Known(self._portal.database, self._source.id)
        if self._sync.is_full:
            yield from client.changes(since=None, known=known)
        elif self._source.seen_up_to and self._source.reaches_back_to:
            yield from client.changes(since=self._source.seen_up_to - OVERLAP, known=known)
        else:
            # What is touched during the first walk moves into the second: none is lost, and none is told by both.
            yield from client.open_changes(before=self._reaches_back_to, known=known)
            yield from client.changes(since=self._reaches_back_to, known=known)

    def _count(self, pages: int, stored: actions.Stored, changes: Iterable[RemoteChange]) -> None:
        self._sync.pages += pages
        self._sync.changes += stored.changes
        self._sync.new_changes += stored.new
        moments = [change.updated_at for change in changes]
        self._seen_up_to = max([*moments, *filter(None, [self._seen_up_to])], default=None)

    def _due_histories(self, limit: int) -> list[History]:
        with self._portal.database.session(read_only=True) as session:
            return queries.due_histories(session, self._source.id, self._reaches_back_to, limit, AUTHORS_AT_ONCE)


class Known:
    """What is stored of a source, asked by its client while it fetches."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source_id = source_id

    def updated_at(self, keys: list[str]) -> dict[str, datetime]:
        """When each of those changes was last updated, as stored; absent where unknown."""
        with self._database.session(read_only=True) as session:
            return queries.stored_updates(session, self._source_id, keys)


def _room(portal: Portal) -> BoundedSemaphore:
    made: BoundedSemaphore = portal.app.extensions.setdefault(
        "portal.sync_room", BoundedSemaphore(max(1, portal.config.jobs.workers - 1))
    )
    return made


def _register(portal: Portal) -> None:
    with portal.unit_of_work() as session:
        actions.register_sources(session, portal.config.sources, clock.now())


def _next_due(portal: Portal, configs: Iterable[str]) -> str | None:
    with portal.database.session(read_only=True) as session:
        due = queries.sources_due(session, clock.now())
    return next((source.slug for source in due if source.slug in configs), None)


def _begin(portal: Portal, config: SourceConfig, full: bool) -> Run | None:
    """Take the source and begin a run; None when somebody else is syncing it."""
    now = clock.now()
    with portal.unit_of_work() as session:
        source = queries.source_by_slug(session, config.slug)
        lease = actions.take(session, source.id, now)
        if lease is None:
            return None
        return Run(portal, config, source, actions.begin_sync(session, source.id, full, now), lease)


def _look_into(history: History, reaches_back_to: datetime, limit: int, client: ReviewSource) -> Verdict:
    """Decide of one author. The server is asked only for what lies before our records, and as little as possible."""
    merged_before_records = history.asked_merged if history.asked_before == reaches_back_to else None
    seen_until = rules.newcomer_until(history.merges, None, 0, limit)
    unsure = [
        (change_id, created_at)
        for change_id, created_at, answer in history.opened
        if answer is None and not (seen_until and created_at > seen_until)
    ]
    old = [(change_id, created_at) for change_id, created_at in unsure if created_at < reaches_back_to]
    if merged_before_records is None and unsure and reaches_back_to > BEGINNING and not len(old) == len(unsure) == 1:
        merged_before_records = _ask(client, history.username, reaches_back_to, limit)
    # Who had few merged by the time our records begin had no more before.
    answers = (
        {}
        if merged_before_records is not None and merged_before_records < limit
        else _ask_of_each(client, history.username, old, limit)
    )
    asked_before = None if merged_before_records is None else reaches_back_to
    until = rules.newcomer_until(history.merges, asked_before, merged_before_records or 0, limit)
    return Verdict(history.author_id, history.username, until, asked_before, merged_before_records or 0, answers)


def _ask_of_each(
    client: ReviewSource, username: str, changes: list[tuple[int, datetime]], limit: int
) -> dict[int, int]:
    """How many were merged before each of these changes, the oldest first: enough for one is enough for the later."""
    answers: dict[int, int] = {}
    merged: int | None = None
    for change_id, created_at in changes:
        if merged is None or merged < limit:
            merged = _ask(client, username, created_at, limit)
        if merged is not None:
            answers[change_id] = merged
    return answers


def _ask(client: ReviewSource, username: str, before: datetime, limit: int) -> int | None:
    """What the server says; None where it cannot search for this author (a deleted account, say)."""
    try:
        return client.merged_before(username, before, limit)
    except (BadAnswer, Forbidden, Missing, Unauthorised):
        return None


def _quiet(_slug: str, _changes: int, _done: float | None) -> None:
    pass
