"""How tools are found by search: first by their title and name, then by their summary, keywords and authors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Subquery, select
from sqlalchemy.orm import Session

from portal.core import search
from portal.core.i18n import lazy
from portal.core.indexing import DocumentBatch, SearchDocument, rows_to_index
from portal.core.search_groups import HitState, RowSearch, SearchGroup, SearchHit, SearchRequest
from portal.core.search_text import SearchQuery
from portal.tools.models import TOOL_SEARCH, Facet, Tool, ToolFacet, ToolPerson

TITLE = "="
MOST_LANGUAGES = 3


def index_documents(session: Session, about: dict[str, Any]) -> DocumentBatch:
    """The words of the tools that `rows_to_index` knows."""
    ids, rest = rows_to_index(session, Tool.id, about)
    more: defaultdict[int, list[str]] = defaultdict(list)
    keywords = select(ToolFacet.tool_id, ToolFacet.value).where(ToolFacet.kind == Facet.KEYWORD)
    authors = select(ToolPerson.tool_id, ToolPerson.name)
    for query, tool_id in ((keywords, ToolFacet.tool_id), (authors, ToolPerson.tool_id)):
        for found_id, word in session.execute(query.where(tool_id.in_(ids))):
            more[found_id].append(word)
    tools = session.scalars(select(Tool).where(Tool.id.in_(ids)))
    languages = _languages(session, ids)
    return DocumentBatch(ids, [_document(tool, more[tool.id], languages[tool.id]) for tool in tools], rest)


def _languages(session: Session, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    """The languages of tools that speak few: of others nobody knows in which one they are described."""
    spoken = select(ToolFacet.tool_id, ToolFacet.value).where(ToolFacet.kind == Facet.LANGUAGE)
    languages: defaultdict[int, list[str]] = defaultdict(list)
    for tool_id, code in session.execute(spoken.where(ToolFacet.tool_id.in_(ids)).order_by(ToolFacet.value)):
        languages[tool_id].append(code)
    return defaultdict(list, {key: codes for key, codes in languages.items() if len(codes) <= MOST_LANGUAGES})


def best(session: Session, query: SearchQuery) -> Sequence[Any]:
    """The tools that fit best: of just this title, by title, then by anything that is said of them; of each those with
    the very words first. One statement.
    """
    most = search.MOST_COUNTED + 1
    exact = search.SearchPart(_shown, 5, title=query)
    title = (search.whole_terms(query, (TITLE,)), search.terms(query, (TITLE,)))
    very, all_of_them = search.whole_terms(query), search.terms(query)
    parts = (search.SearchPart(_shown, most, wanted) for wanted in (*title, very, all_of_them))
    return search.find_rows(session, TOOL_SEARCH, exact, *parts)


def page(session: Session, query: SearchQuery, before: int | None, limit: int) -> Sequence[Any]:
    """Tools that fit, from a position on, and one more than `limit` where there are more. One statement."""
    return search.find_rows(
        session, TOOL_SEARCH, search.SearchPart(_shown, limit + 1, search.terms(query), before=before)
    )


def _shown(hits: Subquery) -> Select[Any]:
    columns = (Tool.id, Tool.name, Tool.title, Tool.summary, Tool.is_deprecated, Tool.wanted_since)
    return select(*columns, hits.c.position).select_from(hits).join(Tool, Tool.id == hits.c.row_id)


def _document(tool: Tool, more: Sequence[str], languages: Sequence[str]) -> SearchDocument:
    names = (tool.title, tool.name)
    fields = [(TITLE, name) for name in names] + [("", text) for text in (*names, tool.summary, *more)]
    position = search.position_of(tool.id, not tool.is_deprecated)
    return SearchDocument(tool.id, position, tool.title, fields, languages=languages)


def _best(request: SearchRequest) -> dict[str, Sequence[Any]]:
    return {GROUP.slug: best(request.session, request.query)}


def _page(request: SearchRequest, _group: str, before: int | None, limit: int) -> Sequence[Any]:
    return page(request.session, request.query, before, limit)


def _hit(tool: Any, _query: SearchQuery) -> SearchHit:
    state = WANTED if tool.wanted_since else DEPRECATED if tool.is_deprecated else None
    args = {"name": tool.name}
    return SearchHit(
        tool.title, "tools.show", args, context=tool.summary, notes=[tool.name], names=[tool.name], state=state
    )


WANTED = HitState("stuck", lazy("looks for an owner"))
DEPRECATED = HitState("closed", lazy("no longer to be used"))
GROUP = SearchGroup("tools", lazy("Tools"), lazy("by title, summary, keywords and authors"), order=60)
SEARCH = RowSearch((GROUP,), _best, _page, _hit)
