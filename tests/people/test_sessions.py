"""Sessions are rows: once one has ended its cookie is worth nothing, and what is dangerous asks again who it is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.app import FEATURES
from portal.core.feature import Feature, SecondFactor, SignInWay
from portal.core.submissions import Submission
from portal.people import actions
from portal.people.models import Person, UserSession
from portal.people.session import Proof, half_signed_in, second_proof
from tests import make
from tests.form_pages import filled, form_to
from tests.make import PASSWORD

NEW = "a quite different one"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
ME = "/people/me"


@pytest.fixture
def site(site: Any) -> Any:
    site.ana = joined(site)
    return site


def joined(site: Any, username: str = "ana") -> Person:
    with site.unit_of_work() as session:
        email = f"{username}@example.org"
        return actions.create_person(session, username, "Ana", PASSWORD, email, "en", START, is_email_known=True)


def sign_in(browser: Any, username: str = "ana", password: str = PASSWORD) -> Any:
    return browser.post("/people/sign-in", data={"username": username, "password": password})


def signed_in(site: Any, username: str = "ana") -> Any:
    browser = site.client()
    assert sign_in(browser, username).status_code == 303
    return browser


def long_ago(site: Any) -> Any:
    """A browser in which Ana signed in an hour ago."""
    return make.sign_in(site.client(), site.ana, at=datetime.now(UTC) - timedelta(hours=1))


def is_signed_in(browser: Any) -> bool:
    return bool(browser.get(ME).status_code == 200)


def copied(site: Any, browser: Any) -> Any:
    """Somebody else's browser, with the cookie of this one."""
    thief = site.client()
    thief._cookies.update(dict(browser._cookies))
    return thief


def rows(site: Any) -> list[UserSession]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(UserSession).order_by(UserSession.id)))


def test_a_session_is_a_row_that_tells_device_and_network_but_not_what_the_cookie_holds(site: Any) -> None:
    browser = site.client()
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    data = {"username": "ana", "password": PASSWORD}
    browser.post(
        "/people/sign-in", data=data, headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": "2001:db8::7"}
    )
    [row] = rows(site)
    assert (row.person_id, row.device, row.network) == (site.ana.id, "Firefox · Linux", "2001:db8::/64")
    assert row.proofs == "password"
    with browser.session_transaction() as cookie:
        person_id, _, secret = cookie["_user_id"].partition(".")
    assert (person_id, len(secret)) == (str(site.ana.id), 43)
    assert secret not in repr(vars(row))


def test_the_cookie_of_a_session_that_was_signed_out_is_worth_nothing(site: Any) -> None:
    browser = signed_in(site)
    thief = copied(site, browser)
    browser.post("/people/sign-out")
    assert not is_signed_in(browser)
    assert not is_signed_in(thief)


def test_two_sign_outs_at_once_end_one_session_and_both_are_told(site: Any) -> None:
    browser = signed_in(site)
    both = [copied(site, browser), copied(site, browser)]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(one.post("/people/sign-out").status_code))
        for one in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert [row.ended_at is not None for row in rows(site)] == [True]


def test_a_cookie_from_before_the_sign_in_is_worth_nothing_after(site: Any) -> None:
    browser = site.client()
    browser.get("/people/sign-in?uselang=fr")
    planted = copied(site, browser)
    sign_in(browser)
    assert is_signed_in(browser)
    assert not is_signed_in(planted)


def test_signing_in_as_somebody_else_ends_the_session_this_browser_had(site: Any) -> None:
    joined(site, "bo")
    browser = signed_in(site)
    before = copied(site, browser)
    browser.post("/people/sign-up", data={})
    with browser.session_transaction() as cookie:
        kept = cookie["_user_id"]
    browser.post("/people/sign-out")
    sign_in(browser, "bo")
    assert "bo" in browser.get(ME).text
    assert not is_signed_in(before)
    with before.session_transaction() as cookie:
        assert cookie["_user_id"] == kept


def test_a_cookie_of_one_person_opens_nothing_of_another(site: Any) -> None:
    bo = joined(site, "bo")
    browser = signed_in(site)
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = f"{bo.id}.{cookie['_user_id'].partition('.')[2]}"
    assert not is_signed_in(browser)


