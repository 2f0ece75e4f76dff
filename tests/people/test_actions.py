"""Accounts are made once a name, and what is asked of them is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.errors import Conflict, Invalid, TooMany
from portal.people import actions, passwords, queries, rate_limit
from portal.people.models import Letter, Person
from tests import make
from tests.make import NOON, PASSWORD


def create(session: Any, username: str = "ana", email: str | None = None, **values: Any) -> Person:
    return actions.create_person(session, username, "Ana Lima", PASSWORD, email, "en", NOON, **values)


def letters(session: Any) -> list[tuple[str, str]]:
    rows = session.execute(select(Person.username, Letter.template).join(Letter).order_by(Letter.id))
    return [(username, template) for username, template in rows]


def test_a_new_account_keeps_a_hash_and_not_the_password(site: Any) -> None:
    with site.unit_of_work() as session:
        person = create(session)
        assert PASSWORD not in person.password_hash
        assert passwords.matches(PASSWORD, person.password_hash)


def test_a_username_is_taken_in_whatever_case_it_is_typed(site: Any) -> None:
    with site.unit_of_work() as session:
        create(session, " Ana ")
        with pytest.raises(Invalid) as refusal:
            create(session, "ANA")
        assert refusal.value.field == "username"
        assert queries.by_username(session, "aNa") is not None


def test_after_a_taken_username_the_same_session_can_go_on(site: Any) -> None:
    with site.unit_of_work() as session:
        create(session)
        with pytest.raises(Invalid):
            create(session)
        create(session, "bob")
    with site.unit_of_work() as session:
        assert queries.by_username(session, "bob") is not None


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("username", {"username": "sign-in"}),
        ("username", {"username": "аna"}),
        ("display_name", {"display_name": "\u202eanA"}),
        ("password", {"password": "short"}),
        ("password", {"password": "ana ana ana ana ana"}),
    ],
)
def test_what_cannot_be_had_is_refused_with_its_field(site: Any, field: str, values: dict[str, str]) -> None:
    given = {"username": "ana", "display_name": "Ana", "password": PASSWORD, **values}
    with site.unit_of_work() as session, pytest.raises(Invalid) as refusal:
        actions.create_person(session, **given, email=None, language="en", now=NOON)
    assert refusal.value.field == field


def test_an_address_is_used_only_after_its_owner_confirmed_it(site: Any) -> None:
    with site.unit_of_work() as session:
        person = create(session, email="Ana@example.org")
        assert (person.email, person.new_email) == (None, "Ana@example.org")
        assert letters(session) == [("ana", "people.confirm_email")]
        actions.confirm_email(session, person, NOON)
        assert (person.email, person.email_key, person.new_email) == ("Ana@example.org", "ana@example.org", None)


def test_a_taken_address_is_told_to_its_owner_only(site: Any) -> None:
    with site.unit_of_work() as session:
        create(session, email="ana@example.org", is_email_known=True)
        stranger = create(session, "eve", "ANA@example.org")
        assert letters(session) == [("ana", "people.email_taken")]
        assert stranger.new_email == "ANA@example.org"
        assert queries.by_name_or_email(session, "Ana@Example.org").username == "ana"


def test_of_two_who_confirm_one_address_the_first_keeps_it(site: Any) -> None:
    with site.unit_of_work() as session:
        first, second = create(session, email="a@example.org"), create(session, "eve", "a@example.org")
        actions.confirm_email(session, first, NOON)
        with pytest.raises(Conflict):
            actions.confirm_email(session, second, NOON)
        assert first.email == "a@example.org"
        assert second.email is None


def test_a_new_address_is_told_to_the_old_one(site: Any) -> None:
    with site.unit_of_work() as session:
        person = create(session, email="old@example.org", is_email_known=True)
        actions.change_email(session, person, "new@example.org", NOON)
        assert letters(session) == [("ana", "people.email_changes"), ("ana", "people.confirm_email")]
        assert person.email == "old@example.org"


@pytest.mark.parametrize("typed", ["ana@example.org", "Ana@Example.org"])
def test_the_address_one_has_is_only_confirmed_when_it_is_given_again(site: Any, typed: str) -> None:
    with site.unit_of_work() as session:
        person = create(session, email="ana@example.org", is_email_known=True)
        actions.change_email(session, person, typed, NOON)
        assert letters(session) == [("ana", "people.confirm_email")]


def test_a_new_password_ends_every_session(site: Any) -> None:
    with site.unit_of_work() as session:
        person = create(session)
        before = make.sign_in(site.client(), person)
        actions.set_password(session, person, "another good one", NOON)
    assert before.get("/people/me").status_code == 302
    with site.unit_of_work() as session:
        person = queries.by_username(session, "ana")
        assert passwords.matches("another good one", person.password_hash)


def test_nobody_without_a_confirmed_address_gets_letters(site: Any) -> None:
    with site.unit_of_work() as session:
        person = make.person(session, new_email="typed@example.org")
        actions.write_letter(session, person, "mentoring.claimed", {}, NOON)
        assert letters(session) == []


def test_a_reset_that_waits_is_not_asked_for_twice(site: Any) -> None:
    with site.unit_of_work() as session:
        make.person(session, "ana", email="a@example.org", email_key="a@example.org")
        for typed in ("ana", "A@example.org", "nobody", "nobody@example.org"):
            actions.ask_for_reset(session, typed, NOON)
        assert letters(session) == [("ana", "people.reset_password")]


def test_too_many_tries_are_refused_until_the_window_has_moved_on(site: Any) -> None:
    window, tries = timedelta(minutes=15), {"subject": 2}
    with site.unit_of_work() as session:
        for minute in (0, 5):
            rate_limit.enforce(session, tries, window, NOON + timedelta(minutes=minute))
            rate_limit.record_attempt(session, tries, NOON + timedelta(minutes=minute))
        with pytest.raises(TooMany) as refusal:
            rate_limit.enforce(session, tries, window, NOON + timedelta(minutes=6))
        assert refusal.value.retry_after == 9 * 60 + 1
        rate_limit.enforce(session, tries, window, NOON + timedelta(minutes=15, seconds=1))
