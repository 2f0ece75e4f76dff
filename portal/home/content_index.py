"""What the content files say, as search finds it: the texts of every room, and the words that lead to them.

They are a few hundred texts that change with a restart only, and each reader finds them in their own language: so they
are indexed in memory, once for each language, and cost no SQL statement.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from portal.core.content import Library
from portal.core.feature import Features
from portal.core.search_groups import ContentText
from portal.core.search_text import SearchQuery, fold_text, title_key_of, tokens_of

LEVELS = range(3)
"""Where words are found: in the title; there, in the summary or in other names; anywhere."""


class ContentIndex:
    """The texts of one language, and the words that lead to them."""

    def __init__(self, texts: Sequence[ContentText]) -> None:
        self._texts = texts
        self._having = [_postings(texts, level) for level in LEVELS]
        self._words = [sorted(having) for having in self._having]

    def find(self, query: SearchQuery) -> list[ContentText]:
        """What has all these words: what is called just so first, then by where the words stand, as the files order."""
        ranked: dict[int, None] = {}
        for level in LEVELS:
            ranked |= dict.fromkeys(sorted(self._at(query, level)))
        texts = [self._texts[number] for number in ranked]
        return sorted(texts, key=lambda text: text.key != title_key_of(query.text))

    def _at(self, query: SearchQuery, level: int) -> set[int]:
        each = [set().union(*self._beginning(word, level)) for word in query.tokens]
        return set.intersection(*each) if each else set()

    def _beginning(self, word: str, level: int) -> Iterator[set[int]]:
        words = self._words[level]
        for place in range(bisect_left(words, word), len(words)):
            if not words[place].startswith(word):
                return
            yield self._having[level][words[place]]


def content_index(features: Features, library: Library, group: str, language: str) -> ContentIndex:
    """The texts of one group in this language where they speak it, else in English."""
    texts = features.content_search[group].texts
    return library.derived(("shelf", group, language), lambda: ContentIndex(list(texts(library, language))))


def _postings(texts: Iterable[ContentText], level: int) -> dict[str, set[int]]:
    postings: defaultdict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        parts = (text.title, f"{text.summary} {text.names}", text.body)[: level + 1]
        for word in tokens_of(" ".join(parts)):
            postings[word].add(number)
    return postings


def searched_text(text: ContentText, query: SearchQuery) -> str:
    """The text in which the words stand: the summary when it has one of them, else the whole."""
    folded = fold_text(text.summary)
    return text.summary if not text.body or any(word in folded for word in query.tokens) else text.body
