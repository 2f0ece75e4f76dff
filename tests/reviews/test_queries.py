"""What other pages ask of the review queue, and how its own page stays quick."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from portal.contributions import jobs
from portal.contributions import queries as contributions
from portal.core.database import Base, make_engine
from portal.forges.shapes import RemoteAccount
from portal.reviews import queries
from portal.reviews.queries import QueueFilters
from tests.contributions.standins import (
    NOW,
    TWO_SOURCES,
    StandInClients,
    StandInSource,
    change,
    commented,
    days_ago,
    merged,
)

BEN = RemoteAccount("ben", "Ben")


@pytest.fixture
def site(make_site: Any) -> Any:
    gerrit = StandInSource(change(1, days=20), commented(2, days=9, answered=8), merged(3, created=5, closed=4))
    veterans = [merged(number, author=BEN, created=30 - number, closed=20 - number) for number in (7, 8, 9)]
    gitlab = StandInSource(*veterans, change(10, author=BEN, days=40), change(11, days=1), size=9)
    with time_machine.travel(NOW, tick=False):
        made = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))
        jobs.sync(made.portal)
        yield made


def test_figures_tell_what_is_open_and_what_waits_longest(site):
    with site.unit_of_work() as session:
        assert queries.figures(session, contributions.sources(session)) == queries.QueueFigures(4, 3, days_ago(40))


def test_newcomers_who_wait_on_a_reviewer_come_in_the_order_of_their_wait(site):
    with site.unit_of_work() as session:
        rows = queries.longest_waiting_newcomers(session, contributions.sources(session))
    assert [row.number for row in rows] == [10, 1, 11]


FILTERS = {
    "": QueueFilters(),
    "source_id_": QueueFilters(source="one"),
    "project_": QueueFilters(project="tools/wiki"),
    "waiting_on_": QueueFilters(waiting_on="author"),
    "is_newcomer_": QueueFilters(newcomer=True),
}


@pytest.mark.parametrize("column", FILTERS)
@pytest.mark.parametrize("sort", [sign + sort for sort in queries.SORTS for sign in ("", "-")])
def test_every_filter_in_every_order_is_read_from_an_index_of_what_is_open(column, sort):
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine)
    plans: list[str] = []

    class Planner:
        """Asks SQLite how it would go about a statement."""

        def execute(self, statement: Any) -> Any:
            compiled = statement.compile(
                dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True, "render_postcompile": True}
            )
            with engine.connect() as connection:
                plans.extend(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
                return connection.execute(text("SELECT 1 WHERE 0"))

    source = queries.Source(id=1, slug="one", is_active=True, open_projects="tools/wiki\t7")
    queries.waiting(Planner(), [source], FILTERS[column], sort=sort)  # type: ignore[arg-type]
    order = queries.SORTS[sort.removeprefix("-")].key
    assert [plan.split()[:5] for plan in plans] == [
        ["SEARCH", "changes", "USING", "INDEX", f"ix_changes_open_{column}{order}"]
    ]
    engine.dispose()
