"""What is shown of the review queue. Every page takes the same few SQL statements, however many changes there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session

from portal.clients.shapes import ChangeState
from portal.core.paging import cursor_of, read_cursor
from portal.reviews.models import Author, Change, Source, Sync
from portal.reviews.rules import WaitingOn

SUGGESTED_PROJECTS = 60
SORTS: dict[str, Any] = {
    "since": Change.waiting_since,
    "created": Change.created_at,
    "updated": Change.updated_at,
}
"""What the queue can be sorted by; a leading "-" turns the order round, so that the newest comes first."""

IS_OPEN: ColumnElement[bool] = Change.state == literal(ChangeState.OPEN.value, literal_execute=True)
"""Open changes. The word itself stands in the SQL: only then does a database see that its partial indexes fit."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed down to. Empty means all."""

    source: str = ""
    project: str = ""
    waiting_on: str = ""
    newcomer: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Some rows of a list, and the cursor of those that follow (None: these were the last)."""

    rows: Sequence[Any]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The queue in numbers. `oldest_since`: since when the change waits that has waited longest on a reviewer."""

    open: int
    waiting_on_reviewer: int
    oldest_since: datetime | None


@dataclass(slots=True)
class History:
    """What is stored of an author on one source. `opened` holds id, creation and, where asked, the server's answer."""

    author_id: int
    username: str
    asked_before: datetime | None
    asked_merged: int
    merges: list[datetime]
    opened: list[tuple[int, datetime, int | None]]


_SHOWN = (
    Change.id,
    Change.source_id,
    Change.number,
    Change.project,
    Change.url,
    Change.title,
    Change.author_username,
    Change.author_name,
    Change.author_is_bot,
    Change.insertions,
    Change.deletions,
    Change.work_in_progress,
    Change.created_at,
    Change.updated_at,
    Change.waiting_on,
    Change.waiting_since,
    Change.waiting_reason,
    Change.is_newcomer,
)


def sources(session: Session) -> list[Source]:
    """Every source by name, those included that left the settings (`is_active` false): their changes are not shown."""
    return list(session.scalars(select(Source).order_by(Source.name, Source.id)))


def waiting(
    session: Session,
    here: Sequence[Source],
    filters: Filters = Filters(),
    *,
    sort: str = "since",
    cursor: str = "",
    limit: int = 50,
) -> Listing:
    """A page of the open changes of these sources: one statement. Raises Invalid for a cursor that is none of ours."""
    column, descending = SORTS[sort.removeprefix("-")], sort.startswith("-")
    query = _narrowed(select(*_SHOWN).where(IS_OPEN), here, filters)
    if cursor:
        query = query.where(_beyond(column, cursor, descending))
    order = (column.desc(), Change.id.desc()) if descending else (column, Change.id)
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    return _listing(rows, limit, column.key)


def listed(
    session: Session, here: Sequence[Source], conditions: Mapping[str, Any], *, cursor: str = "", limit: int = 50
) -> tuple[Sequence[Change], str | None]:
    """Changes of any state, the latest created first, and the cursor of those that follow.

    `conditions` maps columns to values. The order never changes, so that who walks the pages meets each change once.
    """
    query = _of_active(select(Change), here).where(*_equal(conditions))
    if "author_username" in conditions and "source_id" not in conditions:
        # Authors are found by source and name.
        query = query.where(Change.source_id.in_([source.id for source in here]))
    if cursor:
        query = query.where(_beyond(Change.created_at, cursor, True))
    rows = session.scalars(query.order_by(Change.created_at.desc(), Change.id.desc()).limit(limit + 1)).all()
    page = _listing(rows, limit, "created_at")
    return page.rows, page.next_cursor


def open_changes_of(
    session: Session, here: Sequence[Source], accounts: Iterable[tuple[str, str]], limit: int = 20
) -> Sequence[Any]:
    """The open changes of these accounts, given as (slug of the source, username); those that wait longest first."""
    ids = {source.slug: source.id for source in here if source.is_active}
    theirs = [(ids[slug], username) for slug, username in accounts if slug in ids]
    if not theirs:
        return []
    pairs = (and_(Change.source_id == one, Change.author_username == username) for one, username in theirs)
    query = select(*_SHOWN).where(IS_OPEN, or_(*pairs))
    return session.execute(query.order_by(Change.waiting_since, Change.id).limit(limit)).all()


