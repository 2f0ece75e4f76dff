"""Who is suspended gets in by no way, and nothing says that they did; they are told by letter."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.admin import actions
from portal.core import clock
from portal.core.formats import exact
from portal.core.security_log import Outcome, SecurityEvent, SecurityRow
from portal.people.models import Letter, Person
from tests import make
from tests.admin.test_people import People, suspend
from tests.authenticators.test_passkeys import TOML, added, browser_of, is_signed_in, show
from tests.fakes.providers import SECRET, FakeOpenId
from tests.letters import text_of
from tests.people.conftest import Postbox
from tests.single_sign_on.conftest import join, settings_of, walk


@pytest.fixture
def post() -> Postbox:
    """The mail server."""
    return Postbox()


@pytest.fixture
def site(make_site: Any, post: Postbox) -> Any:
    """A site that sends letters."""
    return make_site(clients=SimpleNamespace(mailer=post))


def keep_out(site: Any, person_id: int) -> None:
    """Suspended by a steward of this site."""
    with site.unit_of_work() as session:
        for username in ("sam", "sue"):
            make.role(session, make.person(session, username), "portal-steward")
        sam = session.scalars(select(Person).where(Person.username == "sam")).one()
        end = clock.now() + timedelta(days=3)
        actions.suspend(session, person_id, sam, "You wrote to 40 people at once.", end, clock.now())


def sign_ins(site: Any, person_id: int) -> list[str]:
    """How the sign-ins of this person ended, the newest last."""
    with site.unit_of_work() as session:
        theirs = (SecurityRow.event == SecurityEvent.SIGN_IN, SecurityRow.who_id == person_id)
        return list(session.scalars(select(SecurityRow.outcome).where(*theirs).order_by(SecurityRow.id)))


def letters(site: Any, person_id: int) -> list[str]:
    with site.unit_of_work() as session:
        theirs = select(Letter.template).where(Letter.person_id == person_id)
        return list(session.scalars(theirs.order_by(Letter.id)))


def test_an_account_elsewhere_opens_no_suspended_account(make_site: Any) -> None:
    with FakeOpenId() as openid:
        environ = {"PORTAL_SECRET_KEY": "test", "SIGN_IN_SECRET": SECRET}
        site = make_site(settings_of(("door", "openid", openid)), environ=environ)
        join(site.client())
        with site.unit_of_work() as session:
            ana = session.scalars(select(Person.id)).one()
        keep_out(site, ana)
        before, browser = len(sign_ins(site, ana)), site.client()
        told = walk(browser)
    assert (told.status_code, is_signed_in(browser)) == (403, False)
    assert "You wrote to 40 people at once." in told.text
    assert sign_ins(site, ana)[before:] == [Outcome.REFUSED]


def test_a_passkey_opens_no_suspended_account(make_site: Any) -> None:
    site = make_site(TOML)
    bo, _browser, device = added(site)
    keep_out(site, bo.id)
    browser = browser_of(site)
    told = show(browser, device)
    assert (told.status_code, is_signed_in(browser)) == (403, False)
    assert "You wrote to 40 people at once." in told.text
    assert sign_ins(site, bo.id) == [Outcome.REFUSED]


def test_a_password_opens_none_and_no_sign_in_is_noted(site: Any, people: People, browser: Any) -> None:
    suspend(browser("sam"), people["ana"])
    visitor = site.client()
    visitor.post("/people/sign-in", data={"username": "ana", "password": make.PASSWORD})
    assert not is_signed_in(visitor)
    assert sign_ins(site, people["ana"]) == [Outcome.REFUSED]


def test_programs_of_who_is_suspended_are_out_for_good(site: Any, people: People, browser: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = (make.person(session, name) for name in ("olga", "pavel"))
        tokens = [make.api_token(session, one, "profile:read") for one in (ana, ben)]
    suspend(browser("sam"), ana.id)
    browser("sam").post(f"/admin/people/{ana.id}/lift")
    with site.unit_of_work() as session:
        session.get_one(Person, ben.id).suspended_until = clock.now() + timedelta(days=3)
    for token in tokens:
        answer = site.client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def addressed(site: Any, people: People, name: str) -> int:
    with site.unit_of_work() as session:
        session.get_one(Person, people[name]).email = f"{name}@example.org"
    return people[name]


def test_who_is_concerned_is_told_by_letter(site: Any, post: Postbox, people: People, browser: Any) -> None:
    ana, steward = addressed(site, people, "ana"), browser("sam")
    suspend(steward, ana)
    with site.app.test_request_context(), site.portal.database.session(read_only=True) as session:
        in_words = exact(session.get_one(Person, ana).suspended_until or clock.now())
    steward.post(f"/admin/people/{ana}/lift")
    steward.post(f"/admin/people/{ana}/sessions/end")
    browser("ana")
    steward.post(f"/admin/people/{ana}/sessions/end")
    # Where nobody was signed in nothing has ended.
    assert letters(site, ana) == ["people.suspended", "people.suspension_lifted", "people.sessions_ended"]
    site.work("mail.deliver")
    first, second, third = (text_of(letter) for letter in post.sent)
    assert "You wrote to 40 people at once." in first
    assert f"until {in_words}" in first
    assert "sign in again" in second
    assert "/people/password/forgotten" in third


@pytest.mark.parametrize("last_day", ["9999-12-31", "2999-01-01", "0001-01-01"])
def test_a_suspension_ends_within_a_year(people: People, browser: Any, last_day: str) -> None:
    data = {"until": last_day, "reason": "Spam"}
    assert browser("sam").post(f"/admin/people/{people['ana']}/suspend", data=data).status_code == 422


def test_what_the_command_did_to_somebody_is_among_what_was_done_to_others(
    site: Any, people: People, browser: Any
) -> None:
    with site.unit_of_work() as session:
        row = {"event": "second_factor_reset", "outcome": "done", "who_id": None, "about_id": people["ana"]}
        session.add(SecurityRow(at=clock.now(), whence="", facts={}, **row))
    assert "Second factor reset" in browser("sam").get("/admin/events?kind=acts").text
