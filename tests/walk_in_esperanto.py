"""A walk through a site that speaks Esperanto: tests/test_languages.py runs it in a copy that has the files for it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from portal.core.formats import day
from portal.core.i18n import speaking
from portal.people import actions
from portal.people.models import Person
from tests import make
from tests.people.conftest import Postbox

NAME = '<html lang="eo" dir="ltr">'


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def site(make_site: Any, post: Postbox) -> Any:
    return make_site('[site]\ndefault_language = "eo"\n', clients=SimpleNamespace(mailer=post))


@pytest.fixture
def browser(site: Any) -> Any:
    return site.client()


def test_the_front_page_is_for_whoever_likes_it_best(browser: Any) -> None:
    page = browser.get("/", headers={"Accept-Language": "eo, en;q=0.5"}).text
    assert NAME in page
    assert "Ensaluti" in page
    assert 'lang="eo" hreflang="eo" aria-current="true">Esperanto</a>' in page
    assert '<html lang="en"' in browser.get("/", headers={"Accept-Language": "en"}).text
    assert NAME in browser.get("/").text, "it is the language of the site"


def test_content_is_read_in_it_and_what_is_missing_in_english(browser: Any) -> None:
    assert "<h1>Mentoro</h1>" in browser.get("/roles/mentor").text
    assert "<h1>Privateco</h1>" in browser.get("/privacy", follow_redirects=True).text
    assert "Kial kontroli" in browser.get("/tracks/reviewing-changes/why-review").text
    assert "You read it in English" in browser.get("/help/tools").text
    older = browser.get("/help/search").text
    assert "<h1>Serĉado</h1>" in older
    assert "older than the English text" in older
    assert "the English text is shown" in browser.get("/roles/translator").text


@pytest.mark.parametrize(
    ("typed", "found"), [("mentoro", "/roles/mentor"), ("privateco", "/help/privacy"), ("alirebleco", "accessibility")]
)
def test_search_finds_its_words(browser: Any, typed: str, found: str) -> None:
    assert found in browser.get("/search", query_string={"q": typed}).text


def test_somebody_chooses_it_and_gets_letters_in_it(site: Any, browser: Any, post: Postbox) -> None:
    form = {"display_name": "Ana", "username": "ana", "password": make.PASSWORD, "language": "eo"}
    assert browser.post("/people/sign-up", data=form).status_code == 303
    with site.unit_of_work() as session:
        person = session.query(Person).one()
        assert person.language == "eo"
        person.email = person.email_key = "ana@example.org"
        actions.write_letter(session, person, "people.password_changed", {}, make.NOON)
    with time_machine.travel(make.NOON, tick=False):
        site.work("mail.deliver")
    assert post.sent[-1]["Subject"] == "Via pasvorto por Contributor Portal estas ŝanĝita"
    html = post.sent[-1].get_body(("html",))
    assert html is not None
    assert NAME in html.get_content()


def test_feeds_and_the_api_speak_it(browser: Any) -> None:
    assert 'xml:lang="eo"' in browser.get("/tools/wanted.atom?uselang=eo").text
    answer = browser.get("/api/v1/roles/mentor?language=eo")
    assert (answer.json["title"], answer.headers["Content-Language"]) == ("Mentoro", "eo")


def test_days_are_written_as_its_readers_write_them() -> None:
    with speaking("eo"):
        assert day(date(2026, 11, 23)) == "2026-Novembro-23"
