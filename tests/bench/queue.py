"""The queue page at ten thousand and at a million changes, against the same template over rows in memory.

Of both 2 % are open. One project has as many open changes in both, so that a filter which few rows pass is
measured too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from sqlalchemy import event, text

from portal.app import create_app
from portal.contributions import actions
from portal.contributions import queries as contributions
from portal.contributions.models import Change
from portal.core import clock
from portal.core.database import Base
from portal.core.jobs import Portal
from portal.reviews import queries
from tests.bench.measure import Measure, best_of, quiet
from tests.settings import parse_config

SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 12
FILTERS: dict[str, dict[str, str]] = {
    "no filter": {},
    "source": {"source": "gerrit"},
    "project": {"project": "large"},
    "project with few changes": {"project": "small"},
    "waiting on": {"waiting_on": "author"},
    "newcomer": {"newcomer": "y"},
    "few and whose turn": {"project": "small", "waiting_on": "author"},
    "all together": {"source": "gerrit", "project": "large", "waiting_on": "reviewer", "newcomer": "y"},
}
SORTS = [sign + sort for sort in queries.SORTS for sign in ("", "-")]
SETTINGS = """
[limits]
lists_per_minute = 10000
[[sources]]
slug = "gerrit"
kind = "gerrit"
url = "http://127.0.0.1:1"
[[sources]]
slug = "gitlab"
kind = "gitlab"
url = "http://127.0.0.1:2"
"""
# Every 50th change is open; r is as good as random, so that nothing comes in the order of its id.
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many),
c AS (SELECT i, i % 50 = 0 AS is_open, (i * 2654435761) % 4294967291 AS r FROM n)
INSERT INTO changes (source_id, "key", number, project, url, title, author_username, author_name, author_is_bot, state,
  work_in_progress, patchsets, insertions, deletions, created_at, updated_at, closed_at, waiting_on, waiting_since,
  waiting_reason, is_newcomer)
SELECT
  1 + (r / 7) % 2, i, i,
  CASE WHEN is_open AND i <= 3000 THEN 'small'
    WHEN (r / 11) % 4 > 0 THEN 'large' ELSE 'project/' || ((r / 13) % 400) END,
  'http://127.0.0.1/c/' || i, 'Let the gate be opened from both sides, case ' || i,
  'user' || ((r / 17) % 5000), 'User ' || ((r / 17) % 5000), 0, CASE WHEN is_open THEN 'open' ELSE 'merged' END,
  0, 1 + (r / 19) % 5, (r / 23) % 900, (r / 29) % 300,
  datetime('2026-11-20', '-' || ((r / 31) % 80000000) || ' seconds') || '.000000',
  datetime('2026-11-20', '-' || ((r / 37) % 8000000) || ' seconds') || '.000000',
  CASE WHEN is_open THEN NULL ELSE '2026-11-20 00:00:00.000000' END,
  CASE WHEN NOT is_open THEN 'nobody' WHEN (r / 41) % 2 THEN 'author' ELSE 'reviewer' END,
  datetime('2026-11-20', '-' || ((r / 43) % 8000000) || ' seconds') || '.000000',
  CASE WHEN NOT is_open THEN NULL WHEN (r / 41) % 2 THEN 'comment' ELSE 'no_response' END, (r / 47) % 2
FROM c
"""


def pages() -> Iterator[Measure]:
    """Each filter with each sort; the worst of each is told."""
    with site(SMALL) as small, site(LARGE) as large:
        found = {(name, sort): _measure(small, large, name, sort) for name in FILTERS for sort in SORTS}
    size_of = {case: figures[0] for case, figures in found.items() if len(FILTERS[case[0]]) < 2}
    for what, values, bound in (
        ("queue page at 1,000,000 / at 10,000 changes", size_of, 1.3),
        ("queue page / the same over rows in memory", {case: figures[1] for case, figures in found.items()}, 2),
        ("SQL statements of a queue page", {case: figures[2] for case, figures in found.items()}, 4),
    ):
        for name in FILTERS:
            of_filter = {sort: values[name, sort] for sort in SORTS if (name, sort) in values}
            if of_filter:
                worst = max(of_filter, key=of_filter.__getitem__)
                yield Measure(f"{what}: {name} (worst order: {worst})", of_filter[worst], bound)


@contextmanager
def site(many: int) -> Iterator[Portal]:
    """A portal that knows so many changes."""
    with tempfile.TemporaryDirectory() as folder:
        config = parse_config(f'[site]\ndata_dir = "{folder}"\n{SETTINGS}')
        app = create_app(config, environ={"PORTAL_SECRET_KEY": "bench"}, in_memory_queue=True)
        quiet()
        portal: Portal = app.extensions["portal"]
        _fill(portal, many)
        yield portal
        portal.database.dispose()


def _fill(portal: Portal, many: int) -> None:
    Base.metadata.create_all(portal.database.engine)
    with portal.unit_of_work() as session:
        actions.register_sources(session, portal.config.sources, clock.now())
        for index in Change.__table__.indexes:
            index.drop(session.connection())
        session.execute(text(FILL), {"many": many})
        for index in Change.__table__.indexes:
            index.create(session.connection())
        for source in contributions.sources(session):
            actions.count_open(session, source)
            source.synced_at = clock.now()


def _measure(small: Portal, large: Portal, name: str, sort: str) -> tuple[float, float, int]:
    """Large against small, the slower of both against rows in memory, and the number of statements."""
    url = f"/reviews?{urlencode({**FILTERS[name], 'sort': sort})}"
    with in_memory(large, name, sort) as from_memory:
        of_small, of_large, of_memory = best_of(
            ROUNDS,
            lambda: time_of(small, url),
            lambda: time_of(large, url),
            lambda: from_memory(lambda: time_of(large, url)),
            until=lambda times: times[1] < 1.2 * times[0] and max(times[:2]) < 1.8 * times[2],
        )
    return of_large / of_small, max(of_large, of_small) / of_memory, count_statements(large, url)


def time_of(portal: Portal, url: str) -> float:
    """Processor time of a page: the same as the clock's on an idle machine, and far steadier on a busy one."""
    client = portal.app.test_client()
    started = time.thread_time()
    answer = client.get(url)
    took = time.thread_time() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return took


@contextmanager
def in_memory(portal: Portal, name: str, sort: str) -> Iterator[Callable[[Callable[[], float]], float]]:
    """Runs what it is given with rows that are already there: what is left is the page without its database."""
    filters = queries.QueueFilters(**{**FILTERS[name], "newcomer": True if "newcomer" in FILTERS[name] else None})  # type: ignore[arg-type]
    with portal.database.session(read_only=True) as session:
        sources = contributions.sources(session)
        listing = queries.waiting(session, sources, filters, sort=sort)
        count = queries.count_waiting(session, sources, filters, listing, "")

    def run(work: Callable[[], float]) -> float:
        with ExitStack() as stack:
            stack.enter_context(patch.object(contributions, "sources", lambda *_: sources))
            stack.enter_context(patch.object(queries, "count_waiting", lambda *_: count))
            stack.enter_context(patch.object(queries, "waiting", lambda *_, **__: listing))
            return work()

    yield run


def count_statements(portal: Portal, url: str) -> int:
    """How many SQL statements a page takes, its BEGIN among them."""
    seen: list[Any] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(portal.database.engine, "before_cursor_execute", note)
    portal.app.test_client().get(url)
    event.remove(portal.database.engine, "before_cursor_execute", note)
    return len(seen)
