"""Programs that sign up are stopped once; people, whatever fills in their forms, press once more."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.core.security_log import SecurityRow
from portal.people.models import Person
from portal.people.traps import GOOD_FOR
from tests.form_pages import filled, form_to
from tests.make import NOON, PASSWORD

TYPED = {"username": "ana", "display_name": "Ana Lima", "password": PASSWORD, "language": "en"}
AGAIN = "press the button once more"


@pytest.fixture
def site(make_site: Any) -> Any:
    return make_site("[limits]\nsign_up_seconds = 2")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def form_on(browser: Any, **typed: str) -> Any:
    return filled(browser, "/people/sign-up", TYPED | typed)


def press_again(browser: Any, answer: Any) -> Any:
    """The one button of the page that came back."""
    form = form_to(answer.text, "/people/sign-up")
    return form.send(browser)


def people(site: Any) -> list[str]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(Person.username)))


def test_who_takes_their_time_is_asked_nothing_more(site: Any, clock: Any) -> None:
    browser = site.client()
    form = form_on(browser)
    clock.shift(timedelta(seconds=3))
    assert form.send(browser).status_code == 303
    assert people(site) == ["ana"]


def test_who_is_too_quick_keeps_every_word_and_goes_on_by_one_press(site: Any, clock: Any) -> None:
    browser = site.client()
    refused = form_on(browser).send(browser)
    assert refused.status_code == 422
    assert AGAIN in refused.text
    assert 'value="Ana Lima"' in refused.text
    assert PASSWORD not in refused.text
    assert people(site) == []
    assert press_again(browser, refused).status_code == 303
    browser.post("/people/sign-out")
    assert browser.post("/people/sign-in", data={"username": "ana", "password": PASSWORD}).status_code == 303


def test_what_fills_in_the_field_that_nobody_sees_is_stopped_once(site: Any, clock: Any) -> None:
    browser = site.client()
    form = form_on(browser, homepage="https://example.org")
    clock.shift(timedelta(minutes=1))
    refused = form.send(browser)
    assert (refused.status_code, people(site)) == (422, [])
    again = form_to(refused.text, "/people/sign-up")
    assert again.fields["homepage"] == ""
    again.fields["homepage"] = "https://example.org"
    assert again.send(browser).status_code == 303


@pytest.mark.parametrize("moment", ["", "made up", "WzEsdHJ1ZV0.forged"])
def test_a_moment_that_is_not_the_site_s_own_is_none(site: Any, clock: Any, moment: str) -> None:
    browser = site.client()
    answer = browser.post("/people/sign-up", data=TYPED | {"shown_at": moment, "kept_password": "made up"})
    assert (answer.status_code, people(site)) == (422, [])


def test_a_form_that_lay_open_for_days_is_asked_for_one_more_press(site: Any, clock: Any) -> None:
    browser = site.client()
    form = form_on(browser)
    clock.shift(GOOD_FOR)
    refused = form.send(browser)
    assert AGAIN in refused.text
    assert press_again(browser, refused).status_code == 303


def test_a_slip_is_mended_as_quickly_as_one_can(site: Any, clock: Any) -> None:
    browser = site.client()
    form = form_on(browser, display_name="")
    clock.shift(timedelta(seconds=9))
    refused = form.send(browser)
    assert AGAIN not in refused.text
    again = form_to(refused.text, "/people/sign-up")
    again.fields |= TYPED
    assert again.send(browser).status_code == 303


def test_it_is_noted_who_was_stopped(site: Any, clock: Any) -> None:
    browser = site.client()
    form_on(browser).send(browser)
    with site.unit_of_work() as session:
        row = session.scalars(select(SecurityRow)).one()
        assert (row.event, row.facts["why"], row.facts["page"]) == (
            "request_refused",
            "like_a_program",
            "people.sign_up",
        )


def test_nobody_sees_hears_or_reaches_the_field(site: Any) -> None:
    page = site.client().get("/people/sign-up").text
    decoy = re.search(r'<div class="decoy" aria-hidden="true">.*?</div>', page)
    assert decoy
    assert 'tabindex="-1"' in decoy[0]
    assert "style=" not in decoy[0]
    css = Path(site.app.static_folder, "portal.css").read_text()
    assert ".decoy { display: none !important; }" in css


def test_a_site_may_ask_nobody(make_site: Any) -> None:
    site = make_site("[limits]\nsign_up_seconds = 0")
    assert site.client().post("/people/sign-up", data=TYPED | {"homepage": "x"}).status_code == 303