def open_changes_in(session: Session, projects: Iterable[tuple[str, str]], limit: int = 5) -> Sequence[Any]:
    """The open changes of these projects, given as (slug of the source, name), each row with its `source_slug` and
    `source_name`; those that wait longest first. One statement.
    """
    named = [and_(Source.slug == slug, Change.project == project) for slug, project in projects]
    if not named:
        return []
    source = (Source.slug.label("source_slug"), Source.name.label("source_name"))
    query = select(*_SHOWN, *source).join(Source, Source.id == Change.source_id)
    query = query.where(IS_OPEN, Source.is_active == true(), or_(*named))
    return session.execute(query.order_by(Change.waiting_since, Change.id).limit(limit)).all()


def longest_waiting_newcomers(session: Session, here: Sequence[Source], limit: int = 5) -> Sequence[Any]:
    """Open changes of newcomers that wait on a reviewer; those that wait longest first."""
    filters = Filters(waiting_on=WaitingOn.REVIEWER.value, newcomer=True)
    return waiting(session, here, filters, limit=limit).rows


def figures(session: Session, here: Sequence[Source]) -> Figures:
    """How much is open and how much of it waits on a reviewer: one statement."""
    on_reviewer = Change.waiting_on == WaitingOn.REVIEWER.value
    query = _of_active(select(func.count(), func.min(Change.waiting_since)).where(IS_OPEN, on_reviewer), here)
    count, oldest = session.execute(query).one()
    opened = sum(source.open_count for source in here if source.is_active)
    return Figures(open=opened, waiting_on_reviewer=count, oldest_since=oldest)


def latest_syncs(session: Session, *, cursor: str = "", limit: int = 50) -> Listing:
    """A page of runs, the newest first."""
    query = select(
        Sync.id,
        Sync.started_at,
        Sync.finished_at,
        Sync.is_full,
        Sync.pages,
        Sync.changes,
        Sync.new_changes,
        Sync.outcome,
        Sync.failure,
        Sync.failure_detail,
        Source.name.label("source_name"),
    ).join(Sync.source)
    if cursor:
        query = query.where(_beyond(Sync.started_at, cursor, True, Sync.id))
    rows = session.execute(query.order_by(Sync.started_at.desc(), Sync.id.desc()).limit(limit + 1)).all()
    return _listing(rows, limit, "started_at")


def source_by_slug(session: Session, slug: str) -> Source:
    """The source of that name in the settings."""
    return session.scalars(select(Source).where(Source.slug == slug)).one()


def sources_due(session: Session, now: datetime) -> list[Source]:
    """Sources that are to be synced and that nobody is syncing; the longest due first."""
    free = or_(Source.leased_until.is_(None), Source.leased_until <= now)
    due = select(Source).where(Source.is_active == true(), Source.due_at <= now, free)
    return list(session.scalars(due.order_by(Source.due_at, Source.id)))


def stored_ids(session: Session, source_id: int, keys: Collection[str]) -> dict[str, int]:
    """Which of these changes are stored, by key."""
    query = select(Change.key, Change.id).where(Change.source_id == source_id, Change.key.in_(keys))
    return {row.key: row.id for row in session.connection().execute(query)}


def stored_updates(session: Session, source_id: int, keys: Collection[str]) -> dict[str, datetime]:
    """When each of these changes was last updated, as stored."""
    query = select(Change.key, Change.updated_at).where(Change.source_id == source_id, Change.key.in_(keys))
    return {row.key: row.updated_at for row in session.execute(query)}


def newest_update(session: Session, source_id: int) -> datetime | None:
    """When the change of a source that was updated last was updated, as stored."""
    return session.scalar(select(func.max(Change.updated_at)).where(Change.source_id == source_id))


def open_by_project(session: Session, source_id: int) -> list[tuple[str, int]]:
    """How many changes of each project are open on a source; the most first."""
    query = select(Change.project, func.count()).where(IS_OPEN, Change.source_id == source_id)
    query = query.group_by(Change.project).order_by(func.count().desc(), Change.project)
    return [(project, count) for project, count in session.execute(query)]


