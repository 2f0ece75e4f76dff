"""What one search box finds: the best of what each room has, or a page of one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.core.counting import ListCount, Total, count_page, whole
from portal.core.errors import Invalid
from portal.core.feature import Features
from portal.core.i18n import lazy
from portal.core.paging import cut, passed_by, read_cursor
from portal.core.search import MOST_COUNTED
from portal.core.search_groups import ContentText, RowSearch, SearchGroup, SearchHit, SearchRequest
from portal.core.search_nearness import nearness
from portal.core.search_text import SearchQuery, excerpt
from portal.home.content_index import content_index, searched_text

SHOWN = 5
PAGE = 50


@dataclass(frozen=True)
class GroupHits:
    """What was found of one group. `count` is how much there is in all, at most MOST_COUNTED, then with `is_more`.

    `place` says of a page which of them stand on it.
    """

    group: SearchGroup
    hits: Sequence[SearchHit]
    count: int
    is_more: bool = False
    nearness: int = 0
    next_cursor: str | None = None
    place: ListCount | None = None


def search_all(features: Features, request: SearchRequest) -> list[GroupHits]:
    """The best of each group that has any; one in which something is called so goes before others.

    One statement for each search of rows that the rooms bring.
    """
    hits_by_group = {
        slug: _of_texts(features, features.search_groups[slug], request) for slug in features.content_search
    }
    for search in dict.fromkeys(features.row_search.values()):
        for slug, rows in search.best(request).items():
            hits_by_group[slug] = _of_rows(features.search_groups[slug], search, rows, request.query)
    groups = [hits_by_group[slug] for slug in features.search_groups if hits_by_group[slug].hits]
    return sorted(groups, key=lambda found: (found.nearness, not found.group.leads, found.group.order))


def search_group(features: Features, request: SearchRequest, group: SearchGroup, cursor: str) -> GroupHits:
    """A page of everything of one group: at most one statement. Raises Invalid for a cursor that is none of ours."""
    if group.slug in features.content_search:
        texts = _of_texts(features, group, request, shown=None)
        return replace(texts, place=whole(texts.hits))
    search, passed = features.row_search[group.slug], passed_by(cursor)
    # As many are asked for as are counted: the next page is among them.
    rows = search.page(request, group.slug, _position_in(cursor) if cursor else None, MOST_COUNTED)
    page = cut(rows[: PAGE + 1], PAGE, lambda row: (row.position, row.id), passed)
    found = Total((passed or 0) + min(len(rows), MOST_COUNTED), len(rows) > MOST_COUNTED)
    hits = [search.hit(row, request.query) for row in page.rows]
    place = count_page(page, cursor, lambda: found)
    return GroupHits(group, hits, len(hits), next_cursor=page.next_cursor, place=place)


def _of_texts(features: Features, group: SearchGroup, request: SearchRequest, shown: int | None = SHOWN) -> GroupHits:
    texts = content_index(features, request.library, group.slug, request.language).find(request.query)
    hits = [_text_hit(text, request.query) for text in texts[:shown]]
    return GroupHits(group, hits, len(texts), nearness=nearness(hits, request.query))


def _of_rows(group: SearchGroup, search: RowSearch, rows: Iterable[Any], query: SearchQuery) -> GroupHits:
    first = {row.id: row for row in sorted(rows, key=lambda row: row.part, reverse=True)}
    best = sorted(first.values(), key=lambda row: (row.part, -row.position))
    hits = [search.hit(row, query) for row in best[:SHOWN]]
    return GroupHits(group, hits, min(len(best), MOST_COUNTED), len(best) > MOST_COUNTED, nearness(hits, query))


def _position_in(cursor: str) -> int:
    position, _row_id = read_cursor(cursor, int)
    if not isinstance(position, int) or not 0 <= position < 2**63:
        raise Invalid(lazy("This link to a page of the list is not valid. Start again from the first page."), "cursor")
    return position


def _text_hit(text: ContentText, query: SearchQuery) -> SearchHit:
    context = excerpt(searched_text(text, query), query)
    return SearchHit(text.title, text.endpoint, text.args, context=context, names=text.names)
