"""What is done to the review queue: sources taken and given back, changes stored, newcomers told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, false, insert, select, true, update
from sqlalchemy.orm import Session

from portal.contributions import queries, rules
from portal.contributions.models import Change, ChangeAuthor, Source, Sync, SyncOutcome
from portal.core import due
from portal.core.config import SourceConfig
from portal.core.due import BackOff
from portal.core.errors import Conflict
from portal.core.i18n import lazy
from portal.core.indexing import SWEEP as SEARCH_SWEEP
from portal.core.indexing import queue_indexing
from portal.core.jobs import nudge
from portal.core.rows import insert_rows
from portal.forges.forge import forges_of
from portal.forges.shapes import ChangeState, RemoteChange

LEASE = timedelta(minutes=5)
RENEW_AFTER = LEASE / 5
TAKEN_OVER = lazy("Another sync of this source took over.")
LONGEST_BACKOFF = timedelta(hours=1)
MOST_PATCHSETS = 2**31 - 1
"""What the column holds: a server that says more keeps its other changes."""
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
SEARCHED = "changes"
"""The kind under which search knows changes."""
_changes: Table = Change.__table__  # type: ignore[assignment]  # a declared class always has a Table
_authors: Table = ChangeAuthor.__table__  # type: ignore[assignment]
_syncs: Table = Sync.__table__  # type: ignore[assignment]


class Stored(NamedTuple):
    """How many changes there were, and how many of them are new here."""

    changes: int
    new: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out of an author: until when a newcomer (None: still), and what the server said when asked.

    `answers` maps the id of a change to the number of changes merged before it was created.
    """

    author_id: int
    username: str
    until: datetime | None
    asked_before: datetime | None
    asked_merged: int
    answers: Mapping[int, int] = field(default_factory=dict)


def register_sources(session: Session, configs: Sequence[SourceConfig], now: datetime) -> None:
    """Keep a row for each source in the settings. One that left them keeps its row, inactive and unseen.

    A source without an address is a recording: the settings know nothing of it and leave it alone. Raises
    UnknownForgeError for a kind that this site does not know.
    """
    forges = forges_of(session)
    rows = {source.slug: source for source in session.scalars(select(Source))}
    before = {source: source.is_active for source in rows.values()}
    for config in configs:
        row = rows.pop(config.slug, None)
        if row is None:
            row = Source(slug=config.slug, due_at=now)
            session.add(row)
        row.kind, row.name, row.url, row.is_active = forges.kind_of(config.kind), config.label, config.url, True
    for row in rows.values():
        row.is_active = not row.url
    if any(source.is_active != was for source, was in before.items()):
        queue_indexing(session, SEARCHED, {"after": 0})
    session.flush()


def ask_for_sync(session: Session, now: datetime) -> None:
    """Let every source be synced as soon as the worker is free."""
    session.execute(update(Source).where(Source.is_active == true()).values(due_at=now))
    nudge(session, "contributions.sync_sources")


def take(session: Session, source_id: int, now: datetime) -> str | None:
    """Lease a source for one sync, due or not. Gives the lease, or None when somebody else is syncing it."""
    return due.take(session, Source, Source.id == source_id, now, LEASE)


def renew(session: Session, lease: str, now: datetime) -> None:
    """Hold a source for longer. Raises Conflict when the lease has run out and somebody else took over."""
    if not due.renew(session, Source, lease, now, LEASE):
        raise Conflict(TAKEN_OVER)


def begin_sync(session: Session, source_id: int, full: bool, now: datetime) -> Sync:
    """A row for this run. Runs of this source that never ended were lost with their process."""
    lost = (Sync.source_id == source_id, Sync.outcome == SyncOutcome.RUNNING.value)
    session.execute(update(Sync).where(*lost).values(outcome=SyncOutcome.LOST.value, finished_at=now))
    sync = Sync(source_id=source_id, started_at=now, is_full=full, pages=0, changes=0, new_changes=0)
    session.add(sync)
    session.flush()
    return sync


def count_pages(session: Session, sync_id: int, pages: int, stored: Stored) -> None:
    """Add pages that are stored to their run. Raises Conflict when the run was given up for lost meanwhile."""
    counted = {"sync": sync_id, "read": pages, "stored": stored.changes, "new": stored.new}
    if session.connection().execute(_COUNTED, counted).rowcount != 1:
        raise Conflict(TAKEN_OVER)