@pytest.mark.parametrize("held", ["1.0", "1", "", "1.", "x.y", "." * 5000, "1.0.0"])
def test_a_cookie_from_before_sessions_were_rows_signs_out_and_keeps_the_words(site: Any, held: str) -> None:
    browser = signed_in(site)
    form = filled(browser, ME, {"about": "I like maps and long walks."}, ME)
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = held
    door = form.send(browser).location
    assert door.startswith("/people/sign-in")
    there = browser.post(door, data={"username": "ana", "password": PASSWORD}).location
    assert form_to(browser.get(there).text, ME).fields["about"] == "I like maps and long walks."


def test_a_stolen_cookie_ends_with_a_new_password(site: Any) -> None:
    browser = signed_in(site)
    thief = copied(site, browser)
    browser.post("/people/me/password", data={"password": NEW})
    assert is_signed_in(browser)
    assert not is_signed_in(thief)


def test_a_new_confirmed_address_ends_every_other_session(site: Any) -> None:
    browser, other = signed_in(site), signed_in(site)
    browser.post("/people/me/email", data={"email": "new@example.org"})
    confirm(site, browser)
    assert is_signed_in(browser)
    assert not is_signed_in(other)


def test_the_first_address_of_somebody_ends_no_session(site: Any) -> None:
    browser, other = signed_in(site), signed_in(site)
    for address in ("", "new@example.org"):
        browser.post("/people/me/email", data={"email": address})
    confirm(site, site.client())
    assert is_signed_in(other)


def confirm(site: Any, browser: Any) -> None:
    from portal.people import tokens

    with site.app.app_context(), site.unit_of_work() as session:
        ana = session.get_one(Person, site.ana.id)
        token = tokens.make(tokens.Purpose.CONFIRM, ana, site.app.config["SECRET_KEY"])
    assert browser.post(f"/people/email/confirm?token={token}").status_code == 303


def test_who_leaves_leaves_no_session_behind(site: Any) -> None:
    browser, other = signed_in(site), signed_in(site)
    assert browser.post("/people/me/delete").status_code == 303
    assert not is_signed_in(other)
    assert rows(site) == []


@pytest.mark.parametrize(("days", "stays"), [(13.9, True), (14, False)])
def test_a_session_nobody_uses_ends(site: Any, days: float, stays: bool) -> None:
    with time_machine.travel(START, tick=False):
        browser = signed_in(site)
    with time_machine.travel(START + timedelta(days=days), tick=False):
        assert is_signed_in(browser) is stays


def test_a_session_ends_at_its_age_however_much_it_is_used(site: Any) -> None:
    with time_machine.travel(START, tick=False):
        browser = signed_in(site)
    for day in (10, 20, 29.9):
        with time_machine.travel(START + timedelta(days=day), tick=False):
            assert is_signed_in(browser)
    with time_machine.travel(START + timedelta(days=30), tick=False):
        assert not is_signed_in(browser)


def test_a_site_may_be_stricter(make_site: Any) -> None:
    site = make_site("[sessions]\nidle_days = 1\nabsolute_days = 2\nprove_again_minutes = 1")
    joined(site)
    with time_machine.travel(START, tick=False):
        browser = signed_in(site)
        assert browser.get("/people/me/password").status_code == 200
    with time_machine.travel(START + timedelta(minutes=2), tick=False):
        assert browser.get("/people/me/password").location == "/people/prove?next=/people/me/password"
    with time_machine.travel(START + timedelta(days=1), tick=False):
        assert not is_signed_in(browser)


def test_a_visit_is_noted_every_few_minutes_and_never_by_a_head(site: Any) -> None:
    with time_machine.travel(START, tick=False):
        browser = signed_in(site)
    seen = []
    for minutes, method in ((4, "GET"), (10, "HEAD"), (11, "GET"), (30, "POST")):
        with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
            browser.open("/people/me/skills" if method == "POST" else ME, method=method, data={})
            seen.append((rows(site)[0].last_seen_at - START) / timedelta(minutes=1))
    assert seen == [0, 0, 11, 30]


def test_ended_sessions_are_forgotten_after_a_month(site: Any) -> None:
    with time_machine.travel(START, tick=False):
        signed_in(site).post("/people/sign-out")
        signed_in(site)
    for days, left in ((29, 2), (31, 1), (45, 0)):
        with time_machine.travel(START + timedelta(days=days), tick=False):
            site.work("people.forget_sessions")
            assert len(rows(site)) == left, days


def test_whoever_loads_a_page_waits_for_one_statement_to_be_known(site: Any) -> None:
    from tests.home.test_views import count_statements

    browser = signed_in(site)
    assert count_statements(site, browser, "/people/me/picture") - count_statements(site, site.client(), "/help/") <= 3


