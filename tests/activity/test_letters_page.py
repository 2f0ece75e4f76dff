"""Choosing which notices come by mail: on the page, and with the link in a letter."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.activity import queries, tokens
from portal.activity.actions import choose_letters
from portal.activity.models import MailChoice
from portal.core.notices import Cadence
from portal.people.actions import leave
from portal.people.models import Person
from tests import make
from tests.activity.test_kinds import HOUSE

USUAL = {slug: kind.cadence.value for slug, kind in HOUSE.notice_kinds.items()}


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return make.person(session, "ana", email="ana@example.org", email_key="ana@example.org")


def browser_of(site: Any, person: Person) -> Any:
    return make.sign_in(site.client(), person)


def chosen(site: Any, person: Person) -> dict[str, str]:
    with site.unit_of_work() as session:
        return {slug: cadence.value for slug, cadence in queries.cadences_of(session, person.id).items()}


def rows(site: Any) -> dict[str, str]:
    with site.unit_of_work() as session:
        return {row.kind: row.cadence for row in session.scalars(select(MailChoice))}


def link(site: Any, person: Person, what: str = "mentoring") -> str:
    return f"/notices/unsubscribe?token={tokens.make(person, what, site.app.config['SECRET_KEY'])}"


def test_everybody_begins_with_what_is_usual(site: Any, ana: Person) -> None:
    page = browser_of(site, ana).get("/notices/letters").text
    for kind in HOUSE.notice_kinds.values():
        assert str(kind.name) in page
    assert page.count(" checked") == len(HOUSE.notice_kinds)
    assert "ana@example.org" in page
    assert rows(site) == {}


def test_a_choice_is_kept_only_where_it_differs_from_what_is_usual(site: Any, ana: Person) -> None:
    browser = browser_of(site, ana)
    answer = browser.post("/notices/letters", data=USUAL | {"roles": "never", "tools": "now"})
    assert (answer.status_code, answer.location) == (303, "/notices/letters")
    assert rows(site) == {"roles": "never", "tools": "now"}
    assert chosen(site, ana) == USUAL | {"roles": "never", "tools": "now"}
    browser.post("/notices/letters", data=USUAL | {"tools": "now"})
    assert rows(site) == {"tools": "now"}


def test_a_made_up_choice_changes_nothing_and_half_a_form_leaves_the_rest(site: Any, ana: Person) -> None:
    browser = browser_of(site, ana)
    assert browser.post("/notices/letters", data=USUAL | {"roles": "hourly"}).status_code == 422
    assert rows(site) == {}
    browser.post("/notices/letters", data=USUAL | {"tools": "never"})
    assert browser.post("/notices/letters", data={"roles": "now"}).status_code == 303
    assert rows(site) == {"tools": "never", "roles": "now"}


def test_the_page_is_for_people_who_are_signed_in_and_is_led_to(site: Any, ana: Person) -> None:
    assert site.client().get("/notices/letters").location.startswith("/people/sign-in")
    for path in ("/notices", "/people/me"):
        assert 'href="/notices/letters"' in browser_of(site, ana).get(path).text


def test_somebody_without_an_address_reads_that_no_letters_come(site: Any) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
    assert "you get no e-mails yet" in browser_of(site, ben).get("/notices/letters").text


def test_one_click_of_a_mail_program_stops_a_kind_without_session_and_without_token_of_a_form(
    site: Any, ana: Person
) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    program = site.app.test_client(use_cookies=False)
    answer = program.post(link(site, ana), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "You get no more e-mails about “My mentoring”" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert rows(site) == {"mentoring": "never"}
    assert program.post(link(site, ana), data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert rows(site) == {"mentoring": "never"}
    # The same without a token stays shut, and other forms stay guarded: who is nobody is asked to sign in first.
    assert program.post("/notices/unsubscribe").status_code == 404
    refused = program.post("/notices/read")
    assert (refused.status_code, refused.location.partition("?")[0]) == (302, "/people/sign-in")


def test_opening_the_link_only_asks_and_its_button_does_it(site: Any, ana: Person) -> None:
    browser, path = site.client(), link(site, ana)
    asked = browser.get(path)
    assert asked.status_code == 200
    assert "Stop these e-mails?" in asked.text
    assert path.partition("=")[2] in asked.text
    assert rows(site) == {}
    done = browser.post(path)
    assert "These e-mails have stopped" in done.text
    assert 'href="/notices/letters"' in done.text
    assert rows(site) == {"mentoring": "never"}


def test_the_link_of_the_daily_letter_stops_what_comes_daily_and_nothing_else(site: Any, ana: Person) -> None:
    daily = {slug for slug, cadence in USUAL.items() if cadence == "daily"}
    done = site.client().post(link(site, ana, tokens.DAILY))
    assert set(rows(site)) == daily
    assert all(str(HOUSE.notice_kinds[slug].name) in done.text for slug in daily)
    assert "You get no daily e-mail." in site.client().post(link(site, ana, tokens.DAILY)).text


def test_a_link_is_bound_to_its_person_kind_address_and_time(site: Any, ana: Person) -> None:
    client = site.client()
    with time_machine.travel(make.NOON, tick=False):
        good = link(site, ana)
    with time_machine.travel(make.NOON.replace(year=2027), tick=False):
        assert client.post(good).status_code == 404
        for wrong in (good[:-2], "/notices/unsubscribe?token=x", link(site, ana, "everything"), "/notices/unsubscribe"):
            assert client.get(wrong).status_code == 404
            assert client.post(wrong).status_code == 404
        kept = link(site, ana)
        with site.unit_of_work() as session:
            session.get(Person, ana.id).email_key = "elsewhere@example.org"
        assert client.post(kept).status_code == 404
    assert rows(site) == {}


def test_a_link_that_stops_letters_opens_nothing_else(site: Any, ana: Person) -> None:
    token = link(site, ana).partition("=")[2]
    client = site.client()
    assert client.get(f"/people/password/reset?token={token}").status_code == 303
    assert client.get(f"/people/email/confirm?token={token}").status_code == 404
    client.post(link(site, ana))
    assert client.get("/notices/letters").location.startswith("/people/sign-in")
    assert "ana@" not in client.get(link(site, ana)).text


def test_somebody_who_left_has_nothing_to_stop_and_leaves_no_choices_behind(site: Any, ana: Person) -> None:
    path = link(site, ana)
    with site.unit_of_work() as session:
        choose_letters(session, ana.id, {"mentoring": Cadence.NEVER})
    with site.unit_of_work() as session:
        leave(site.portal, session, session.get(Person, ana.id), make.NOON)
    assert rows(site) == {}
    assert site.client().post(path).status_code == 404


@pytest.mark.parametrize("path", ["/notices/letters", "link"])
def test_the_pages_stand_in_every_language(site: Any, ana: Person, path: str) -> None:
    path = link(site, ana) if path == "link" else path
    for language in ("fr", "x-rtl"):
        page = browser_of(site, ana).get(path + ("&" if "?" in path else "?") + f"uselang={language}")
        assert page.status_code == 200
    assert "Vos courriels" in browser_of(site, ana).get("/notices/letters?uselang=fr").text
