"""The page of notices, the count in the head of every page, and the letters that say the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from portal.activity.actions import record
from portal.activity.models import Notice
from portal.activity.queries import PAGE
from portal.activity.rules import link
from portal.people.models import Person
from tests import make


@pytest.fixture
def ana(site: Any) -> Person:
    """Somebody who reads notices."""
    with site.unit_of_work() as session:
        return make.person(session, "ana")


def tell(site: Any, person: Person, count: int = 1, **values: Any) -> list[int]:
    """Tell this person that they hold a role, so many times; the ids of the notices."""
    given = {"role": "mentor", "reason": "Good.", "until": None, "link": link("roles.show", slug="mentor"), **values}
    with site.unit_of_work() as session:
        for day in range(count):
            at = make.NOON - timedelta(days=day)
            record(session, "roles.appointed", actor=None, values=given, tell=[person], now=at)
        return list(session.scalars(select(Notice.id).order_by(Notice.id)))


def browser_of(site: Any, person: Person) -> Any:
    return make.sign_in(site.client(), person)


def test_notices_are_only_for_people_who_are_signed_in(site: Any, ana: Person) -> None:
    (notice,) = tell(site, ana)
    for path in ("/notices", f"/notices/{notice}"):
        assert site.client().get(path).location.startswith("/people/sign-in")
    assert site.client().post("/notices/read").status_code == 302


def test_somebody_without_notices_reads_what_will_come_here(site: Any, ana: Person) -> None:
    page = browser_of(site, ana).get("/notices").text
    assert "You have no notices yet." in page
    assert "Mark all as read" not in page


def test_a_notice_is_a_sentence_by_its_day_and_says_that_it_is_unread(site: Any, ana: Person) -> None:
    tell(site, ana, count=2)
    page = browser_of(site, ana).get("/notices").text
    assert page.count("You now hold the role “Mentor”") == 2
    assert "November 20, 2026" in page
    assert "November 19, 2026" in page
    assert "<h2>Unread</h2>" in page


def test_notices_speak_the_language_of_the_page(site: Any, ana: Person) -> None:
    tell(site, ana, role="queue-owner")
    assert "Responsable de file" in browser_of(site, ana).get("/notices?uselang=fr").text


def test_opening_a_notice_marks_it_as_read_and_leads_to_the_thing(site: Any, ana: Person) -> None:
    (notice,) = tell(site, ana)
    browser = browser_of(site, ana)
    answer = browser.get(f"/notices/{notice}")
    assert (answer.status_code, answer.location) == (303, "/roles/mentor")
    page = browser.get("/notices").text
    assert "<h2>Unread</h2>" not in page
    assert "You now hold the role “Mentor”" in page


@pytest.mark.parametrize("target", [None, link("gone.page"), link("roles.show")])
def test_a_notice_that_leads_nowhere_leads_back_to_the_list(site: Any, ana: Person, target: Any) -> None:
    (notice,) = tell(site, ana, link=target)
    browser = browser_of(site, ana)
    assert "You now hold the role" in browser.get("/notices").text
    assert browser.get(f"/notices/{notice}").location == "/notices"


def test_the_notice_of_somebody_else_does_not_exist(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
    (notice,) = tell(site, ana)
    assert browser_of(site, ben).get(f"/notices/{notice}").status_code == 404
    with site.unit_of_work() as session:
        assert session.get(Notice, notice).read_at is None


def test_all_can_be_marked_as_read_at_once(site: Any, ana: Person) -> None:
    tell(site, ana, count=3)
    browser = browser_of(site, ana)
    assert "Mark all as read" in browser.get("/notices").text
    assert browser.post("/notices/read").status_code == 303
    page = browser.get("/notices").text
    assert "All your notices are marked as read." in page
    assert "Mark all as read" not in page


def test_the_head_of_every_page_counts_unread_notices_with_one_statement(site: Any, ana: Person) -> None:
    tell(site, ana, count=2)
    browser, statements = browser_of(site, ana), []
    assert 'class="count">2<' in browser.get("/roles/").text
    event.listen(
        site.portal.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]), named=False
    )
    assert 'class="count">2<' in browser.get("/roles/").text
    assert len([one for one in statements if "notices" in one]) == 1
    assert 'class="count"' not in site.client().get("/roles/").text


def test_pages_are_as_cheap_with_many_notices_as_with_few(site: Any, ana: Person) -> None:
    tell(site, ana, count=PAGE + 5)
    browser, statements = browser_of(site, ana), []
    event.listen(
        site.portal.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]), named=False
    )
    page = browser.get("/notices").text
    assert len([one for one in statements if not one.startswith("BEGIN")]) <= 4
    assert page.count("You now hold the role") == PAGE
    assert "Older notices" in page


def test_a_cursor_that_is_none_of_ours_is_named(site: Any, ana: Person) -> None:
    answer = browser_of(site, ana).get("/notices?cursor=nonsense")
    assert answer.status_code == 422
    assert "cursor" in answer.text
