"""Stewards see how the site runs, as `portal doctor` tells it, without waiting for another server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.admin.checks import local_checks, outside_checks
from portal.admin.models import SiteCheck
from portal.core import clock
from portal.core.due import DueState
from portal.core.indexing import SearchDue


def waiting(site: Any) -> list[Any]:
    return [task.args for task in site.app.extensions["portal.queue"].huey.pending()]


def test_the_page_shows_all_that_the_doctor_looks_at(site: Any, browser: Any) -> None:
    page = browser("sam").get("/admin/site").text
    assert "They have not been asked yet" in page
    site.work("admin.check_outside")
    page = browser("sam").get("/admin/site").text
    names = {result.name for look in (local_checks, outside_checks) for result in look(site.portal)}
    assert {"database", "migrations", "disk", "versions", "queue", "mail"} <= names
    assert all(f">{name}<" in page for name in names)
    assert "just now" in page


def test_no_page_waits_for_another_server(site: Any, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.admin.jobs.outside_checks", lambda _portal: 1 / 0)
    steward = browser("sam")
    assert steward.get("/admin/site").status_code == 200
    assert steward.post("/admin/site/check").status_code == 303
    assert ("admin.check_outside",) in waiting(site)


def test_an_answer_takes_the_place_of_the_one_before(site: Any) -> None:
    for _time in range(2):
        site.work("admin.check_outside")
    with site.portal.database.session(read_only=True) as session:
        names = list(session.scalars(select(SiteCheck.name)))
    assert sorted(set(names)) == sorted(names)


def test_what_was_given_up_is_tried_again(site: Any, browser: Any) -> None:
    now = clock.now()
    given_up = {"state": DueState.GIVEN_UP, "settled_at": now, "due_at": now, "attempts": 9}
    with site.unit_of_work() as session:
        session.add(SearchDue(kind="people", about={"after": 0}, **given_up))
    steward = browser("sam")
    assert "Try again what was given up" in steward.get("/admin/site").text
    assert steward.post("/admin/site/retry", data={"what": "search"}).status_code == 303
    assert steward.post("/admin/site/retry", data={"what": "people"}).status_code == 422
    with site.portal.database.session(read_only=True) as session:
        (row,) = session.scalars(select(SearchDue))
    assert (row.state, row.attempts, row.settled_at) == ("waiting", 0, None)
    assert ("search.index",) in waiting(site)
