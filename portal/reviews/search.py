"""How changes are found by search: by their title, project, author and number; open ones first, then the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Subquery, false, select, true
from sqlalchemy.orm import Session

from portal.contributions.models import CHANGE_SEARCH, Change, Source
from portal.core import search
from portal.core.i18n import lazy
from portal.core.indexing import DocumentBatch, SearchDocument, rows_to_index
from portal.core.search_groups import HitState, RowSearch, SearchGroup, SearchHit, SearchRequest
from portal.core.search_text import SearchQuery
from portal.forges.forge import Forge, forges_of
from portal.forges.shapes import ChangeState
from portal.reviews import references

FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
DAY_BITS = 18
_TOLD = (
    Change.id,
    Change.source_id,
    Change.key,
    Change.number,
    Change.change_id,
    Change.project,
    Change.url,
    Change.title,
    Change.author_name,
    Change.author_username,
    Change.state,
    Change.created_at,
    Source.kind,
)


def index_documents(session: Session, about: dict[str, Any]) -> DocumentBatch:
    """The words of a page of changes that a sync stored (`source`, `keys`), or of those that `rows_to_index` knows.

    Changes of sources that left the settings have none: nobody should have to walk past them.
    """
    rest = None
    if "keys" in about:
        keys = Change.key.in_(about["keys"])
        ids = list(session.scalars(select(Change.id).where(Change.source_id == about["source"], keys)))
    else:
        ids, rest = rows_to_index(session, Change.id, about)
    rows = session.execute(select(*_TOLD).join(Change.source).where(Change.id.in_(ids), Source.is_active == true()))
    forges = forges_of(session)
    return DocumentBatch(ids, [_document(forges[row.kind], row) for row in rows], rest)


@dataclass(frozen=True, slots=True)
class FoundChange:
    """What is shown of a change that was found; `number` stands as its source writes it."""

    id: int
    number: str
    project: str
    url: str
    title: str
    author: str
    state: str
    source: str
    position: int
    part: int
    is_meant: bool = False


def best(session: Session, query: SearchQuery) -> Sequence[FoundChange]:
    """The changes that fit best: whose number or address it is, those of just this title, of these very words, then all
    as far as they are counted. One statement.
    """
    meant = [search.SearchPart(_shown, 5, wanted) for wanted in _meant(session, query)]
    exact = search.SearchPart(_shown, 5, title=query)
    very = search.SearchPart(_shown, 5, search.whole_terms(query))
    matching = search.SearchPart(_shown, search.MOST_COUNTED + 1, search.terms(query))
    return _found_changes(session, search.find_rows(session, CHANGE_SEARCH, *meant, exact, very, matching), len(meant))


def page(session: Session, query: SearchQuery, before: int | None, limit: int) -> Sequence[FoundChange]:
    """Changes that fit, from a position on, and one more than `limit` where there are more. One statement."""
    by_address = references.meant_by_address(query.text, forges_of(session))
    wanted = [_whole(by_address)] if by_address else search.terms(query)
    matching = search.SearchPart(_shown, limit + 1, wanted, before=before)
    return _found_changes(session, search.find_rows(session, CHANGE_SEARCH, matching))


def _meant(session: Session, query: SearchQuery) -> list[list[list[search.Term]]]:
    """What must be found of the changes of which a number, a Change-Id or an address was typed; [] for other words."""
    if references.is_change_id(query.text):
        return [search.terms(query)]
    tokens = references.meant_by_words(query.text) or references.meant_by_address(query.text, forges_of(session))
    return [[_whole(tokens)]] if tokens else []


def _whole(tokens: Iterable[str]) -> list[search.Term]:
    return [(token, False) for token in tokens]


def _found_changes(session: Session, rows: Iterable[Any], meant_parts: int = 0) -> list[FoundChange]:
    forges = forges_of(session)
    return [
        FoundChange(
            id=row.id,
            number=forges[row.kind].number(row.number),
            project=row.project,
            url=row.url,
            title=row.title,
            author=row.author_name or row.author_username,
            state=row.state,
            source=row.source,
            position=row.position,
            part=row.part,
            is_meant=row.part < meant_parts,
        )
        for row in rows
    ]


def _shown(hits: Subquery) -> Select[Any]:
    """What is shown of the changes of active sources.

    Sources are asked beside the join, not in it: a database may begin a join with its smallest table, and then it
    would gather and sort all that fits.
    """
    columns = (Change.id, Change.number, Change.project, Change.url, Change.title, Change.author_name)
    of_source = select(Source.name).where(Source.id == Change.source_id).scalar_subquery().label("source")
    kind = select(Source.kind).where(Source.id == Change.source_id).scalar_subquery().label("kind")
    query: Any = select(*columns, Change.author_username, Change.state, of_source, kind, hits.c.position)
    shown: Select[Any] = query.select_from(hits).join(Change, Change.id == hits.c.row_id)
    return shown.where(Change.source_id.not_in(select(Source.id).where(Source.is_active == false())))


def _document(forge: Forge[Any], row: Any) -> SearchDocument:
    is_open = row.state == ChangeState.OPEN.value
    day = min(max((row.created_at - FIRST_DAY).days, 0), 2**DAY_BITS - 1)
    texts = (row.title, row.project, row.author_name, row.author_username, str(row.number), row.change_id or "")
    position = search.position_of(row.id, is_open << DAY_BITS | day)
    meant = references.tokens_of_change(forge, row)
    return SearchDocument(row.id, position, row.title, [("", text) for text in texts], meant)


def _best(request: SearchRequest) -> dict[str, Sequence[Any]]:
    return {GROUP.slug: best(request.session, request.query)}


def _page(request: SearchRequest, _group: str, before: int | None, limit: int) -> Sequence[Any]:
    return page(request.session, request.query, before, limit)


def _hit(change: FoundChange, _query: SearchQuery) -> SearchHit:
    notes = [change.project, change.number, change.author, change.source]
    state = STATES[change.state]
    here = SearchHit(change.title, "reviews.change", {"change_id": change.id})
    return replace(here, url=change.url, notes=notes, state=state, is_meant=change.is_meant)


STATES = {
    ChangeState.OPEN.value: HitState("open", lazy("open")),
    ChangeState.MERGED.value: HitState("done", lazy("merged")),
    ChangeState.ABANDONED.value: HitState("closed", lazy("closed unmerged")),
}
GROUP = SearchGroup(
    "changes",
    lazy("Changes"),
    lazy("by title, project, author and number, open or not"),
    order=70,
    lead=lazy("Open ones first, then the newest."),
    more_endpoint="reviews.queue",
    more_label=lazy("Look for it among the open changes of the queue"),
)
SEARCH = RowSearch((GROUP,), _best, _page, _hit)
