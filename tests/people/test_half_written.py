"""Without script: what is half written about oneself comes back when another form of the profile is done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portal.core.drafts import Draft
from portal.people.models import Account, Person, PersonLanguage, PersonSkill
from tests import make

ABOUT = "I mend gadgets on Sundays, and would like to learn more.\n\nNothing of this is saved."


@pytest.fixture
def site(make_site: Any) -> Any:
    """A site whose people can name an account."""
    return make_site('[wiki]\nurl = "https://wiki.example"\n')


@pytest.fixture
def ana(site: Any) -> Any:
    with site.unit_of_work() as session:
        person = make.person(session, "ana")
        person.skills = [PersonSkill(skill="sql", level=2)]
        person.languages = [PersonLanguage(code="en")]
        person.accounts = [Account(service="wiki", username="Ana", added_at=make.NOON)]
    return make.sign_in(site.client(), person)


def send(browser: Any, url: str, **data: str) -> str:
    """As a browser without script sends it: the form about oneself goes with it. The page that comes next."""
    page = browser.get("/people/me").text
    whole = page.partition('id="about-form"')[2]
    marks = dict(re.findall(r'name="(csrf_token|form_key|form_page)" value="([^"]*)"', whole)[:3])
    about = {
        "display_name": "Ana of the gadgets",
        "about": ABOUT,
        "time_zone": "",
        "weekly_hours": "",
        "language": "en",
    }
    answer = browser.post(url, data={**marks, **about, **data})
    return str(browser.get(answer.location).text if answer.status_code == 303 else answer.text)


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/people/me/skills", {"skill": "python", "level": "3"}),
        ("/people/me/skills/remove", {"skill": "sql"}),
        ("/people/me/languages", {"spoken": "de"}),
        ("/people/me/languages/remove", {"code": "en"}),
        ("/people/me/accounts", {"service": "wiki", "account": "Ana Two"}),
        ("/people/me/accounts/remove", {"account": "1"}),
    ],
)
def test_the_words_come_back_and_are_not_saved(site: Any, ana: Any, url: str, data: dict[str, str]) -> None:
    page = send(ana, url, **data)
    assert "Nothing of this is saved.</textarea>" in page.replace("\r", "")
    assert 'value="Ana of the gadgets"' in page
    assert "This is not saved yet" in page
    with site.unit_of_work() as session:
        saved = session.query(Person).filter_by(username="ana").one()
        assert (saved.display_name, saved.about) == ("Ana", "")


def test_what_was_pressed_is_done(site: Any, ana: Any) -> None:
    send(ana, "/people/me/skills", skill="python", level="3")
    send(ana, "/people/me/skills/remove", skill="sql")
    with site.unit_of_work() as session:
        assert {row.skill: row.level for row in session.query(PersonSkill)} == {"python": 3}


def test_a_slip_in_the_other_form_keeps_the_words_too(ana: Any) -> None:
    page = send(ana, "/people/me/skills", skill="", level="3")
    assert "Choose a skill." in page
    assert "Nothing of this is saved.</textarea>" in page.replace("\r", "")


def test_without_half_written_words_nothing_is_kept(site: Any, ana: Any) -> None:
    answer = ana.post("/people/me/skills", data={"skill": "python", "level": "3"})
    assert answer.location == "/people/me#skills"
    with site.unit_of_work() as session:
        assert session.query(Draft).count() == 0


def test_what_is_saved_already_is_not_called_unsaved(ana: Any) -> None:
    answer = ana.post(
        "/people/me/skills",
        data={"skill": "python", "level": "3", "display_name": "Ana", "about": "", "time_zone": "", "language": ""},
    )
    assert answer.location == "/people/me#skills"


def test_every_part_of_the_profile_is_sent_with_what_is_half_written(ana: Any) -> None:
    page = ana.get("/people/me").text
    for part in ("skills", "skills/remove", "languages", "languages/remove"):
        assert f'form="about-form" formaction="/people/me/{part}"' in page
    for name in ("skill", "level", "spoken"):
        assert re.search(rf'<select[^>]*form="about-form"[^>]*name="{name}"', page)
