"""The search page at ten thousand and at a million changes: words that all, many, few or no changes have."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import select

from portal.contributions.actions import SEARCHED
from portal.contributions.models import Change
from portal.core.indexing import SearchDue, index_documents, queue_indexing
from portal.core.jobs import Portal
from tests.bench.measure import Measure, best_of
from tests.bench.queue import LARGE, ROUNDS, SMALL, count_statements, site, time_of

QUESTIONS = {
    "a word of every change": "gate",
    "one letter that begins a word of every change": "g",
    "a word of some changes": "user12",
    "three words of every change": "opened from sides",
    "a word of every change and one of a few": "gate user42",
    "the very title of a change": "let the gate be opened from both sides case 7777",
    "a word of as many changes in both": "small",
    "a word that no change has": "zebra",
    "other endings of words of every change": "gates opening",
    "the number of a change, with which as many begin in both": "#99",
    "the address of a change": "http://127.0.0.1/c/7777",
}
AT_ONCE = 5000


def pages() -> Iterator[Measure]:
    """Each question, over all kinds and among the changes; the worse of both is told."""
    with site(SMALL) as small, site(LARGE) as large:
        for portal in (small, large):
            _index(portal)
        for name, words in QUESTIONS.items():
            urls = [f"/search?{urlencode({'q': words, **more})}" for more in ({}, {"in": "changes"})]
            ratio = max(_ratio(small, large, url) for url in urls)
            yield Measure(f"search page at 1,000,000 / at 10,000 changes: {name}", ratio, 1.5)
            most = max(count_statements(large, url) for url in urls)
            yield Measure(f"SQL statements of a search page: {name}", most, 4)


def _ratio(small: Portal, large: Portal, url: str) -> float:
    of_small, of_large = best_of(
        ROUNDS,
        lambda: time_of(small, url),
        lambda: time_of(large, url),
        until=lambda times: times[1] < 1.3 * times[0],
    )
    return of_large / of_small


def _index(portal: Portal) -> None:
    """Store the words of all changes, in about the order in which a sync brings them."""
    with portal.unit_of_work() as session:
        order = select(Change.id).order_by(Change.state == "open", Change.created_at)
        ids = session.scalars(order).all()
        for start in range(0, len(ids), AT_ONCE):
            queue_indexing(session, SEARCHED, {"ids": ids[start : start + AT_ONCE]})
    while _is_due(portal):
        index_documents(portal)


def _is_due(portal: Portal) -> bool:
    with portal.database.session(read_only=True) as session:
        return session.scalars(select(SearchDue.id).limit(1)).first() is not None
