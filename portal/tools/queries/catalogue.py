"""Tools and their records: the list, its filters, one tool. A page takes the same few SQL statements, however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased, joinedload, undefer

from portal.core.counting import ListCount, Total, count_page, count_rows
from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.core.matching_words import has_words
from portal.core.paging import Keyset, Page, page_of
from portal.tools import rules
from portal.tools.models import Facet, Tool, ToolFacet, ToolPerson, ToolTerm

CHOICES = {Facet.TYPE: 20, Facet.LICENSE: 60, Facet.LANGUAGE: 100, Facet.KEYWORD: 60, Facet.WIKI: 40}
"""How many words of each facet the filters offer: those which most tools name."""
WANTED = "wanted"
ALL = "all"


@dataclass(frozen=True, slots=True)
class ToolFilters:
    """What the list is narrowed down to. Empty means all."""

    text: str = ""
    tool_type: str = ""
    language: str = ""
    license: str = ""
    keyword: str = ""
    wiki: str = ""
    maintainer: str = ""
    needs_owner: bool = False


@dataclass(frozen=True, slots=True)
class ToolListing:
    """A page of tools, their keywords by id, and the cursor of those that follow (None: these were the last)."""

    rows: Sequence[Any]
    keywords: dict[int, list[str]]
    next_cursor: str | None


_SHOWN = (
    Tool.id,
    Tool.name,
    Tool.title,
    Tool.title_key,
    Tool.summary,
    Tool.tool_type,
    Tool.is_deprecated,
    Tool.is_experimental,
    Tool.wanted_since,
)


def tools_page(session: Session, filters: ToolFilters, *, cursor: str = "", limit: int = 50) -> ToolListing:
    """A page of tools by title: at most two statements. Raises Invalid for a cursor that is none of ours."""
    query = _narrowed(select(*_SHOWN), filters)
    shown, more = page_of(session, query, Keyset(Tool.id, by=Tool.title_key), cursor, limit)
    return ToolListing(shown, _keywords(session, [row.id for row in shown]), more)


def count_tools(
    session: Session, filters: ToolFilters, listing: ToolListing, cursor: str, everything: int
) -> ListCount:
    """What this page says of the list of `everything`: at most one statement."""
    page, all_tools = Page(list(listing.rows), listing.next_cursor), Total(everything)
    if filters == ToolFilters():
        return count_page(page, cursor, lambda: all_tools)
    found = _narrowed(select(Tool.id), filters)
    return count_page(page, cursor, lambda: count_rows(session, found), lambda: all_tools)


def tools_for_adoption(session: Session, limit: int) -> Sequence[Tool]:
    """Tools that look for an owner, the latest to do so first, each with who said so. One statement."""
    query = select(Tool).where(Tool.wanted_since.is_not(None)).options(joinedload(Tool.wanted_by))
    return session.scalars(query.order_by(Tool.wanted_since.desc(), Tool.id.desc()).limit(limit)).all()


def words_of_wanted(session: Session, limit: int) -> list[tuple[str, str, list[str]]]:
    """Tools that look for an owner, the latest to do so first: name, title, and the words that say what they are made
    of (keywords, technologies). One statement.
    """
    query = select(Tool.name, Tool.title, Tool.record).where(Tool.wanted_since.is_not(None))
    rows = session.execute(query.order_by(Tool.wanted_since.desc(), Tool.id.desc()).limit(limit)).all()
    return [(row.name, row.title, rules.technologies(row.record)) for row in rows]


def terms(session: Session) -> dict[str, list[tuple[str, int]]]:
    """The words of each facet, each with the number of tools that the filter finds by it, the most first; under
    WANTED the number of tools that look for an owner, and under ALL that of all tools. One statement.
    """
    by_kind: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    looking = select(literal(WANTED), literal(""), func.count()).where(Tool.wanted_since.is_not(None))
    everything = select(literal(ALL), literal(""), func.count()).select_from(Tool)
    rows = session.execute(union_all(select(ToolTerm.kind, ToolTerm.value, ToolTerm.tools), looking, everything))
    for kind, value, number in sorted(rows, key=lambda row: (-row.tools, row.value)):
        by_kind[kind].append((value, number))
    return by_kind


def tool(session: Session, name: str) -> Tool:
    """One tool with its record. Raises NotFound."""
    query = select(Tool).where(Tool.name == name).options(undefer(Tool.record), joinedload(Tool.wanted_by))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(lazy("There is no tool of that name. The list of tools has them all."))
    return row


def records(session: Session, batch: int = 200) -> Iterator[dict[str, Any]]:
    """Every record by id, read in batches."""
    last = 0
    while True:
        query = select(Tool.id, Tool.record).where(Tool.id > last).order_by(Tool.id).limit(batch)
        rows = session.execute(query).all()
        yield from (row.record for row in rows)
        if len(rows) < batch:
            return
        last = rows[-1].id


def version(session: Session) -> str:
    """A word that is another one whenever a record has come, gone or changed. One statement."""
    count, newest, last = session.execute(select(func.count(), func.max(Tool.changed_at), func.max(Tool.id))).one()
    return f"{count}-{last or 0}-{newest.isoformat() if newest else ''}"


def _narrowed(query: Any, filters: ToolFilters) -> Any:
    words = {
        Facet.TYPE: filters.tool_type,
        Facet.LICENSE: filters.license,
        Facet.KEYWORD: filters.keyword,
        Facet.LANGUAGE: filters.language,
        Facet.WIKI: filters.wiki,
    }
    for kind, word in words.items():
        if word:
            query = query.where(Tool.id.in_(_named_by(kind, word)))
    if filters.maintainer:
        query = query.where(Tool.id.in_(_looked_after_by(filters.maintainer)))
    if filters.needs_owner:
        query = query.where(Tool.wanted_since.is_not(None))
    return query.where(has_words(filters.text.casefold(), Tool.title_key, Tool.name)) if filters.text else query


def _named_by(kind: Facet, word: str) -> Select[int]:
    """Tools that name this word. Of keywords and wikis a part is enough, where no tool names the very word."""
    having = select(ToolFacet.tool_id).where(ToolFacet.kind == kind)
    very, values = rules.MATCHING[kind](word)[0], rules.MATCHING[kind](word)
    if kind not in {Facet.KEYWORD, Facet.WIKI}:
        return having.where(ToolFacet.value.in_(values))
    other = aliased(ToolFacet)
    is_named = exists().where(other.kind == kind, other.value == very)
    return having.where(or_(ToolFacet.value.in_(values), and_(~is_named, has_words(very, ToolFacet.value))))


def _looked_after_by(name: str) -> Select[int]:
    """Tools whose record names somebody who is called so, or whose account is, in whole or in part."""
    called = has_words(name, ToolPerson.name, ToolPerson.wiki_username, ToolPerson.developer_username)
    return select(ToolPerson.tool_id).where(called)


def _keywords(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    by_tool: defaultdict[int, list[str]] = defaultdict(list)
    if not ids:
        return by_tool
    query = select(ToolFacet.tool_id, ToolFacet.value).where(ToolFacet.tool_id.in_(ids))
    query = query.where(ToolFacet.kind == Facet.KEYWORD).order_by(ToolFacet.value)
    for tool_id, word in session.execute(query):
        by_tool[tool_id].append(word)
    return by_tool
