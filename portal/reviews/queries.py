"""What is shown of the review queue. Every page takes the same few SQL statements, however many changes there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from portal.contributions.models import Change, Source, Sync
from portal.contributions.queries import IS_OPEN, SHOWN, open_projects_with
from portal.contributions.rules import WaitingOn
from portal.core.counting import ListCount, Total, count_page, count_rows
from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.core.matching_words import has_words
from portal.core.paging import Keyset, Page, page_of
from portal.core.rows import run_prepared
from portal.forges.forge import Forges, forges_of
from portal.forges.shapes import ChangeState

SORTS: dict[str, Any] = {
    "since": Change.waiting_since,
    "created": Change.created_at,
    "updated": Change.updated_at,
}
"""What the queue can be sorted by; a leading "-" turns the order round, so that the newest comes first."""
MOST_PROJECTS = 200
"""Where what was typed is a part of more names of projects than this, the changes themselves are looked at."""


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed down to. Empty means all."""

    source: str = ""
    project: str = ""
    waiting_on: str = ""
    newcomer: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """The queue in numbers. `oldest_since`: since when the change waits that has waited longest on a reviewer."""

    open: int
    waiting_on_reviewer: int
    oldest_since: datetime | None


def waiting(
    session: Session,
    sources: Sequence[Source],
    filters: QueueFilters = QueueFilters(),
    *,
    sort: str = "since",
    cursor: str = "",
    limit: int = 50,
) -> Page[Any]:
    """A page of the open changes of these sources: one statement. Raises Invalid for a cursor that is none of ours."""
    column, descending = SORTS[sort.removeprefix("-")], sort.startswith("-")
    query = _wanted(session, sources, filters)
    return page_of(session, query, Keyset(Change.id, by=column, descending=descending), cursor, limit)


def count_waiting(
    session: Session, sources: Sequence[Source], filters: QueueFilters, page: Page[Any], cursor: str
) -> ListCount:
    """What this page says of the queue: at most one statement, and none where the last sync has counted."""
    opened = Total(sum(source.open_count for source in sources if source.is_active))
    if filters == QueueFilters():
        return count_page(page, cursor, lambda: opened)
    return count_page(page, cursor, lambda: _count_found(session, sources, filters), lambda: opened)


def change(session: Session, change_id: int) -> Change:
    """One change with its source. Raises NotFound for one that is not there, or whose source left the settings."""
    of_shown = select(Change).join(Change.source).where(Change.id == change_id, Source.is_active == true())
    found = session.scalars(of_shown.options(contains_eager(Change.source))).one_or_none()
    if found is None:
        raise NotFound(lazy("There is no such change here. It may have left its server, or its server left this site."))
    return found


def changes_page(
    session: Session, sources: Sequence[Source], conditions: Mapping[str, Any], *, cursor: str = "", limit: int = 50
) -> Page[Change]:
    """A page of changes of any state, the latest created first.

    `conditions` maps columns to values. The order never changes, so that who walks the pages meets each change once.
    """
    query = _of_active(select(Change), sources).where(*_equal(conditions))
    if "author_username" in conditions and "source_id" not in conditions:
        # Authors are found by source and name.
        query = query.where(Change.source_id.in_([source.id for source in sources]))
    return page_of(session, query, Keyset(Change.id, by=Change.created_at, descending=True), cursor, limit)


def longest_waiting_newcomers(session: Session, sources: Sequence[Source], limit: int = 5) -> Sequence[Any]:
    """Open changes of newcomers that wait on a reviewer; those that wait longest first."""
    filters = QueueFilters(waiting_on=WaitingOn.REVIEWER.value, newcomer=True)
    return waiting(session, sources, filters, limit=limit).rows


def _newcomers_waiting() -> Select[Any]:
    hidden = select(Source.id).where(Source.is_active == false())
    waiting_newcomers = (Change.waiting_on == WaitingOn.REVIEWER.value, Change.is_newcomer == literal(True))
    # As in `_of_active`: a negation, so that the index is used that has the rows in order.
    rows: Any = select(*SHOWN).where(IS_OPEN, *waiting_newcomers, Change.source_id.not_in(hidden))
    longest: Select[Any] = rows.order_by(Change.waiting_since, Change.id).limit(bindparam("most"))
    return longest


# Every dashboard of a reviewer asks it: it is built once.
_NEWCOMERS_WAITING = _newcomers_waiting()


