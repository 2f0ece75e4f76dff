"""What the portal knows of contributions: sources, changes, and what is stored of their authors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, func, literal, or_, select, true
from sqlalchemy.orm import Session

from portal.contributions.models import Change, ChangeAuthor, Source
from portal.core.due import is_due
from portal.core.matching_words import has_words
from portal.core.rows import run_prepared
from portal.forges.shapes import ChangeState
from portal.people.models import Account

SUGGESTED_PROJECTS = 60
_changes: Table = Change.__table__  # type: ignore[assignment]  # a declared class always has a Table
IS_OPEN: ColumnElement[bool] = Change.state == literal(ChangeState.OPEN.value, literal_execute=True)
"""Open changes. The word itself stands in the SQL: only then does a database see that its partial indexes fit."""
SHOWN = (
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
"""What pages show of a change."""


@dataclass(slots=True)
class History:
    """What is stored of an author on one source. `opened` holds id, creation and, where asked, the server's answer."""

    author_id: int
    username: str
    asked_before: datetime | None
    asked_merged: int
    merges: list[datetime]
    opened: list[tuple[int, datetime, int | None]]


def sources(session: Session) -> list[Source]:
    """Every source by name, those included that left the settings (`is_active` false): their changes are not shown."""
    return list(session.scalars(select(Source).order_by(Source.name, Source.id)))


def open_changes_of_people(session: Session, person_ids: Collection[int], apart: int, limit: int = 20) -> Sequence[Any]:
    """The open changes of these people by the accounts they name, each with its `person_id` and `source_name`.

    Those that wait longest first: at most `limit` of the person `apart`, and as many of all others. One statement.
    """
    values = {"people": list(person_ids), "apart": apart, "most": limit}
    return run_prepared(session, _OPEN_CHANGES_OF_PEOPLE, values).all()


def _open_changes_of_people() -> Select[Any]:
    group = case((Account.person_id == bindparam("apart"), 1), else_=0)
    order = (Change.waiting_since, Change.id)
    position = func.row_number().over(partition_by=group, order_by=order).label("position")
    changes: Any = select(*SHOWN, Account.person_id, Source.name.label("source_name"), position)
    changes = changes.join(Source, Source.id == Change.source_id)
    is_authors_account = and_(Account.service == Source.slug, Account.username == Change.author_username)
    are_theirs = Account.person_id.in_(bindparam("people", expanding=True))
    ranked = changes.join(Account, is_authors_account).where(IS_OPEN, Source.is_active == true(), are_theirs).subquery()
    shown: Select[Any] = select(ranked).where(ranked.c.position <= bindparam("most"))
    return shown.order_by(ranked.c.waiting_since, ranked.c.id)


# Every dashboard asks it: it is built once.
_OPEN_CHANGES_OF_PEOPLE = _open_changes_of_people()


def open_changes_in(session: Session, projects: Iterable[tuple[str, str]], limit: int = 5) -> Sequence[Any]:
    """The open changes of these projects, given as (slug of the source, name), each row with its `source_slug` and
    `source_name`; those that wait longest first. One statement.
    """
    named = [and_(Source.slug == slug, Change.project == project) for slug, project in projects]
    if not named:
        return []
    source = (Source.slug.label("source_slug"), Source.name.label("source_name"))
    query = select(*SHOWN, *source).join(Source, Source.id == Change.source_id)
    query = query.where(IS_OPEN, Source.is_active == true(), or_(*named))
    return session.execute(query.order_by(Change.waiting_since, Change.id).limit(limit)).all()


def source_by_slug(session: Session, slug: str) -> Source:
    """The source of that name in the settings."""
    return session.scalars(select(Source).where(Source.slug == slug)).one()


def sources_due(session: Session, now: datetime) -> list[Source]:
    """Sources that are to be synced and that nobody is syncing; the longest due first."""
    waiting = select(Source).where(Source.is_active == true(), is_due(Source, now))
    return list(session.scalars(waiting.order_by(Source.due_at, Source.id)))


def stored_ids(session: Session, source_id: int, keys: Collection[str]) -> dict[str, int]:
    """Which of these changes are stored, by key."""
    parameters = {"source": source_id, "keys": list(keys)}
    return {key: row_id for key, row_id in session.connection().execute(_STORED_IDS, parameters)}  # noqa: C416


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


def open_by_turn(session: Session, source_id: int) -> dict[str, int]:
    """How many open changes of a source wait on whom."""
    query = select(Change.waiting_on, func.count()).where(IS_OPEN, Change.source_id == source_id)
    return {side: number for side, number in session.execute(query.group_by(Change.waiting_on))}  # noqa: C416


def open_projects_with(session: Session, words: str, most: int) -> list[str]:
    """The names that hold these words, of projects with an open change; at most so many. One statement.

    It goes from name to name along the index, so that it costs what there are projects, however many changes are open.
    """
    names = select(func.min(Change.project).label("name")).where(IS_OPEN).cte("names", recursive=True)
    next_one = select(func.min(Change.project)).where(IS_OPEN, Change.project > names.c.name).scalar_subquery()
    names = names.union_all(select(next_one).where(names.c.name.is_not(None)))
    found = select(names.c.name).where(names.c.name.is_not(None), has_words(words, names.c.name))
    return list(session.scalars(found.limit(most)))


def due_histories(
    session: Session, source_id: int, reaches_back_to: datetime, limit: int, at_most: int
) -> list[History]:
    """What is known of authors that must be looked at again. `limit` merges of each are enough to decide."""
    query = select(ChangeAuthor.id, ChangeAuthor.username, ChangeAuthor.asked_before, ChangeAuthor.asked_merged)
    query = (
        query.where(ChangeAuthor.source_id == source_id, ChangeAuthor.is_due == true())
        .order_by(ChangeAuthor.id)
        .limit(at_most)
    )
    histories = {row.username: History(row.id, *row[1:], merges=[], opened=[]) for row in session.execute(query)}
    if not histories:
        return []
    for username, moment in session.execute(_merges(source_id, reaches_back_to, list(histories), limit)):
        histories[username].merges.append(moment)
    opened = select(Change.author_username, Change.id, Change.created_at, Change.author_merged)
    opened = opened.where(IS_OPEN, Change.source_id == source_id, Change.author_username.in_(histories))
    for username, row_id, created_at, merged in session.execute(opened.order_by(Change.created_at)):
        histories[username].opened.append((row_id, created_at, merged))
    return list(histories.values())


# Built once: a sync asks it for every page.
_STORED_IDS = select(_changes.c.key, _changes.c.id).where(
    _changes.c.source_id == bindparam("source"), _changes.c.key.in_(bindparam("keys", expanding=True))
)


def _merges(source_id: int, reaches_back_to: datetime, usernames: list[str], limit: int) -> Select[*tuple[Any, ...]]:
    """The first merges of each author, and the first since the records of the source are complete."""
    complete = case((Change.closed_at >= reaches_back_to, 1), else_=0)
    rank = func.row_number().over(partition_by=(Change.author_username, complete), order_by=Change.closed_at)
    merged = (Change.source_id == source_id, Change.state == ChangeState.MERGED.value)
    ranked = (
        select(Change.author_username, Change.closed_at, rank.label("rank"))
        .where(*merged, Change.author_username.in_(usernames))
        .subquery()
    )
    query = select(ranked.c.author_username, ranked.c.closed_at).where(ranked.c.rank <= limit)
    return query.order_by(ranked.c.closed_at)
