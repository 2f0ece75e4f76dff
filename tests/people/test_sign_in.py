"""Signing up, in and out: for people who belong here, and against those who guess."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.people import actions, passwords, queries, rules
from portal.people.models import Letter, Person, SignInTry
from tests import make
from tests.make import NOON, PASSWORD

SIGN_UP = {"username": "ana", "display_name": "Ana Lima", "email": "", "password": PASSWORD, "language": "en"}


@pytest.fixture
def ana(site: Any) -> Person:
    """Somebody with a password and a confirmed address."""
    with site.unit_of_work() as session:
        return actions.create_person(
            session, "ana", "Ana Lima", PASSWORD, "ana@example.org", "en", NOON, is_email_known=True
        )


def sign_in(browser: Any, username: str = "ana", password: str = PASSWORD, **options: Any) -> Any:
    return browser.post("/people/sign-in", data={"username": username, "password": password}, **options)


def is_signed_in(browser: Any) -> bool:
    return browser.get("/people/me").status_code == 200


def test_a_newcomer_signs_up_and_is_signed_in(site: Any) -> None:
    browser = site.client()
    answer = browser.post("/people/sign-up?next=/people/ana", data=SIGN_UP)
    assert (answer.status_code, answer.location) == (303, "/people/ana")
    assert "Welcome, Ana Lima." in browser.get("/people/ana").text
    assert is_signed_in(browser)


def test_what_was_typed_is_kept_when_a_sign_up_is_refused(site: Any) -> None:
    answer = site.client().post("/people/sign-up", data=SIGN_UP | {"password": "short", "email": "nonsense"})
    assert answer.status_code == 422
    assert 'value="Ana Lima"' in answer.text
    assert "Use at least 12 characters." in answer.text
    assert "Write it like name@example.org." in answer.text
    assert "short" not in re.findall(r'value="([^"]*)"', answer.text)


@pytest.mark.parametrize(
    "username",
    ["a", "-ana", "an a", "аna", "ana\u200b", "ana/..", "me", "sign-in", "deleted-1", "a" * 40, "ａｎａ", "@na"],
)
def test_an_odd_username_is_refused_beside_its_field(site: Any, username: str) -> None:
    answer = site.client().post("/people/sign-up", data=SIGN_UP | {"username": username})
    assert answer.status_code == 422
    assert 'id="username-error"' in answer.text


def test_every_fixed_address_is_a_name_nobody_can_have(site: Any) -> None:
    fixed = {str(rule).split("/")[2] for rule in site.app.url_map.iter_rules() if str(rule).startswith("/people/")}
    for name in fixed - {"<username>"}:
        assert site.client().post("/people/sign-up", data=SIGN_UP | {"username": name}).status_code == 422


def test_a_taken_username_is_said(site: Any, ana: Person) -> None:
    answer = site.client().post("/people/sign-up", data=SIGN_UP | {"username": "ANA"})
    assert answer.status_code == 422
    assert "This username is taken." in answer.text


def test_all_that_is_wrong_with_an_account_is_said_at_once(site: Any, ana: Person) -> None:
    wrong = {"username": "ana", "display_name": "Portal team", "password": "password1234"}
    page = site.client().post("/people/sign-up", data=SIGN_UP | wrong)
    assert page.status_code == 422
    assert "This username is taken." in page.text
    for field in wrong:
        assert f'id="{field}-error"' in page.text
    with site.unit_of_work() as session:
        assert session.scalars(select(Person.username)).all() == ["ana"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[mail]\nhost = "mail.example.org"', "An e-mail is on its way to kim@example.org."),
        ("", "This site sends no e-mails yet, so nothing reaches kim@example.org for now."),
    ],
)
def test_who_gives_an_address_hears_whether_a_link_is_on_its_way(make_site: Any, settings: str, told: str) -> None:
    browser = make_site(settings).client()
    browser.post("/people/sign-up", data=SIGN_UP | {"email": "kim@example.org"})
    assert told in browser.get("/dashboard").text
    profile = browser.get("/people/me").text
    assert ("Send the link again" in profile) is bool(settings)
    assert (told in profile) is (not settings)


def test_nobody_tries_names_without_end(site: Any, ana: Person) -> None:
    tries = site.portal.config.limits.sign_in_tries * rules.FROM_ONE_NETWORK
    answers = [site.client().post("/people/sign-up", data=SIGN_UP | {"username": "ana"}) for _ in range(tries + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {422}
    assert answers[-1].status_code == 429


def test_a_taken_address_is_not_said_to_anybody_but_its_owner(site: Any, ana: Person) -> None:
    pages = []
    for username, email in (("stranger1", "ANA@example.org"), ("stranger2", "someone@example.org")):
        browser = site.client()
        browser.post("/people/sign-up", data=SIGN_UP | {"username": username, "email": email})
        page = browser.get("/people/me").text.replace(email, "").replace(username, "")
        pages.append(re.sub(r'name="(?:csrf_token|form_key)" value="[^"]*"', "", page))
    assert pages[0] == pages[1]
    with site.unit_of_work() as session:
        written = {(letter.person_id, letter.template) for letter in session.scalars(select(Letter))}
    assert (ana.id, "people.email_taken") in written


def test_a_person_signs_in_goes_on_and_signs_out(site: Any, ana: Person) -> None:
    browser = site.client()
    asked = browser.get("/people/me/password")
    assert asked.status_code == 302
    answer = browser.post(asked.location, data={"username": " Ana ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/people/me/password")
    assert browser.get("/people/sign-out").status_code == 404
    assert is_signed_in(browser)
    assert browser.post("/people/sign-out").status_code == 303
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]
)
def test_nobody_is_sent_to_another_site(site: Any, ana: Person, target: str) -> None:
    answer = site.client().post(
        "/people/sign-in", query_string={"next": target}, data={"username": "ana", "password": PASSWORD}
    )
    assert "evil" not in answer.location
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")


def test_a_wrong_password_and_an_unknown_name_read_the_same(site: Any, ana: Person) -> None:
    answers = [sign_in(site.client(), name, "wrong wrong wrong") for name in ("ana", "nobody")]
    assert {answer.status_code for answer in answers} == {422}
    hidden = r'value="(nobody|ana)"|(csrf_token|form_key)" value="[^"]*"'
    pages = [re.sub(hidden, "", answer.text) for answer in answers]
    assert pages[0] == pages[1]


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(
    site: Any, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Counting(passwords.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            checked.append(str(hash)[:10])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    for name in ("ana", "nobody"):
        sign_in(site.client(), name, "wrong wrong wrong")
    assert checked == ["$argon2id$", "$argon2id$"]


def test_a_person_who_has_left_cannot_come_back(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get(Person, ana.id), NOON)
    for name in ("ana", f"deleted-{ana.id}"):
        for password in (PASSWORD, "the password of nobody"):
            assert sign_in(site.client(), name, password).status_code == 422


def test_guessing_is_stopped_and_says_when_to_try_again(site: Any, ana: Person) -> None:
    for _ in range(site.portal.config.limits.sign_in_tries):
        assert sign_in(site.client(), "ana", "wrong wrong wrong").status_code == 422
    answer = sign_in(site.client())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= site.portal.config.limits.sign_in_minutes * 60 + 1
    assert "Try again in 1" in answer.text


def test_guessing_at_a_name_nobody_has_is_stopped_just_the_same(site: Any) -> None:
    for _ in range(site.portal.config.limits.sign_in_tries):
        sign_in(site.client(), "nobody", "wrong wrong wrong")
    assert sign_in(site.client(), "nobody").status_code == 429


def test_a_stranger_who_guesses_elsewhere_does_not_lock_the_owner_out(site: Any, ana: Person) -> None:
    for _ in range(site.portal.config.limits.sign_in_tries):
        sign_in(site.client(), "ana", "wrong wrong wrong", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert sign_in(site.client()).status_code == 303


def test_guessing_from_many_networks_is_stopped_too(make_site: Any) -> None:
    site = make_site("[limits]\nsign_in_tries = 3")
    answers = [
        sign_in(site.client(), "ana", "wrong", environ_base={"REMOTE_ADDR": f"203.0.113.{host}"}) for host in range(16)
    ]
    assert [answer.status_code for answer in answers] == [422] * 15 + [429]


def test_tries_are_kept_without_names_and_addresses(site: Any, ana: Person) -> None:
    sign_in(site.client(), "ana", "wrong wrong wrong", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    with site.unit_of_work() as session:
        kept = str(session.execute(select(SignInTry.subject)).all())
    assert len(kept) > 64
    assert "ana" not in kept
    assert "203" not in kept


def test_a_session_that_somebody_else_prepared_is_not_taken_over(site: Any, ana: Person) -> None:
    browser = site.client()
    with browser.session_transaction() as session:
        session.update(planted="yes", csrf_token="planted", language="fr")
    sign_in(browser)
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "planted"
        assert session["language"] == "fr"


def test_a_form_without_its_token_does_nothing(site: Any, ana: Person) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    browser = site.client()
    assert sign_in(browser).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/people/sign-in").text)[1]
    data = {"username": "ana", "password": PASSWORD, "csrf_token": token}
    assert browser.post("/people/sign-in", data=data).status_code == 303
    assert browser.post("/people/me/skills", data={"skill": "python", "level": "3"}).status_code == 400
    assert browser.post("/people/sign-out").status_code == 400


def test_an_old_hash_is_renewed_when_its_owner_comes_by(site: Any) -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=8).hash(PASSWORD)
    with site.unit_of_work() as session:
        make.person(session, "ana", password_hash=weak)
    assert sign_in(site.client()).status_code == 303
    with site.unit_of_work() as session:
        person = queries.by_username(session, "ana")
        assert not passwords.is_outdated(person.password_hash)
        assert passwords.matches(PASSWORD, person.password_hash)
