"""What happens at the doors of people is noted, by whom and about whom, whatever became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.security_log import SecurityRow
from portal.people import actions
from portal.people.models import Person
from portal.roles.actions import appoint
from portal.roles.content import RoleDefinitions
from tests import make
from tests.make import NOON, PASSWORD

NEW = "a quite different one"


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return actions.create_person(
            session, "ana", "Ana", PASSWORD, "ana@example.org", "en", NOON, is_email_known=True
        )


def noted(site: Any) -> list[tuple[str, str, int | None, int | None]]:
    with site.portal.database.session(read_only=True) as session:
        rows = session.scalars(select(SecurityRow).order_by(SecurityRow.id)).all()
    return [(row.event, row.outcome, row.who_id, row.about_id) for row in rows]


def sign_in(browser: Any, username: str = "ana", password: str = PASSWORD) -> Any:
    return browser.post("/people/sign-in", data={"username": username, "password": password})


def test_signing_in_and_out_is_noted(site: Any, ana: Person) -> None:
    browser = site.client()
    sign_in(browser)
    browser.post("/people/sign-out")
    browser.post("/people/sign-out")
    assert noted(site) == [("sign_in", "done", ana.id, None), ("sign_out", "done", ana.id, None)]


def test_who_guesses_is_noted_until_they_are_refused_without_what_they_typed(site: Any, ana: Person) -> None:
    for _try in range(site.portal.config.limits.sign_in_tries):
        sign_in(site.client(), password="quokka quokka")
    sign_in(site.client(), password="quokka quokka")
    sign_in(site.client(), "wombat-nobody", "quokka quokka")
    events = noted(site)
    assert set(events[:-3]) == {("sign_in", "failed", None, ana.id)}
    assert events[-3:] == [
        ("sign_in", "refused", None, ana.id),
        ("limit_reached", "refused", None, None),
        ("sign_in", "failed", None, None),
    ]
    with site.portal.database.session(read_only=True) as session:
        kept = repr([vars(row) for row in session.scalars(select(SecurityRow))])
    assert "quokka" not in kept
    assert "wombat" not in kept


def test_a_proof_that_fails_is_noted_and_one_that_does_not(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana, at=datetime.now(UTC) - timedelta(hours=1))
    for password in ("wrong wrong", PASSWORD):
        browser.post("/people/prove", data={"password": password})
    assert noted(site) == [("proved_again", "failed", None, ana.id), ("proved_again", "done", ana.id, None)]


def test_what_somebody_does_to_their_account_is_noted(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    make.sign_in(site.client(), ana)
    browser.post("/people/me/sessions/end")
    browser.get("/people/me/export")
    browser.head("/people/me/export")
    browser.post("/people/me/username", data={"username": "anna"})
    browser.post("/people/me/password", data={"password": NEW})
    browser.post("/people/me/email", data={"email": ""})
    events = ["sessions_ended", "data_exported", "username_changed", "password_changed", "email_changed"]
    assert noted(site) == [(event, "done", ana.id, None) for event in events]


def test_a_reset_that_is_asked_for_is_noted_for_everybody_alike(site: Any, ana: Person) -> None:
    for name in ("ana", "nobody"):
        site.client().post("/people/password/forgotten", data={"name": name})
    asked = ("password_reset_asked", "done", None)
    assert noted(site) == [(*asked, ana.id), (*asked, None)]


def test_a_role_that_is_given_is_noted_and_the_sessions_that_end_with_it(site: Any, ana: Person) -> None:
    make.sign_in(site.client(), ana)
    with site.unit_of_work() as session:
        role = site.portal.library.get(RoleDefinitions).get("portal-steward")
        appoint(session, role, session.get_one(Person, ana.id), None, "They do it well already.", None, NOON)
    assert noted(site) == [("sessions_ended", "done", None, ana.id), ("role_given", "done", None, ana.id)]


def test_who_signs_up_is_noted(site: Any) -> None:
    typed = {"username": "bo", "display_name": "Bo", "password": PASSWORD, "language": "en"}
    assert site.client().post("/people/sign-up", data=typed).status_code == 303
    with site.unit_of_work() as session:
        bo = session.scalars(select(Person).where(Person.username == "bo")).one()
    assert noted(site) == [("sign_up", "done", bo.id, None)]


def test_who_may_not_is_noted_with_where_and_why(site: Any, ana: Person) -> None:
    answer = make.sign_in(site.client(), ana).post("/roles/translator/appoint", data={"person": "ana", "reason": "Me."})
    assert answer.status_code == 403
    assert noted(site) == [("request_refused", "refused", ana.id, None)]
    with site.portal.database.session(read_only=True) as session:
        facts = session.scalars(select(SecurityRow)).one().facts
    assert (facts["method"], facts["page"]) == ("POST", "roles.appoint")
    assert facts["why"]


def test_a_form_without_its_token_is_noted(site: Any, ana: Person) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    answer = make.sign_in(site.client(), ana).post("/people/me", data={"display_name": "Forged"})
    assert answer.status_code == 400
    assert noted(site) == [("request_refused", "refused", ana.id, None)]


def test_who_asks_for_too_many_letters_is_noted(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    for number in range(30):
        if browser.post("/people/me/email", data={"email": f"a{number}@example.org"}).status_code == 429:
            break
    assert noted(site)[-1] == ("limit_reached", "refused", ana.id, None)
