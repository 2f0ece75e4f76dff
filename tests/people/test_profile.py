"""A profile: kept by its owner, shown to others as far as the table of audiences says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from portal.people import forms, queries, rules
from portal.people.models import Account, Person, PersonLanguage, PersonSkill
from tests import make
from tests.make import NOON

SOURCES = """
[wiki]
url = "https://wiki.example.org/w"
[[sources]]
slug = "forge"
kind = "gitlab"
name = "Our Forge"
url = "https://forge.example.org"
[[sources]]
slug = "reviews"
kind = "gerrit"
url = "https://gerrit.example.org/r"
"""


TRAPS = {"homepage", "shown_at", "kept_password"}
"""Of portal/people/traps.py."""
MARK = "ab" * 16
"""Of the picture that Ana chose."""


@pytest.fixture
def site(make_site: Any) -> Any:
    return make_site(SOURCES)


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        person = make.person(
            session,
            "ana",
            display_name="Ana Lima",
            email="ana@example.org",
            email_key="ana@example.org",
            about="I like *maps*.",
            time_zone="America/Fortaleza",
            weekly_hours=5,
            language="fr",
        )
        person.skills = [PersonSkill(skill="python", level=3)]
        person.languages = [PersonLanguage(code="pt")]
        person.accounts = [Account(service="forge", username="analima", added_at=NOON)]
    return person


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    return make.sign_in(site.client(), ana)


def read(site: Any, ana: Person) -> dict[str, Any]:
    with site.unit_of_work() as session:
        return queries.export_of(session, session.get(Person, ana.id))


def test_what_one_says_about_oneself_is_saved(site: Any, ana: Person, browser: Any) -> None:
    data = {"display_name": "  Ana   L. ", "about": "Maps", "time_zone": "Asia/Tokyo", "weekly_hours": "3"}
    assert browser.post("/people/me", data=data | {"language": "fr"}).status_code == 303
    profile = read(site, ana)["profile"]
    assert (profile["display_name"], profile["time_zone"], profile["weekly_hours"]) == ("Ana L.", "Asia/Tokyo", 3)
    assert '<html lang="fr"' in browser.get("/people/me").text


def test_what_cannot_be_is_refused_beside_its_field(browser: Any) -> None:
    data = {"display_name": "\u202e", "about": "x" * 4001, "time_zone": "Mars/Base", "weekly_hours": "200"}
    answer = browser.post("/people/me", data=data | {"language": "xx"})
    assert answer.status_code == 422
    for name in (*data, "language"):
        assert f'id="{name}-error"' in answer.text, name


def test_nothing_is_said_when_the_hours_are_left_out(site: Any, ana: Person, browser: Any) -> None:
    browser.post("/people/me", data={"display_name": "Ana", "language": "en", "weekly_hours": ""})
    assert read(site, ana)["profile"]["weekly_hours"] is None


def test_a_skill_is_added_changed_and_removed(site: Any, ana: Person, browser: Any) -> None:
    for skill, level in (("php", "1"), ("php", "4")):
        assert browser.post("/people/me/skills", data={"skill": skill, "level": level}).status_code == 303
    browser.post("/people/me/skills/remove", data={"skill": "python"})
    assert read(site, ana)["skills"] == [{"skill": "php", "level": 4}]


@pytest.mark.parametrize(("skill", "level"), [("", ""), ("juggling", "3"), ("php", "5"), ("php", "x")])
def test_a_skill_or_level_that_is_none_is_refused(site: Any, ana: Person, browser: Any, skill: str, level: str) -> None:
    assert browser.post("/people/me/skills", data={"skill": skill, "level": level}).status_code == 422
    assert read(site, ana)["skills"] == [{"skill": "python", "level": 3}]


def test_a_language_is_added_once_and_removed(site: Any, ana: Person, browser: Any) -> None:
    for code in ("fr", "fr", "ckb"):
        assert browser.post("/people/me/languages", data={"spoken": code}).status_code == 303
    browser.post("/people/me/languages/remove", data={"code": "pt"})
    assert read(site, ana)["languages"] == ["ckb", "fr"]
    assert browser.post("/people/me/languages", data={"spoken": "tlh-x"}).status_code == 422


def test_an_account_is_kept_as_said_and_shown_as_not_yet_verified(site: Any, ana: Person, browser: Any) -> None:
    for service, account in (("reviews", "ana.l"), ("wiki", "Ana L/x"), ("wiki", "Ana L/x")):
        assert browser.post("/people/me/accounts", data={"service": service, "account": account}).status_code == 303
    page = browser.get("/people/ana?uselang=en").text
    assert page.count("not yet verified") == 3
    assert "https://forge.example.org/analima" in page
    assert "https://gerrit.example.org/r/q/owner:ana.l" in page
    assert "https://wiki.example.org/w/index.php?title=User:Ana%20L%2Fx" in page
    assert browser.post("/people/me/accounts", data={"service": "nowhere", "account": "x"}).status_code == 422


def test_nobody_removes_what_is_somebody_elses(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        eve = make.person(session, "eve")
    browser = make.sign_in(site.client(), eve)
    browser.post("/people/me/accounts/remove", data={"account": str(ana.accounts[0].id)})
    browser.post("/people/me/skills/remove", data={"skill": "python"})
    kept = read(site, ana)
    assert len(kept["accounts"]) == len(kept["skills"]) == 1


def test_a_full_list_says_so(site: Any, ana: Person, browser: Any) -> None:
    with site.unit_of_work() as session:
        rows = [Account(service="wiki", username=f"u{n}", added_at=NOON) for n in range(rules.MOST_ROWS)]
        session.get(Person, ana.id).accounts = rows
    answer = browser.post("/people/me/accounts?uselang=en", data={"service": "wiki", "account": "one more"})
    assert answer.status_code == 422
    assert "The list is full." in answer.text


@pytest.mark.parametrize("page", ["", "/email", "/password", "/export", "/delete"])
def test_only_its_owner_reaches_what_is_theirs(site: Any, page: str) -> None:
    answer = site.client().get(f"/people/me{page}")
    assert answer.status_code == 302
    assert answer.location.startswith("/people/sign-in?next=")


FOUND = {
    "username": ">ana<",
    "display_name": "Ana Lima",
    "picture": f"/people/pictures/{MARK}",
    "about": "<em>maps</em>",
    "skills": "Python",
    "languages": "Portuguese",
    "accounts": "analima",
    "time_zone": "Fortaleza",
    "weekly_hours": "<dd>5</dd>",
    "email": "ana@example.org",
}


@pytest.mark.parametrize("viewer", [rules.Audience.EVERYONE, rules.Audience.SIGNED_IN])
def test_others_see_what_the_table_gives_them_and_nothing_else(site: Any, ana: Person, viewer: rules.Audience) -> None:
    browser = site.client()
    with site.unit_of_work() as session:
        session.get_one(Person, ana.id).picture = MARK
    if viewer is rules.Audience.SIGNED_IN:
        with site.unit_of_work() as session:
            make.sign_in(browser, make.person(session, "eve"))
    page = browser.get("/people/ana").text
    shown = rules.fields_shown_to(viewer)
    assert {field for field, trace in FOUND.items() if trace in page} == shown
    assert not shown & {"email", "password", "language"}


def test_every_field_of_every_form_says_who_sees_it(site: Any, browser: Any) -> None:
    page = browser.get("/people/me?uselang=en").text
    for field in ("display_name", "about", "time_zone", "weekly_hours", "language"):
        words = rules.AUDIENCE[field].label
        assert f'id="{field}-audience">Who sees this: {words}</p>' in page
    for section in ("skills", "languages", "accounts"):
        part = page.partition(f'<section id="{section}">')[2].partition("</section>")[0]
        assert f"Who sees this: {rules.AUDIENCE[section].label}" in part


def asked_for(form: Any) -> set[str]:
    """The fields that people fill in: neither marks of the form nor what only programs see."""
    return {field.name for field in form if field.type != "CSRFTokenField"} - TRAPS


def test_the_table_of_audiences_covers_every_field_that_is_asked_for(site: Any) -> None:
    with site.app.test_request_context():
        for form in (forms.SignUpForm(), forms.ProfileForm(), forms.EmailForm()):
            assert asked_for(form) <= rules.AUDIENCE.keys()
        page = site.client().get("/people/sign-up").text
        assert page.count("Who sees this") == len(asked_for(forms.SignUpForm()))


def test_what_people_write_cannot_run(site: Any, ana: Person, browser: Any) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)> [x](javascript:alert(1))'
    data = {"display_name": evil[:80], "about": evil, "language": "en", "time_zone": ""}
    browser.post("/people/me", data=data)
    for page in (browser.get("/people/me").text, site.client().get("/people/ana").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page


def test_who_is_not_here_is_said_kindly(site: Any, ana: Person) -> None:
    for name in ("nobody", "ana%20", "a" * 300):
        assert site.client().get(f"/people/{name}").status_code in {200, 404}
    assert site.client().get("/people/ANA").status_code == 200
    assert "There is nobody here with this name." in site.client().get("/people/nobody").text


def test_pages_ask_the_database_as_often_for_long_lists_as_for_short_ones(site: Any, ana: Person, browser: Any) -> None:
    asked: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def count(address: str) -> int:
        asked.clear()
        browser.get(address)
        return len(asked)

    before = [count(address) for address in ("/people/me", "/people/ana")]
    with site.unit_of_work() as session:
        person = session.get(Person, ana.id)
        person.accounts = [Account(service="wiki", username=f"u{n}", added_at=NOON) for n in range(20)]
        person.skills = [PersonSkill(skill=skill, level=1) for skill in ("php", "css", "sql", "git")]
    assert [count(address) for address in ("/people/me", "/people/ana")] == before


def test_a_page_stays_small(browser: Any) -> None:
    assert len(browser.get("/people/me").data) < 60_000
