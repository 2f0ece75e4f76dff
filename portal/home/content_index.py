"""What the content files say, as search finds it: the texts of every room, and the words that lead to them.

They are a few hundred texts that change with a restart only, and each reader finds them in their own language: so they
are indexed in memory, once for each language, and cost no SQL statement.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from portal.core.content import Library
from portal.core.feature import Features
from portal.core.i18n import SOURCE_LANGUAGE
from portal.core.search_groups import ContentText
from portal.core.search_text import STEM, SearchQuery, SearchWord, has_match, index_tokens, title_key_of

LEVELS = range(3)
"""Where words are found: in the title; there, in the summary or in other names; anywhere."""


class ContentIndex:
    """The texts of one language, and the words that lead to them. `languages` are those in which they may be."""

    def __init__(self, texts: Sequence[ContentText], languages: Collection[str]) -> None:
        self._texts = texts
        parts = [_tokens_of_parts(text, languages) for text in texts]
        self._having = [_postings(parts, level) for level in LEVELS]
        self._words = [sorted(having) for having in self._having]

    def find(self, query: SearchQuery) -> list[ContentText]:
        """What has all these words: what is called just so first, then by where the words stand and how much of them,
        as the files order."""
        ranked: dict[int, None] = {}
        for level in LEVELS:
            for ways in (self._whole, self._begun):
                each = [set[int]().union(*ways(word, level)) for word in query.words]
                ranked |= dict.fromkeys(sorted(set.intersection(*each)) if each else ())
        key = title_key_of(query.text)
        return sorted((self._texts[number] for number in ranked), key=lambda text: key not in text.keys)

    @property
    def uses(self) -> Mapping[str, int]:
        """Every word that leads somewhere, the stems behind their sign, and to how many texts it leads."""
        return {word: len(numbers) for word, numbers in self._having[LEVELS[-1]].items()}

    def _whole(self, word: SearchWord, level: int) -> Iterator[set[int]]:
        having = self._having[level]
        return (having[one] for one in (word.token, *word.wholes) if one in having)

    def _begun(self, word: SearchWord, level: int) -> Iterator[set[int]]:
        for token in (word.token, *word.wholes):
            yield from self._beginning(token, level)
        having = self._having[level]
        yield from (having[one] for stem in word.stems for one in (stem, STEM + stem) if one in having)

    def _beginning(self, token: str, level: int) -> Iterator[set[int]]:
        words = self._words[level]
        for index in range(bisect_left(words, token), len(words)):
            if not words[index].startswith(token):
                return
            yield self._having[level][words[index]]


def content_index(features: Features, library: Library, group: str, language: str) -> ContentIndex:
    """The texts of one group in this language where they speak it, else in English."""
    texts, languages = features.content_search[group].texts, (language, SOURCE_LANGUAGE)
    return library.derived(("shelf", group, language), lambda: ContentIndex(list(texts(library, language)), languages))


def _tokens_of_parts(text: ContentText, languages: Collection[str]) -> list[set[str]]:
    parts = (text.title, "\n".join((text.summary, *text.names)), text.body)
    return [set(index_tokens(part, languages)) for part in parts]


def _postings(parts_by_text: Iterable[Sequence[set[str]]], level: int) -> dict[str, set[int]]:
    postings: defaultdict[str, set[int]] = defaultdict(set)
    for number, parts in enumerate(parts_by_text):
        for token in set().union(*parts[: level + 1]):
            postings[token].add(number)
    return postings


def searched_text(text: ContentText, query: SearchQuery) -> str:
    """The text in which the words stand: the summary when it has one of them, else the whole."""
    return text.summary if not text.body or has_match(text.summary, query) else text.body
