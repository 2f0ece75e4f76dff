"""One's data: all of it in one file, and gone without a trace."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.app import FEATURES
from portal.core import clock
from portal.core.database import Base
from portal.core.feature import Feature
from portal.core.i18n import _, speaking
from portal.people import actions, queries
from portal.people.models import Account, Letter, Person, PersonLanguage, PersonSkill
from tests import make
from tests.letters import text_of
from tests.make import NOON, PASSWORD

TRACES = ("analima", "Ana Lima", "ana@example.org", "other@example.org", "I like maps", "forge-ana", "Fortaleza")


@pytest.fixture
def erased() -> list[str]:
    """The usernames that people had when the room of stones was asked to forget them."""
    return []


@pytest.fixture
def site(make_site: Any, post: Any, erased: list[str]) -> Any:
    """A site with a room of our own, which holds something about people."""
    stones = Feature(
        "stones",
        export=lambda session, person: [person.username],
        erase=lambda portal, session, person, now: erased.append(person.username),
    )
    return make_site(clients=SimpleNamespace(mailer=post), features=(*FEATURES, stones))


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        person = actions.create_person(
            session, "analima", "Ana Lima", PASSWORD, "ana@example.org", "en", NOON, is_email_known=True
        )
        actions.describe(person, "Ana Lima", "I like maps", "America/Fortaleza", 5)
        person.skills, person.languages = [PersonSkill(skill="python", level=3)], [PersonLanguage(code="pt")]
        person.accounts = [Account(service="forge", username="forge-ana", added_at=NOON)]
        actions.change_email(session, person, "other@example.org", NOON)
    return person


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    browser = site.client()
    browser.post("/people/sign-in", data={"username": "analima", "password": PASSWORD})
    return browser


def everything(site: Any) -> str:
    """All that any table holds, as text."""
    with site.unit_of_work() as session:
        tables = [session.execute(select(table)).all() for table in Base.metadata.sorted_tables]
    return str(tables)


def test_the_export_holds_everything_and_what_features_add(site: Any, ana: Person, browser: Any) -> None:
    answer = browser.get("/people/me/export")
    assert re.fullmatch(r'attachment; filename="analima-\d{4}-\d\d-\d\d\.json"', answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    held = json.loads(answer.text)
    for trace in TRACES:
        assert trace in answer.text
    assert held["skills"] == [{"skill": "python", "level": 3}]
    assert held["stones"] == ["analima"]
    assert "argon2" not in answer.text
    told = {*queries.PROFILE, "skills", "languages", "accounts", "picture"}
    kept_back = {"password_hash", "email_key", "session_epoch", "deleted_at"}
    assert {column.key for column in Person.__table__.columns} - kept_back <= told


def test_deleting_asks_for_the_password(site: Any, ana: Person, browser: Any) -> None:
    assert "This cannot be undone." in browser.get("/people/me/delete").text
    later = make.sign_in(site.client(), ana, at=clock.now() - timedelta(hours=1))
    door = later.post("/people/me/delete").location
    assert later.post(door, data={"password": "wrong wrong wrong"}).status_code == 422
    assert later.post("/people/me/delete").location.startswith("/people/prove")
    assert later.get("/people/me").status_code == 200


def test_who_leaves_leaves_no_trace(site: Any, ana: Person, browser: Any) -> None:
    for trace in TRACES:
        assert trace in everything(site)
    other = site.client()
    other.post("/people/sign-in", data={"username": "analima", "password": PASSWORD})
    assert browser.post("/people/me/delete").status_code == 303
    assert "Your account is deleted." in browser.get("/people/sign-in").text
    left = everything(site)
    for trace in (*TRACES, "argon2", "'pt'"):
        assert trace not in left, trace
    for each in (browser, other):
        assert each.get("/people/me").status_code == 302
    assert site.client().get("/people/analima").status_code == 404
    assert site.client().get(f"/people/deleted-{ana.id}").status_code == 404


def test_what_others_need_stays_under_a_name_that_tells_nothing(site: Any, ana: Person, browser: Any) -> None:
    browser.post("/people/me/delete")
    with site.unit_of_work() as session:
        left = session.get_one(Person, ana.id)
        assert (left.username, left.display_name) == (f"deleted-{ana.id}", "Former member")
        with speaking("fr"):
            session.expire(left)
            assert left.display_name == _("Former member")
        assert not left.is_active
        again = actions.create_person(session, "analima2", "Another", PASSWORD, "ana@example.org", "en", NOON)
        assert again.id != ana.id


def test_features_end_what_a_person_has_going_on_before_the_name_is_gone(
    ana: Person, browser: Any, erased: list[str]
) -> None:
    browser.post("/people/me/delete")
    assert erased == ["analima"]


def confirm_link(site: Any, post: Any) -> str:
    site.work("mail.deliver")
    [letter] = [message for message in post.sent if message["Subject"].startswith("Confirm")]
    return re.search(r"http://127.0.0.1:8000(\S+)", text_of(letter))[1]


def test_an_address_is_confirmed_by_a_button_and_not_by_opening_the_link(site: Any, ana: Person, post: Any) -> None:
    link = confirm_link(site, post)
    anybody = site.client()
    assert "other@example.org" in anybody.get(link, follow_redirects=True).text
    with site.unit_of_work() as session:
        assert session.get(Person, ana.id).email == "ana@example.org"
    assert anybody.post(link).status_code == 303
    with site.unit_of_work() as session:
        person = session.get(Person, ana.id)
        assert (person.email, person.new_email) == ("other@example.org", None)
    assert anybody.post(link).status_code == 404


def test_an_address_that_was_confirmed_elsewhere_meanwhile_is_said_to_its_reader(
    site: Any, ana: Person, post: Any
) -> None:
    link = confirm_link(site, post)
    with site.unit_of_work() as session:
        actions.create_person(session, "eve", "Eve", PASSWORD, "OTHER@example.org", "en", NOON, is_email_known=True)
    assert site.client().post(link).status_code == 409


def test_another_address_asks_for_the_password_and_is_told_to_the_old_one(
    site: Any, ana: Person, browser: Any, post: Any
) -> None:
    data = {"email": "third@example.org"}
    later = make.sign_in(site.client(), ana, at=clock.now() - timedelta(hours=1))
    door = later.post("/people/me/email", data=data).location
    assert later.post(door, data={"password": "wrong wrong wrong"}).status_code == 422
    assert "third@example.org" not in browser.get("/people/me").text
    assert later.post(door, data={"password": PASSWORD}).status_code == 303
    assert later.post("/people/me/email", data=data).status_code == 303
    assert "third@example.org" in browser.get("/people/me").text
    site.work("mail.deliver")
    assert ("ana@example.org", "Another address was given for your account on Contributor Portal") in [
        (message["To"].addresses[0].addr_spec, message["Subject"]) for message in post.sent
    ]


def test_without_an_address_no_more_letters_come(site: Any, ana: Person, browser: Any) -> None:
    assert browser.post("/people/me/email", data={"email": ""}).status_code == 303
    with site.unit_of_work() as session:
        person = session.get(Person, ana.id)
        before = len(session.scalars(select(Letter)).all())
        actions.write_letter(session, person, "people.password_changed", {}, NOON)
        assert len(session.scalars(select(Letter)).all()) == before
        assert person.email is person.new_email is person.email_key is None
