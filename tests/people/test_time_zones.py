"""A time zone is a place: searched by typing, offered as the browser tells it, and never taken in silence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.people.models import Person
from tests import make
from tests.make import PASSWORD

SIGN_UP = {"username": "kim", "display_name": "Kim", "email": "", "password": PASSWORD, "language": "en"}


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return make.person(session, "ana", time_zone="Asia/Calcutta")


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    return make.sign_in(site.client(), ana)


def save(browser: Any, zone: str, **more: str) -> Any:
    return browser.post("/people/me", data={"display_name": "Ana", "language": "en", "time_zone": zone, **more})


def stored(site: Any, username: str = "ana") -> str:
    with site.unit_of_work() as session:
        return str(session.scalars(select(Person.time_zone).where(Person.username == username)).one())


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Kiev", "Europe/Kyiv"),
        ("nairobi", "Africa/Nairobi"),
        ("Japan", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("Etc/GMT-3", "Etc/GMT-3"),
        ("", ""),
    ],
)
def test_what_is_typed_is_kept_as_the_present_place(site: Any, browser: Any, typed: str, zone: str) -> None:
    assert save(browser, typed).status_code == 303
    assert stored(site) == zone


def test_several_places_are_named_to_choose_from(site: Any, browser: Any) -> None:
    page = save(browser, "Portugal")
    assert page.status_code == 422
    assert "Atlantic/Azores, Atlantic/Madeira, Europe/Lisbon" in page.text
    assert 'value="Portugal"' in page.text
    assert stored(site) == "Asia/Calcutta"


@pytest.mark.parametrize("typed", ["Atlantis", "Europe/", "x" * 5000, "<b>"])
def test_what_is_no_place_is_refused_beside_its_field(site: Any, browser: Any, typed: str) -> None:
    page = save(browser, typed)
    assert page.status_code == 422
    assert 'id="time_zone-error"' in page.text
    assert "write a city or a country" in page.text


def test_a_stored_old_name_is_understood_and_shown_by_its_present_one(site: Any, browser: Any) -> None:
    assert 'value="Asia/Kolkata"' in browser.get("/people/me").text.partition('id="time_zone"')[2].partition(">")[0]
    assert "Asia/Kolkata" in browser.get("/people/ana").text
    assert "Asia/Kolkata" in browser.get("/notices/letters").text


def test_the_list_has_each_place_once_with_its_name_in_the_readers_language(browser: Any) -> None:
    page = browser.get("/people/me?uselang=fr").text
    values = re.findall(
        r'<option value="([^"]*)">', page.partition('<datalist id="time-zones">')[2].partition("</datalist>")[0]
    )
    assert len(values) == len(set(values)) > 400
    assert {"Europe/Kyiv", "Asia/Kolkata", "UTC"} <= set(values)
    assert not {"Europe/Kiev", "Asia/Calcutta", "US/Eastern"} & set(values)
    assert "Allemagne</option>" in page
    assert re.search(r'<input[^>]*id="time_zone"[^>]*list="time-zones"', page)


@pytest.mark.parametrize("address", ["/people/me", "/people/sign-up"])
def test_what_the_browser_says_is_offered_hidden_until_it_is_known(site: Any, browser: Any, address: str) -> None:
    client = browser if address == "/people/me" else site.client()
    page = client.get(address).text
    offer = re.search(r"<div[^>]*data-zone-offer=\"time_zone\"[^>]*>.*?</div>", page, re.DOTALL)
    assert offer is not None
    assert " hidden" in offer[0].partition(">")[0]
    assert 'type="button"' in offer[0]
    assert "Asia/Calcutta" in offer[0]


@pytest.mark.parametrize(
    ("typed", "zone"), [("", ""), ("Reykjavik", "Atlantic/Reykjavik"), ("US/Eastern", "America/New_York")]
)
def test_who_signs_up_says_it_or_leaves_it_out(site: Any, typed: str, zone: str) -> None:
    assert site.client().post("/people/sign-up", data=SIGN_UP | {"time_zone": typed}).status_code == 303
    assert stored(site, "kim") == zone


def test_a_form_of_before_without_the_field_still_signs_up(site: Any) -> None:
    assert site.client().post("/people/sign-up", data=SIGN_UP).status_code == 303
    assert stored(site, "kim") == ""
