"""Indexing rows: whoever writes queues them, a sweep asks the room for their documents and stores their tokens.

So a sync need not wait for the index. What is due is leased, and deleted in the unit of work that stores its tokens:
nothing is lost with a killed worker, and a row that moves meanwhile is noted anew. What fails waits longer each time
and hinders nothing else; in the end it is given up, which the log and `portal doctor` tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, Index, String, Table, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock, due
from portal.core.database import Base
from portal.core.due import BackOff, DueOnce
from portal.core.feature import features_of
from portal.core.i18n import stored_languages
from portal.core.jobs import Portal, nudge
from portal.core.search_text import index_tokens, title_key_of

log = structlog.get_logger()
SWEEP = "search.index"
BATCH_ROWS = 500
BUDGET_SECONDS = 20
"""After so long a sweep steps back behind the others and goes on later."""


LEASE = timedelta(minutes=5)
BACK_OFF = BackOff(first=timedelta(minutes=1), factor=5, longest=timedelta(hours=12), attempts=7)


class SearchDue(DueOnce, Base):
    """Rows that must be indexed again. `about` tells the feature which; nobody else reads it."""

    __tablename__ = "search_due"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[dict[str, Any]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """What a row is found by. `position` as core/search.py makes it; `fields` are texts by the sign of their field.

    `exact` are tokens that are found as they are, such as "#python". `languages` are those of the texts, as far as
    anybody knows, beside those in which everything may be.
    """

    row_id: int
    position: int
    title: str
    fields: Sequence[tuple[str, str]]
    exact: Sequence[str] = ()
    languages: Sequence[str] = ()

    @property
    def token_text(self) -> str:
        """Every token with the sign of its field, each once."""
        languages = tuple(dict.fromkeys((*stored_languages(), *self.languages)))
        tokens = (sign + word for sign, text in self.fields for word in index_tokens(text, languages))
        return " ".join(dict.fromkeys((*tokens, *self.exact)))


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Some rows that were read, the documents of those that can be found, and which rows are left."""

    row_ids: Iterable[int]
    documents: Iterable[SearchDocument]
    rest: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """A kind of rows that search knows: where their tokens are kept, and how the room that has them makes documents."""

    kind: str
    table: Table
    documents: Callable[[Session, dict[str, Any]], DocumentBatch]


_due: Table = SearchDue.__table__  # type: ignore[assignment]  # a declared class always has a Table


def queue_indexing(session: Session, kind: str, about: dict[str, Any]) -> None:
    """These rows are new or say something else now. Whoever is not in a hurry leaves it to the schedule."""
    session.connection().execute(insert(_due), {"kind": kind, "about": about, "due_at": clock.now()})


def reindex(session: Session, kind: str, row_ids: Iterable[int]) -> None:
    """These rows are new or say something else now, and are found by it a moment after the commit."""
    if ids := list(row_ids):
        queue_indexing(session, kind, {"ids": ids})
        nudge(session, SWEEP)


def remove_from_index(session: Session, table: Table, row_ids: Iterable[int]) -> None:
    """Nothing finds these rows any more, from this moment on."""
    session.connection().execute(delete(table).where(table.c.row_id.in_(list(row_ids))))


def rows_to_index(session: Session, row_id: Any, about: dict[str, Any]) -> tuple[list[int], dict[str, Any] | None]:
    """The rows that `about` names (`ids`), or the next of all rows (`after` an id), and what is left of them then."""
    if "ids" in about:
        return about["ids"], None
    following = select(row_id).where(row_id > about["after"]).order_by(row_id).limit(BATCH_ROWS)
    ids = list(session.scalars(following))
    return ids, {"after": ids[-1]} if len(ids) == BATCH_ROWS else None


def index_documents(portal: Portal) -> None:
    """Index all that is due, some hundred rows in a unit of work."""
    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until:
        if not index_next(portal):
            return
    portal.nudge_queue(SWEEP)


def index_next(portal: Portal) -> bool:
    """Index what waits longest, some hundred rows in a unit of work. False when nothing is due or another has it.

    Raises KeyboardInterrupt as it came: somebody else can take up at once what was broken off.
    """
    with portal.unit_of_work() as session:
        lease = _lease(session, clock.now())
    if lease is None:
        return False
    try:
        _index(portal, lease)
    except KeyboardInterrupt:
        with portal.unit_of_work() as session:
            due.release(session, SearchDue, due.held(SearchDue, lease))
        raise
    return True


def _lease(session: Session, now: datetime) -> str | None:
    """Take the oldest that is due, unless another worker has any: two must not index a row at once."""
    taken = select(SearchDue.id).where(SearchDue.leased_until > now).limit(1)
    oldest = select(SearchDue.id).where(due.is_due(SearchDue, now)).order_by(SearchDue.id).limit(1)
    if session.scalar(taken) is not None or (row_id := session.scalar(oldest)) is None:
        return None
    return due.lease_due(session, SearchDue, SearchDue.id == row_id, now, LEASE)


def _index(portal: Portal, lease: str) -> None:
    held = due.held(SearchDue, lease)
    try:
        with portal.unit_of_work() as session:
            _index_some(session, session.scalars(select(SearchDue).where(held)).one())
    except Exception:
        log.exception("not indexed")
        with portal.unit_of_work() as session:
            due.put_off(session, SearchDue, held, BACK_OFF, clock.now())


def _index_some(session: Session, row: SearchDue) -> None:
    # A feature that is gone has no documents.
    if search_index := features_of(session).search_indexes.get(row.kind):
        batch = search_index.documents(session, row.about)
        _replace(session, search_index.table, list(batch.row_ids), list(batch.documents))
        if batch.rest is not None:
            queue_indexing(session, row.kind, batch.rest)
    session.delete(row)


def _replace(session: Session, table: Table, row_ids: list[int], documents: list[SearchDocument]) -> None:
    """What these rows are found by, in place of what they were; those without a document are found no more."""
    fresh = {document.row_id: _values(document) for document in documents}
    connection = session.connection()
    stored = connection.execute(select(table).where(table.c.row_id.in_(row_ids))).mappings()
    same = {row["row_id"] for row in stored if fresh.get(row["row_id"]) == dict(row)}
    remove_from_index(session, table, [row_id for row_id in row_ids if row_id not in same])
    if added := [values for row_id, values in fresh.items() if row_id not in same]:
        connection.execute(insert(table), added)


def _values(document: SearchDocument) -> dict[str, Any]:
    return {
        "row_id": document.row_id,
        "position": document.position,
        "title_key": title_key_of(document.title),
        "words": document.token_text,
    }