def due_histories(
    session: Session, source_id: int, reaches_back_to: datetime, limit: int, at_most: int
) -> list[History]:
    """What is known of authors that must be looked at again. `limit` merges of each are enough to decide."""
    query = select(Author.id, Author.username, Author.asked_before, Author.asked_merged)
    query = query.where(Author.source_id == source_id, Author.is_due == true()).order_by(Author.id).limit(at_most)
    found = {row.username: History(row.id, *row[1:], merges=[], opened=[]) for row in session.execute(query)}
    if not found:
        return []
    for username, moment in session.execute(_merges(source_id, reaches_back_to, list(found), limit)):
        found[username].merges.append(moment)
    opened = select(Change.author_username, Change.id, Change.created_at, Change.author_merged)
    opened = opened.where(IS_OPEN, Change.source_id == source_id, Change.author_username.in_(found))
    for username, row_id, created_at, merged in session.execute(opened.order_by(Change.created_at)):
        found[username].opened.append((row_id, created_at, merged))
    return list(found.values())


def _merges(source_id: int, reaches_back_to: datetime, usernames: list[str], limit: int) -> Select[*tuple[Any, ...]]:
    """The first merges of each author, and the first since the records of the source are complete."""
    complete = case((Change.closed_at >= reaches_back_to, 1), else_=0)
    place = func.row_number().over(partition_by=(Change.author_username, complete), order_by=Change.closed_at)
    merged = (Change.source_id == source_id, Change.state == ChangeState.MERGED.value)
    ranked = (
        select(Change.author_username, Change.closed_at, place.label("place"))
        .where(*merged, Change.author_username.in_(usernames))
        .subquery()
    )
    query = select(ranked.c.author_username, ranked.c.closed_at).where(ranked.c.place <= limit)
    return query.order_by(ranked.c.closed_at)


def _narrowed(query: Select[*tuple[Any, ...]], here: Sequence[Source], filters: Filters) -> Select[*tuple[Any, ...]]:
    if filters.source:
        named = (one.id for one in here if one.slug == filters.source and one.is_active)
        query = query.where(Change.source_id == next(named, 0))
    else:
        query = _of_active(query, here)
    if filters.project:
        query = query.where(Change.project == filters.project)
    if filters.waiting_on:
        query = query.where(Change.waiting_on == filters.waiting_on)
    if filters.newcomer is not None:
        query = query.where(Change.is_newcomer == literal(filters.newcomer))
    return query.where(_says(filters.text)) if filters.text else query


def _of_active(query: Select[*tuple[Any, ...]], here: Sequence[Source]) -> Select[*tuple[Any, ...]]:
    """Leave out what belongs to sources that left the settings. Said only where there are any, and as a negation:
    a list of wanted sources would tempt a database away from the index that has the rows in order."""
    hidden = [source.id for source in here if not source.is_active]
    return query.where(Change.source_id.not_in(hidden)) if hidden else query


def _equal(conditions: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """These columns have these values. What waits on somebody is open, and so is found among what is open."""
    found = [getattr(Change, column) == literal(value) for column, value in conditions.items() if column != "state"]
    state = conditions.get("state")
    waits = conditions.get("waiting_on") in {WaitingOn.AUTHOR.value, WaitingOn.REVIEWER.value}
    if state == ChangeState.OPEN.value or (state is None and waits):
        found.append(IS_OPEN)
    elif state is not None:
        found.append(Change.state == state)
    return found


def _says(text: str) -> ColumnElement[bool]:
    """The text stands in the title, the project or the author's name; or it is the number."""
    columns = (Change.title, Change.project, Change.author_name, Change.author_username)
    found = or_(*(column.icontains(text, autoescape=True) for column in columns))
    number = text.removeprefix("#").removeprefix("!")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return or_(found, Change.number == int(number))
    return found


def _beyond(column: Any, cursor: str, descending: bool, row_id: Any = Change.id) -> ColumnElement[bool]:
    value, last_id = read_cursor(cursor, datetime)
    place, last = tuple_(column, row_id), tuple_(literal(value, column.type), literal(last_id))
    beyond: ColumnElement[bool] = place < last if descending else place > last
    return beyond


def _listing(rows: Sequence[Any], limit: int, key: str) -> Listing:
    if len(rows) <= limit:
        return Listing(rows, None)
    last = rows[limit - 1]
    return Listing(rows[:limit], cursor_of(getattr(last, key), last.id))
