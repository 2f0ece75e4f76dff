"""A text can be looked at before it is sent: nothing is saved, and what is shown passed the same door."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portal.people.models import Person
from tests import make

BUTTON = re.compile(r'<button[^>]*name="preview" value="([\w-]+)" formaction="/preview" formtarget="_blank"')


@pytest.fixture
def ana(site: Any) -> Any:
    with site.unit_of_work() as session:
        return make.sign_in(site.client(), make.person(session, "ana", about="Before"))


def preview(browser: Any, text: str, **more: str) -> str:
    answer = browser.post("/preview", data={"preview": "about", "about": text, **more})
    assert answer.status_code == 200
    page: str = answer.text
    return page.partition('id="preview"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello **you**", '<p dir="auto">Hello <strong>you</strong></p>'),
        ("    code\r\n      more\r\n", "<pre><code>code\n  more\n</code></pre>"),
        ("see https://example.net/x", '<a href="https://example.net/x" rel="nofollow noopener ugc">'),
        ("7. seven", '<ol start="7" dir="auto">'),
    ],
)
def test_it_shows_a_text_as_it_will_be_shown(ana: Any, text: str, html: str) -> None:
    assert html in preview(ana, text)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", '<img src=x onerror="x()">'])
def test_it_is_behind_the_same_door(ana: Any, text: str) -> None:
    shown = preview(ana, text)
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    ("text", "told"), [("", "write something first"), (" \n ", "write something"), ("x" * 10_001, "too long")]
)
def test_it_says_when_there_is_nothing_to_show(ana: Any, text: str, told: str) -> None:
    assert told in preview(ana, text)


def test_nothing_is_saved(site: Any, ana: Any) -> None:
    preview(ana, "After", display_name="Somebody else")
    with site.unit_of_work() as session:
        person = session.query(Person).filter_by(username="ana").one()
        assert (person.about, person.display_name) == ("Before", "Ana")


@pytest.mark.parametrize(
    ("page", "field"), [("/people/me", "about"), ("/mentoring/ask", "goal"), ("/roles/translator/offer", "reason")]
)
def test_every_long_field_has_one_and_enter_presses_the_forms_own_button(ana: Any, page: str, field: str) -> None:
    html = ana.get(page).text
    assert field in BUTTON.findall(html)
    form = next(one for one in html.split("<form")[1:] if f'value="{field}" formaction' in one)
    assert re.search(r"<button[^>]*>", form)[0] == '<button type="submit" hidden>'  # type: ignore[index]


def test_short_fields_have_none(ana: Any) -> None:
    assert not BUTTON.findall(ana.get("/people/me/password").text)


def test_only_who_is_signed_in_is_answered(site: Any) -> None:
    assert site.client().post("/preview", data={"preview": "about", "about": "x"}).status_code == 302