def note_reach(session: Session, sync: Sync, seen_up_to: datetime | None, reaches_back_to: datetime) -> None:
    """The walk came to its end: later ones begin where it began, and count on what it brought.

    Moments that have not come yet are not believed: a server with a wrong clock would seem to be quiet for good.
    """
    source = session.get_one(Source, sync.source_id)
    newest = seen_up_to or source.seen_up_to or queries.newest_update(session, source.id) or reaches_back_to
    source.seen_up_to = min(max(newest, source.seen_up_to or newest), sync.started_at)
    source.reaches_back_to = min(source.reaches_back_to or reaches_back_to, reaches_back_to)
    session.flush()


def count_open(session: Session, source: Source) -> None:
    """Keep with a source how much is open there, so that a page of the queue need not count. Two statements."""
    projects, by_turn = queries.open_by_project(session, source.id), queries.open_by_turn(session, source.id)
    source.open_count = sum(number for _name, number in projects)
    source.open_projects = "\n".join(f"{name}\t{number}" for name, number in projects[: queries.SUGGESTED_PROJECTS])
    source.on_reviewers = by_turn.get(rules.WaitingOn.REVIEWER.value, 0)
    source.on_authors = by_turn.get(rules.WaitingOn.AUTHOR.value, 0)


def finish_sync(session: Session, sync: Sync, *, due_at: datetime, now: datetime) -> None:
    """All is done: count what is open, clear what failed before, and give the source back."""
    source = session.get_one(Source, sync.source_id)
    count_open(session, source)
    source.synced_at = now
    source.failure, source.failure_detail, source.failed_at = None, "", None
    due.schedule(session, Source, Source.id == source.id, due_at)
    nudge(session, SEARCH_SWEEP)
    _end(session, sync, SyncOutcome.DONE, now)


def break_off_sync(session: Session, sync: Sync, now: datetime) -> None:
    """The run was stopped from here: the source can be synced again at once."""
    due.release(session, Source, Source.id == sync.source_id)
    _end(session, sync, SyncOutcome.LOST, now)


def fail_sync(
    session: Session, sync: Sync, code: str, detail: str, *, every: timedelta, retry_after: timedelta, now: datetime
) -> None:
    """The source gave no good answer: say so, leave what is stored as it is, and try again later and later."""
    source = session.get_one(Source, sync.source_id)
    source.failure, source.failure_detail, source.failed_at = code[:32], detail[:300], now
    sync.failure, sync.failure_detail = source.failure, source.failure_detail
    back_off = BackOff(first=every, factor=2, longest=max(every, LONGEST_BACKOFF))
    due.put_off(session, Source, Source.id == source.id, back_off, now, at_least=retry_after)
    _end(session, sync, SyncOutcome.FAILED, now)


def store_changes(session: Session, source_id: int, changes: Iterable[RemoteChange]) -> Stored:
    """Store changes with what the rules say of each. What is stored never moves back in time.

    A change that came twice counts once. Their authors become due, see `settle_authors`.
    """
    latest = {change.key: change for change in sorted(changes, key=lambda change: change.updated_at)}
    known = queries.stored_ids(session, source_id, latest)
    rows = [_row(source_id, change) for change in latest.values()]
    fresh = [row for row in rows if row["key"] not in known]
    moved = [{**row, "row_id": known[row["key"]]} for row in rows if row["key"] in known]
    if fresh:
        insert_rows(session, _changes, fresh)
    if moved:
        session.connection().execute(_UPDATE, moved)
    if rows:
        queue_indexing(session, SEARCHED, {"source": source_id, "keys": list(latest)})
    _mark_due(session, source_id, {row["author_username"] for row in rows})
    return Stored(len(rows), len(fresh))


def settle_authors(session: Session, source_id: int, verdicts: Sequence[Verdict], limit: int) -> None:
    """Mark which changes are a newcomer's, now that it is known of these authors."""
    connection = session.connection()
    spans = [
        {"source": source_id, "username": verdict.username, "until": verdict.until or NEVER} for verdict in verdicts
    ]
    connection.execute(_TO_VETERAN, spans)
    connection.execute(_TO_NEWCOMER, spans)
    answers = [
        {"row_id": change_id, "merged": merged, "newcomer": rules.is_newcomer(merged, limit)}
        for verdict in verdicts
        for change_id, merged in verdict.answers.items()
    ]
    if answers:
        connection.execute(_ANSWERED, answers)
    settled_authors = [
        {"row_id": verdict.author_id, "before": verdict.asked_before, "merged": verdict.asked_merged}
        for verdict in verdicts
    ]
    connection.execute(_SETTLED, settled_authors)


