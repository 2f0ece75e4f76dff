"""Reading never writes: after HEAD every row is as it was, after GET all but the marks of what somebody has seen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.database import Base
from tests.access import routes
from tests.access.prepared import PREPARED, Prepared
from tests.access.routes import DOOR, read_table
from tests.access.world import STRANGERS, World

TABLE = {route.removeprefix("GET").strip(): row for route, row in read_table().items() if route.startswith("GET")}
STEWARDS_PAGES = ("/admin/events", "/admin/events.csv", "/admin/people", "/admin/people/<int:person_id>")
"""Whoever looks at what belongs to others leaves a trace."""
SEEN = {
    "/notices/<int:notice_id>": {"notices"},
    **{page: {"security_events"} for page in STEWARDS_PAGES},
    "/people/me/export": {"security_events"},
    "/mentoring/pairings/<int:pairing_id>": {"pairings", "notices"},
    "/mentoring/requests/<int:request_id>": {"notices"},
}
"""The tables in which a page notes that somebody has seen it, or took their data along, where there is something to
note.
"""


def rows(session: Session) -> dict[str, list[Any]]:
    """Every row of every table."""
    session.expire_all()
    return {table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables}


def changed(world: World, path: str, method: str, who: str) -> set[str]:
    """The tables that are not as they were once this one has asked so."""
    rule = routes.every_route(world.site.app)[f"GET {path}"]
    prepared = PREPARED.get(f"POST {path}", Prepared(""))
    with world.rolled_back() as session:
        if who == prepared.who:
            prepared.make_ready(world, session)
            session.commit()
        browser, address = world.browser(who), routes.address(world, rule)
        before = rows(session)
        browser.open(address, method=method).close()
        after = rows(session)
    return {name for name in before if before[name] != after[name]}


def readers(world: World, path: str) -> list[str]:
    """Who may come to a page: the visitor, one who owns nothing of it, and everybody to whom it shows more."""
    rule = routes.every_route(world.site.app)[f"GET {path}"]
    prepared = PREPARED.get(f"POST {path}", Prepared("nobody")).who
    everybody = ["visitor", "nobody", "steward", prepared, *TABLE[path].others, *routes.owners(rule)]
    may = [who for who in dict.fromkeys(everybody) if TABLE[path].expected(who) not in {DOOR, "403", "404"}]
    return may or ["visitor"]


@pytest.mark.parametrize("path", TABLE)
def test_asking_for_the_head_changes_nothing(world: World, path: str) -> None:
    assert {who: changed(world, path, "HEAD", who) for who in readers(world, path)} == {
        who: set() for who in readers(world, path)
    }


@pytest.mark.parametrize("path", TABLE)
def test_a_page_notes_at_most_that_it_was_seen(world: World, path: str) -> None:
    for who in readers(world, path):
        assert changed(world, path, "GET", who) <= SEEN.get(path, set()), who


def test_what_a_browser_fetches_ahead_of_time_has_not_been_seen(world: World) -> None:
    with world.rolled_back() as session:
        browser, before = world.browser("reader"), rows(session)
        browser.get(f"/notices/{world.ids['notice_id']}", headers={"Sec-Purpose": "prefetch"})
        assert rows(session) == before


def test_no_row_moves_when_somebody_asks_what_may_be_done(world: World) -> None:
    for path in TABLE:
        assert changed(world, path, "OPTIONS", "steward") == set(), path


def test_strangers_are_tried_at_the_pages_that_change_most(world: World) -> None:
    confirmed = [path for path in TABLE if path.endswith(("/withdraw", "/leave", "/stop-looking", "/delete"))]
    assert len(confirmed) > 3
    assert all(readers(world, path) for path in confirmed)
    assert set(STRANGERS) > {"nobody", "steward"}