def test_sessions_are_in_the_export_without_their_marks(site: Any) -> None:
    browser = signed_in(site)
    [exported] = browser.get("/people/me/export").json["sessions"]
    assert set(exported) == {"device", "network", "proofs", "created_at", "last_seen_at", "proved_at", "ended_at"}


def test_what_a_repeated_sign_in_is_answered_with_is_sealed(site: Any) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    browser = site.client()
    form = form_to(browser.get("/people/sign-in").text, "/people/sign-in")
    form.fields |= {"username": "ana", "password": PASSWORD}
    before = copied(site, browser)
    form.send(browser)
    with browser.session_transaction() as cookie:
        secret = cookie["_user_id"].partition(".")[2]
    with site.unit_of_work() as session:
        kept = session.scalars(select(Submission)).one()
        assert kept.new_session
        assert secret not in repr(vars(kept))
    form.send(before)
    assert is_signed_in(before), "a double click is answered like the first"
    assert len(rows(site)) == 1


# Before what is dangerous


DANGEROUS = {
    "/people/me/password": {"password": NEW},
    "/people/me/email": {"email": "third@example.org"},
    "/people/me/username": {"username": "anna"},
    "/people/me/delete": {},
    "/roles/translator/appoint": {"person": "ana", "reason": "They translate so much already."},
}


@pytest.mark.parametrize("path", DANGEROUS)
def test_what_is_dangerous_is_not_done_without_recent_proof(site: Any, path: str) -> None:
    browser = long_ago(site)
    before = everything(site)
    answer = browser.post(path, data=DANGEROUS[path])
    assert answer.status_code == 302
    assert answer.location.startswith(f"/people/prove?next={path}")
    assert everything(site) == before
    assert browser.get(path).location == f"/people/prove?next={path}"
    assert browser.get("/people/me/export").location.startswith("/people/prove")


def everything(site: Any) -> Any:
    with site.unit_of_work() as session:
        return [repr(row) for row in session.execute(select(Person.__table__))]


def test_who_shows_that_it_is_them_finds_the_words_and_sends_them_once_more(site: Any) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    with site.unit_of_work() as session:
        make.role(session, session.get_one(Person, site.ana.id), "portal-steward")
        make.person(session, "bo")
    with time_machine.travel(START, tick=False):
        browser = make.sign_in(site.client(), site.ana)
        typed = {"person": "bo", "reason": "They translate so much already, and well."}
        form = filled(browser, "/roles/translator/appoint", typed, "/roles/translator/appoint")
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        door = form.send(browser).location
        asked = browser.get(door).text
        assert "Show that it is you" in asked
        proof = form_to(asked, "/people/prove")
        proof.fields["password"] = PASSWORD
        there = proof.send(browser).location
        page = browser.get(there).text
        assert "Nothing has been done yet" in page
        again = form_to(page, "/roles/translator/appoint")
        assert {name: again.fields[name] for name in typed} == typed
        assert again.send(browser).status_code == 303


def test_a_wrong_password_proves_nothing_and_counts_as_a_try(site: Any) -> None:
    browser = long_ago(site)
    for _try in range(site.portal.config.limits.sign_in_tries):
        assert browser.post("/people/prove", data={"password": "wrong wrong"}).status_code == 422
    assert browser.post("/people/prove", data={"password": PASSWORD}).status_code == 429
    assert browser.get("/people/me/password").status_code == 302
    assert is_signed_in(browser)


def test_a_copy_of_the_cookie_is_worth_nothing_once_its_owner_has_shown_that_it_is_them(site: Any) -> None:
    browser = long_ago(site)
    thief = copied(site, browser)
    assert browser.post("/people/prove", data={"password": PASSWORD}).status_code == 303
    assert browser.get("/people/me/password").status_code == 200
    assert not is_signed_in(thief)
    assert rows(site)[0].proofs == "password"


def test_a_visitor_is_asked_to_sign_in_not_to_prove_anything(site: Any) -> None:
    for path in ("/people/prove", "/people/me/password"):
        assert site.client().get(path).location.startswith("/people/sign-in")


def test_the_way_on_from_the_proof_stays_on_the_site(site: Any) -> None:
    browser = long_ago(site)
    answer = browser.post("/people/prove?next=https://evil.example/", data={"password": PASSWORD})
    assert answer.location == "/dashboard"


# What rooms above bring


def room(needs: bool = True) -> Feature:
    """A room with one more way to sign in, and a second factor."""
    way = SignInWay("wiki", "Our wiki", "people.sign_up", 10, lambda: True, lambda _session, person: person.id == 1)
    return Feature(
        "keys", sign_in_ways=(way,), second_factors=(SecondFactor("keys", "people.forgot_password", lambda *_: needs),)
    )


