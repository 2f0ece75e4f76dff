"""*Did you mean*: other words that do find something, for whoever found nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from portal.core.feature import Features
from portal.core.search import count_words
from portal.core.search_groups import SearchHit, SearchRequest
from portal.core.search_spelling import MOST_WORDS, Vocabulary, is_proposable, proposals
from portal.core.search_text import parse_query
from portal.core.search_words import words_of
from portal.home.content_index import content_index
from portal.home.search import search_all

FRESH = timedelta(minutes=10)
MOST_TRIED = 2


@dataclass
class VocabularyCache:
    """The words of a site, by the language of the reader: read again when they are more than ten minutes old."""

    _read_at: datetime | None = None
    _of_rows: Counter[str] = field(default_factory=Counter)
    _by_language: dict[str, Vocabulary] = field(default_factory=dict)

    def get(self, features: Features, request: SearchRequest) -> Vocabulary:
        """The words of the index. At most one statement."""
        if self._read_at is None or not request.now - FRESH <= self._read_at <= request.now:
            tables = [index.table for index in features.search_indexes.values()]
            self._of_rows, self._by_language = count_words(request.session, tables), {}
            self._read_at = request.now
        if request.language not in self._by_language:
            self._by_language[request.language] = _vocabulary(features, request, self._of_rows)
        return self._by_language[request.language]


def meant(features: Features, request: SearchRequest, vocabulary: Vocabulary) -> str:
    """Words much like those of the query that find something, which this reader may see; "" when there are none.

    What is proposed was searched for first: so it names nobody who does not want to be found.
    """
    for words in proposals(request.query, vocabulary, MOST_TRIED):
        query = parse_query(" ".join(words), request.query.languages)
        hits = [hit for group in search_all(features, replace(request, query=query)) for hit in group.hits]
        if hits:
            return " ".join(_as_written(word, hits) for word in query.tokens)
    return ""


def _vocabulary(features: Features, request: SearchRequest, of_rows: Counter[str]) -> Vocabulary:
    uses = Counter(of_rows)
    for group in features.content_search:
        uses.update(content_index(features, request.library, group, request.language).uses)
    return Vocabulary({word: count for word, count in uses.most_common(MOST_WORDS) if is_proposable(word)})


def _as_written(token: str, hits: Sequence[SearchHit]) -> str:
    """The word with its accents and capitals, as it stands where it was found."""
    texts = (text for hit in hits for text in (hit.title, *hit.names, hit.context, *hit.notes))
    written = (text[word.start : word.stop] for text in texts for word in words_of(text) if word.token == token)
    return next(written, token)
