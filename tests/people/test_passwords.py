"""New passwords: judged kindly, asked for safely, and the end of every older session."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.people import actions, passwords
from portal.people.models import Letter, Person
from tests.letters import text_of
from tests.make import PASSWORD

NEW = "a quite different one"
ASK_AGAIN = "/people/password/forgotten"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def site(make_site: Any, post: Any) -> Any:
    made = make_site(clients=SimpleNamespace(mailer=post))
    with made.unit_of_work() as session:
        actions.create_person(session, "ana", "Ana", PASSWORD, "ana@example.org", "en", START, is_email_known=True)
    return made


@pytest.fixture
def browser(site: Any) -> Any:
    return signed_in(site)


def signed_in(site: Any, password: str = PASSWORD) -> Any:
    browser = site.client()
    browser.post("/people/sign-in", data={"username": "ana", "password": password})
    return browser


def is_signed_in(browser: Any) -> bool:
    return browser.get("/people/me").status_code == 200


def ask_for_link(site: Any, post: Any, name: str = "ana") -> str:
    """The address in the letter that somebody who forgot their password gets."""
    site.client().post("/people/password/forgotten", data={"name": name})
    site.work("people.deliver_letters")
    return re.search(r"http://127.0.0.1:8000(/people/password/reset\?token=\S+)", text_of(post.sent[-1]))[1]


def test_a_new_password_asks_for_the_old_one_and_ends_other_sessions(site: Any, browser: Any) -> None:
    other = signed_in(site)
    wrong = browser.post("/people/me/password", data={"old_password": "wrong wrong", "password": NEW})
    assert wrong.status_code == 422
    assert 'id="old_password-error"' in wrong.text
    assert browser.post("/people/me/password", data={"old_password": PASSWORD, "password": NEW}).status_code == 303
    assert is_signed_in(browser)
    assert not is_signed_in(other)
    assert not is_signed_in(signed_in(site))
    assert is_signed_in(signed_in(site, NEW))


def test_a_weak_new_password_changes_nothing(site: Any, browser: Any) -> None:
    answer = browser.post("/people/me/password", data={"old_password": PASSWORD, "password": "passwordpassword"})
    assert answer.status_code == 422
    assert "among the first passwords" in answer.text
    assert is_signed_in(signed_in(site))


def test_the_old_password_cannot_be_guessed_from_an_open_session(site: Any, browser: Any) -> None:
    for _ in range(site.portal.config.limits.sign_in_tries):
        browser.post("/people/me/password", data={"old_password": "guess guess", "password": NEW})
    answer = browser.post("/people/me/password", data={"old_password": PASSWORD, "password": NEW})
    assert answer.status_code == 429


def test_a_letter_lets_its_reader_choose_a_new_password(site: Any, post: Any, browser: Any) -> None:
    link = ask_for_link(site, post, "ANA@example.org")
    fresh = site.client()
    assert "ana" in fresh.get(link).text
    assert fresh.post(link, data={"password": "short"}).status_code == 422
    assert fresh.post(link, data={"password": NEW}).status_code == 303
    assert is_signed_in(fresh)
    assert not is_signed_in(browser)
    assert is_signed_in(signed_in(site, NEW))
    site.work("people.deliver_letters")
    assert post.sent[-1]["Subject"] == "Your password for Contributor Portal was changed"


def test_a_reset_link_works_once(site: Any, post: Any) -> None:
    link = ask_for_link(site, post)
    site.client().post(link, data={"password": NEW})
    again = site.client()
    assert again.get(link).location == ASK_AGAIN
    assert again.post(link, data={"password": PASSWORD}).location == ASK_AGAIN
    assert is_signed_in(signed_in(site, NEW))


def test_of_two_links_the_first_that_is_used_ends_the_other(site: Any, post: Any) -> None:
    first, second = ask_for_link(site, post), ask_for_link(site, post)
    site.client().post(second, data={"password": NEW})
    assert site.client().get(first).location == ASK_AGAIN


def test_a_reset_link_is_too_old_after_its_minutes(site: Any, post: Any) -> None:
    minutes = site.portal.config.limits.reset_minutes
    with time_machine.travel(START, tick=False):
        link = ask_for_link(site, post)
    with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
        assert site.client().get(link).status_code == 200
    with time_machine.travel(START + timedelta(minutes=minutes, seconds=1), tick=False):
        answer = site.client().post(link, data={"password": NEW}, follow_redirects=True)
    assert "This link has been used, or is too old. Ask for another" in answer.text
    assert is_signed_in(signed_in(site))


@pytest.mark.parametrize("token", ["", "nonsense", "WzEsMCwiIl0.aaaa.bbbb", "a" * 5000, "null.x.y"])
def test_a_forged_link_is_told_kindly(site: Any, token: str) -> None:
    assert site.client().get("/people/password/reset", query_string={"token": token}).location == ASK_AGAIN


def test_a_link_that_confirms_an_address_resets_no_password(site: Any, post: Any, browser: Any) -> None:
    browser.post("/people/me/email", data={"email": "new@example.org", "password": PASSWORD})
    site.work("people.deliver_letters")
    token = re.search(r"token=(\S+)", text_of(post.sent[-1]))[1]
    assert site.client().get(f"/people/password/reset?token={token}").location == ASK_AGAIN


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(site: Any) -> None:
    pages = []
    for name in ("ana", "nobody", "ana@example.org", "nobody@example.org"):
        browser = site.client()
        answer = browser.post("/people/password/forgotten", data={"name": name})
        assert (answer.status_code, answer.location) == (303, "/people/sign-in")
        pages.append(re.sub(r'csrf_token" value="[^"]*"', "", browser.get("/people/sign-in").text))
    assert len(set(pages)) == 1


def test_letters_cannot_be_asked_for_without_end(site: Any) -> None:
    limit = site.portal.config.limits.sign_in_tries
    answers = [site.client().post("/people/password/forgotten", data={"name": "ana"}) for _ in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [303] * limit + [429]
    with site.unit_of_work() as session:
        assert len(session.scalars(select(Letter)).all()) == 1


def test_nobody_gets_a_link_at_an_address_that_was_not_confirmed(site: Any, post: Any) -> None:
    data = {"username": "eve", "display_name": "Eve", "email": "victim@example.org", "password": NEW, "language": "en"}
    site.client().post("/people/sign-up", data=data)
    site.client().post("/people/password/forgotten", data={"name": "eve"})
    site.work("people.deliver_letters")
    assert [message["Subject"] for message in post.sent] == ["Confirm your address for Contributor Portal"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "demo-portal-2026",
        "Tr0ub4dor & 3 friends",
        "我的密码是很长的一句话吧",
        "пароль из пяти слов",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert passwords.objection(password, ("ana", "Ana Lima")) is None


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "password1234",
        "Password2026!",
        "qwertyuiop12",
        "123456789012",
        "analima analima",
        "x" * 201,
    ],
)
def test_a_password_that_others_would_try_is_refused(password: str) -> None:
    assert passwords.objection(password, ("analima", "Ana Lima")) is not None


def test_the_same_password_from_another_keyboard_matches() -> None:
    kept = passwords.hash_of("cafe\u0301 au lait svp")
    assert passwords.matches("café au lait svp", kept)


def test_no_hash_or_a_broken_one_matches_nothing() -> None:
    for kept in (None, "", "-", "$argon2id$broken"):
        assert not passwords.matches("the password of nobody", kept)
        assert not passwords.matches("", kept)


def test_a_person_without_sessions_left_is_signed_out_at_once(site: Any, browser: Any) -> None:
    with site.unit_of_work() as session:
        person = session.scalars(select(Person)).one()
        person.session_epoch += 1
    assert not is_signed_in(browser)