def test_every_way_to_sign_in_is_offered_and_asked_for_only_of_who_can(make_site: Any) -> None:
    site = make_site(features=(*FEATURES, room(needs=False)))
    site.ana = joined(site)
    for path in ("sign-in", "sign-up"):
        assert (
            'href="/people/sign-up?next=/people/me">Our wiki</a>'
            in site.client().get(f"/people/{path}?next=/people/me").text
        )
    assert "Our wiki" in long_ago(site).get("/people/prove").text
    joined(site, "bo")
    assert "Our wiki" not in signed_in(site, "bo").get("/people/prove").text


def test_who_has_no_password_is_not_asked_for_one(site: Any) -> None:
    with site.unit_of_work() as session:
        session.get_one(Person, site.ana.id).password_hash = ""
    page = make.sign_in(site.client(), site.ana).get("/people/prove").text
    assert 'name="password"' not in page
    assert "Choose a new password by e-mail" in page
    assert sign_in(site.client(), "ana", "").status_code == 422


def test_with_a_second_factor_the_first_alone_signs_nobody_in(make_site: Any) -> None:
    site = make_site(features=(*FEATURES, room()))
    site.ana = joined(site)
    with time_machine.travel(START, tick=False) as traveller:
        browser = site.client()
        answer = browser.post("/people/sign-in?next=/people/me/picture", data={"username": "ana", "password": PASSWORD})
        assert answer.location == "/people/password/forgotten?next=/people/me/picture"
        assert not is_signed_in(browser)
        assert rows(site) == []
        assert half_of(site, browser) == site.ana.id
        traveller.shift(timedelta(minutes=11))
        assert half_of(site, browser) is None
    assert half_of(site, site.client()) is None


def test_a_new_password_ends_what_is_half_signed_in(make_site: Any) -> None:
    site = make_site(features=(*FEATURES, room()))
    site.ana = joined(site)
    browser = site.client()
    sign_in(browser)
    with site.unit_of_work() as session:
        actions.set_password(session, session.get_one(Person, site.ana.id), NEW, START)
    assert half_of(site, browser) is None


def half_of(site: Any, browser: Any) -> int | None:
    with browser.session_transaction() as cookie:
        held = dict(cookie)
    with site.app.test_request_context():
        from flask import session

        session.update(held)
        half = half_signed_in()
        return half.id if half else None


def test_the_second_factor_signs_in_with_both_proofs(make_site: Any) -> None:
    site = make_site(features=(*FEATURES, room()))
    site.ana = joined(site)
    browser = site.client()
    sign_in(browser)
    with browser.session_transaction() as cookie:
        held = dict(cookie)
    with site.app.test_request_context(method="POST"):
        from flask import session

        from portal.core.web import db

        session.update(held)
        assert second_proof(db().get_one(Person, site.ana.id), Proof.CODE).status_code == 303
        assert half_signed_in() is None
        db().commit()
    assert [row.proofs for row in rows(site)] == ["password code"]


# What the cookie is called


@pytest.mark.parametrize(
    ("url", "name", "path"),
    [
        ("https://portal.example.org", "__Host-portal", "/"),
        ("https://example.org/portal", "__Secure-portal", "/portal"),
        ("http://127.0.0.1:8000", "portal", "/"),
    ],
)
def test_the_name_of_the_cookie_says_how_it_may_be_set(make_site: Any, url: str, name: str, path: str) -> None:
    site = make_site(f'[site]\nurl = "{url}"\n')
    root, _, folder = url.partition("://")[2].partition("/")
    joined(site)
    there = f"/{folder}/people/sign-in" if folder else "/people/sign-in"
    scheme = url.partition("://")[0]
    answer = site.client().post(there, base_url=f"{scheme}://{root}", data={"username": "ana", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    parts = cookie.split("; ")
    assert f"Path={path}" in parts
    assert "HttpOnly" in parts
    assert "SameSite=Lax" in parts
    assert ("Secure" in parts) is (scheme == "https")
    assert not any(part.startswith("Domain") for part in parts)
    assert f"Max-Age={30 * 24 * 3600}" in parts or any(part.startswith("Expires=") for part in parts)


def test_nobody_is_signed_in_by_what_stands_in_a_table(site: Any) -> None:
    signed_in(site)
    [row] = rows(site)
    browser = site.client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = row.mark
    assert not is_signed_in(browser)
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 1