def _row(source_id: int, change: RemoteChange) -> dict[str, Any]:
    wait = rules.wait_state_of(change)
    is_open = change.state is ChangeState.OPEN
    return {
        "source_id": source_id,
        "key": change.key,
        "number": change.number,
        "change_id": _fit(change.change_id, 64) if change.change_id else None,
        "project": _fit(change.project, 255),
        "url": _web(change.url),
        "title": _fit(change.title, 500),
        "author_username": _fit(change.author.username, 255),
        "author_name": _fit(change.author.name, 255),
        "author_is_bot": change.author.is_bot,
        "state": change.state.value,
        "work_in_progress": change.work_in_progress,
        "patchsets": min(change.patchsets, MOST_PATCHSETS),
        "insertions": change.insertions,
        "deletions": change.deletions,
        "created_at": change.created_at,
        "updated_at": change.updated_at,
        "closed_at": None if is_open else change.closed_at or wait.since,
        "first_response_at": wait.first_response_at,
        "waiting_on": wait.waiting_on.value,
        "waiting_since": wait.since,
        "waiting_reason": wait.reason.value if wait.reason else None,
        "is_newcomer": False,
        "author_merged": None,
    }


def _fit(text: str, length: int) -> str:
    """As much as the column holds, without what databases refuse: NUL, and halves of characters."""
    if len(text) <= length and text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:length]


def _web(url: str) -> str:
    """An address that pages may link to; empty for anything else, such as a script or an address cut in two."""
    return _fit(url, 500) if url.startswith(("https://", "http://")) and len(url) <= 500 else ""


def _mark_due(session: Session, source_id: int, usernames: set[str]) -> None:
    connection = session.connection()
    parameters = {"source": source_id, "usernames": list(usernames)}
    known = {username: is_due for username, is_due in connection.execute(_KNOWN_AUTHORS, parameters)}  # noqa: C416
    settled = [name for name, is_due in known.items() if not is_due]
    unknown = sorted(usernames - known.keys())
    if settled:
        is_settled = (_authors.c.source_id == source_id, _authors.c.username.in_(settled))
        connection.execute(update(_authors).where(*is_settled).values(is_due=True))
    if unknown:
        rows = [
            {"source_id": source_id, "username": name, "is_due": True, "asked_before": None, "asked_merged": 0}
            for name in unknown
        ]
        connection.execute(insert(_authors), rows)


def _end(session: Session, sync: Sync, outcome: SyncOutcome, now: datetime) -> None:
    sync.outcome, sync.finished_at = outcome.value, now
    session.flush()


# What these do not touch (is_newcomer, author_merged) is settled by author, below.
_UPDATE = (
    update(_changes)
    .where(_changes.c.id == bindparam("row_id"), _changes.c.updated_at <= bindparam("updated_at"))
    .values(
        {
            column: bindparam(column.name)
            for column in _changes.c
            if column.name not in {"id", "source_id", "key", "is_newcomer", "author_merged"}
        }
    )
)
_COUNTED = (
    update(_syncs)
    .where(_syncs.c.id == bindparam("sync"), _syncs.c.outcome == SyncOutcome.RUNNING.value)
    .values(
        pages=_syncs.c.pages + bindparam("read"),
        changes=_syncs.c.changes + bindparam("stored"),
        new_changes=_syncs.c.new_changes + bindparam("new"),
    )
)
_KNOWN_AUTHORS = select(_authors.c.username, _authors.c.is_due).where(
    _authors.c.source_id == bindparam("source"), _authors.c.username.in_(bindparam("usernames", expanding=True))
)
_BY_AUTHOR = (
    _changes.c.source_id == bindparam("source"),
    _changes.c.author_username == bindparam("username"),
    _changes.c.author_merged.is_(None),
)
_TO_VETERAN = (
    update(_changes)
    .where(*_BY_AUTHOR, _changes.c.created_at > bindparam("until"), _changes.c.is_newcomer == true())
    .values(is_newcomer=False)
)
_TO_NEWCOMER = (
    update(_changes)
    .where(*_BY_AUTHOR, _changes.c.created_at <= bindparam("until"), _changes.c.is_newcomer == false())
    .values(is_newcomer=True)
)
_ANSWERED = (
    update(_changes)
    .where(_changes.c.id == bindparam("row_id"))
    .values(author_merged=bindparam("merged"), is_newcomer=bindparam("newcomer"))
)
_SETTLED = (
    update(_authors)
    .where(_authors.c.id == bindparam("row_id"))
    .values(is_due=False, asked_before=bindparam("before"), asked_merged=bindparam("merged"))
)
