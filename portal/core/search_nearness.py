"""How near what was found is to what was typed: to put the best group first."""

from __future__ import annotations

from collections.abc import Iterable

from portal.core.search_groups import SearchHit
from portal.core.search_text import SearchQuery, SearchWord, title_key_of
from portal.core.search_words import words_of

MEANT, CALLED_SO, HAS_WORDS, HAS_BEGINNINGS, FAR = range(5)
"""Its number or address was typed; it is called so; its name or notes have the words; they begin so; neither."""


def nearness(hits: Iterable[SearchHit], query: SearchQuery) -> int:
    """How near the nearest of these is: MEANT, CALLED_SO, HAS_WORDS, HAS_BEGINNINGS or FAR."""
    return min((_nearness(hit, query) for hit in hits), default=FAR)


def _nearness(hit: SearchHit, query: SearchQuery) -> int:
    if hit.is_meant:
        return MEANT
    key = title_key_of(query.text)
    if any(title_key_of(name) == key for name in (hit.title, *hit.names)):
        return CALLED_SO
    return min(_of_text(text, query) for text in (hit.title, *hit.notes))


def _of_text(text: str, query: SearchQuery) -> int:
    words = list(words_of(text))
    tokens = {token for word in words for token in (word.token, word.plain, *word.wholes)}
    known = tokens.union(*(word.stems(text, query.languages) for word in words))
    if all(not known.isdisjoint((word.token, *word.wholes, *word.stems)) for word in query.words):
        return HAS_WORDS
    return HAS_BEGINNINGS if all(_begins(word, tokens) for word in query.words) else FAR


def _begins(word: SearchWord, tokens: Iterable[str]) -> bool:
    return any(token.startswith(beginning) for token in tokens for beginning in (word.token, *word.wholes))
