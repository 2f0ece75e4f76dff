"""Words that somebody may have meant who found nothing: those of the index that are written much the same. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from portal.core.search_letters import LETTER, shapes_of
from portal.core.search_text import SearchQuery, SearchWord

MOST_WORDS = 50_000
"""So many words are known, those that stand in most texts: a look through them takes some milliseconds."""

MOST_PROPOSED = 3
SHORTEST = 3
LONGEST = 24


def is_proposable(token: str) -> bool:
    """Whether it is a word that people write: letters only, and not a pair of signs, a stem or a number."""
    return SHORTEST <= len(token) <= LONGEST and set(shapes_of(token)) == {LETTER}


class Vocabulary:
    """The words of an index, and in how many texts each stands (about)."""

    def __init__(self, uses: Mapping[str, int]) -> None:
        self._uses = uses
        self._sorted = sorted(uses)
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in uses:
            self._by_length[len(word)].append(word)

    def has_beginning(self, token: str) -> bool:
        """Whether a word begins so."""
        place = bisect_left(self._sorted, token)
        return place < len(self._sorted) and self._sorted[place].startswith(token)

    def nearest(self, token: str) -> list[str]:
        """Up to three words with one letter more, less, other or changed about; two in words of more than five letters
        (as the fuzziness AUTO of Lucene's searches). Those with the fewest slips first, then the most used.
        """
        most = 0 if len(token) < SHORTEST else 1 if len(token) <= 5 else 2
        lengths = range(len(token) - most, len(token) + most + 1)
        near = ((distance, word) for length in lengths for word, distance in self._within(token, length, most))
        ranked = sorted(near, key=lambda hit: (hit[0], hit[1][0] != token[0], -self._uses[hit[1]], hit[1]))
        return [word for _distance, word in ranked[:MOST_PROPOSED]]

    def _within(self, token: str, length: int, most: int) -> Iterator[tuple[str, float]]:
        words = self._by_length.get(length, ())
        matches = process.extract(token, words, scorer=OSA.distance, score_cutoff=most, limit=None) if most else ()
        return ((word, distance) for word, distance, _place in matches)

    def halves(self, token: str) -> list[str]:
        """The two words that were written as one, if it is two; the more used of several."""
        cuts = range(SHORTEST, len(token) - SHORTEST + 1)
        pairs = [(token[:cut], token[cut:]) for cut in cuts if token[:cut] in self._uses and token[cut:] in self._uses]
        best = max(pairs, key=lambda pair: min(self._uses[pair[0]], self._uses[pair[1]]), default=None)
        return [" ".join(best)] if best else []


def proposals(query: SearchQuery, vocabulary: Vocabulary, most: int) -> list[tuple[str, ...]]:
    """What may have been meant by the words of a query, the likeliest first: each word as it is where the index has it,
    else one that is near. Nothing when one has no such word, or when all are there.
    """
    ways = [_ways(word, vocabulary) for word in query.words]
    if not all(ways) or all(way == [word.token] for way, word in zip(ways, query.words, strict=True)):
        return []
    return [tuple(way[min(number, len(way) - 1)] for way in ways) for number in range(min(most, max(map(len, ways))))]


def _ways(word: SearchWord, vocabulary: Vocabulary) -> Sequence[str]:
    if any(vocabulary.has_beginning(token) for token in (word.token, *word.wholes)) or not is_proposable(word.token):
        return [word.token]
    return [*vocabulary.halves(word.token), *vocabulary.nearest(word.token)]