def newcomers_waiting(session: Session, limit: int) -> Sequence[Any]:
    """As `longest_waiting_newcomers`, without the sources: one statement, built before."""
    return run_prepared(session, _NEWCOMERS_WAITING, {"most": limit}).all()


def figures(session: Session, sources: Sequence[Source]) -> QueueFigures:
    """How much is open and how much of it waits on a reviewer: one statement."""
    on_reviewer = Change.waiting_on == WaitingOn.REVIEWER.value
    query = _of_active(select(func.count(), func.min(Change.waiting_since)).where(IS_OPEN, on_reviewer), sources)
    count, oldest = session.execute(query).one()
    opened = sum(source.open_count for source in sources if source.is_active)
    return QueueFigures(open=opened, waiting_on_reviewer=count, oldest_since=oldest)


def latest_syncs(session: Session, *, cursor: str = "", limit: int = 50) -> Page[Any]:
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
    return page_of(session, query, Keyset(Sync.id, by=Sync.started_at, descending=True), cursor, limit)


def count_syncs(session: Session, page: Page[Any], cursor: str) -> ListCount:
    """What this page says of the list of runs: at most one statement."""
    return count_page(page, cursor, lambda: count_rows(session, select(Sync.id)))


def _count_found(session: Session, sources: Sequence[Source], filters: QueueFilters) -> Total:
    if filters == QueueFilters(source=filters.source):
        return Total(sum(source.open_count for source in sources if source.slug == filters.source))
    return count_rows(session, _wanted(session, sources, filters))


def _wanted(session: Session, sources: Sequence[Source], filters: QueueFilters) -> Select[*tuple[Any, ...]]:
    query = _narrowed(select(*SHOWN).where(IS_OPEN), sources, filters)
    if filters.project:
        query = query.where(_in_project(session, sources, filters.project))
    return query.where(_matches_text(filters.text, forges_of(session))) if filters.text else query


def _in_project(session: Session, sources: Sequence[Source], typed: str) -> ColumnElement[bool]:
    """The change is in the project of this name, or where none is called so, in one that has it as a part of its."""
    if any(typed in source.projects for source in sources):
        return Change.project == typed
    names = open_projects_with(session, typed, MOST_PROJECTS + 1)
    if len(names) > MOST_PROJECTS:
        return has_words(typed, Change.project)
    very = [name for name in names if name.casefold() == typed.casefold()]
    return Change.project == very[0] if len(very) == 1 else Change.project.in_(very or names)


def _narrowed(
    query: Select[*tuple[Any, ...]], sources: Sequence[Source], filters: QueueFilters
) -> Select[*tuple[Any, ...]]:
    if filters.source:
        named = (source.id for source in sources if source.slug == filters.source and source.is_active)
        query = query.where(Change.source_id == next(named, 0))
    else:
        query = _of_active(query, sources)
    if filters.waiting_on:
        query = query.where(Change.waiting_on == filters.waiting_on)
    if filters.newcomer is not None:
        query = query.where(Change.is_newcomer == literal(filters.newcomer))
    return query


def _of_active(query: Select[*tuple[Any, ...]], sources: Sequence[Source]) -> Select[*tuple[Any, ...]]:
    """Leave out what belongs to sources that left the settings. Said only where there are any, and as a negation:
    a list of wanted sources would tempt a database away from the index that has the rows in order."""
    hidden = [source.id for source in sources if not source.is_active]
    return query.where(Change.source_id.not_in(hidden)) if hidden else query


def _equal(conditions: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """These columns have these values. What waits on somebody is open, and so is found among what is open."""
    criteria = [getattr(Change, column) == literal(value) for column, value in conditions.items() if column != "state"]
    state = conditions.get("state")
    waits = conditions.get("waiting_on") in {WaitingOn.AUTHOR.value, WaitingOn.REVIEWER.value}
    if state == ChangeState.OPEN.value or (state is None and waits):
        criteria.append(IS_OPEN)
    elif state is not None:
        criteria.append(Change.state == state)
    return criteria


def _matches_text(text: str, forges: Forges) -> ColumnElement[bool]:
    """Each word stands in the title, the project or the author's name; or it is the number, with or without a sign."""
    matching = has_words(text, Change.title, Change.project, Change.author_name, Change.author_username)
    number = text
    for sign in ("#", *(forge.number_sign for forge in forges.values())):
        number = number.removeprefix(sign)
    if number.isascii() and number.isdigit() and len(number) < 19:
        return or_(matching, Change.number == int(number))
    return matching
