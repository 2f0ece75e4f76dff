"""Sessions are rows: once one has ended its cookie is worth nothing, and what is dangerous asks again who it is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from portal.app import FEATURES
from portal.core.feature import Feature, SecondFactor, SignInWay
from portal.core.submissions import Submission
from portal.people import actions, rules, tokens
from portal.people.devices import device_in_words
from portal.people.letters import ACCOUNT_MAIL
from portal.people.models import Letter, Person, UserSession
from portal.people.session import Proof, half_signed_in, second_proof
from tests import make
from tests.form_pages import filled, form_to
from tests.letters import text_of
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


def test_a_site_may_be_as_strict_as_half_an_hour_and_twelve_hours(make_site: Any) -> None:
    site = make_site("[sessions]\nidle_minutes = 30\nabsolute_hours = 12")
    joined(site)
    with time_machine.travel(START, tick=False) as traveller:
        browser = signed_in(site)
        assert "after 30 minutes without a visit" in browser.get("/people/me/sessions").text
        traveller.shift(timedelta(minutes=31))
        assert not is_signed_in(browser)
        browser = signed_in(site)
        for _ in range(35):
            traveller.shift(timedelta(minutes=20))
            assert is_signed_in(browser)
        traveller.shift(timedelta(minutes=20))
        assert not is_signed_in(browser), "twelve hours are over"


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
    for days, left in ((29, 2), (31, 1), (45, 1)):
        with time_machine.travel(START + timedelta(days=days), tick=False):
            site.work("people.forget_sessions")
            assert len(rows(site)) == left, days
    [newest] = rows(site)
    assert (newest.device, newest.network) == ("", ""), "it says only that they have signed in before"


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


# Where you are signed in


WINDOWS, LINUX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (X11; Linux x86_64)"
MAC, PHONE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    f"{WINDOWS} Gecko/20100101 Firefox/140.0": "Firefox · Windows",
    f"{LINUX} {KIT} Chrome/140.0.0.0 Safari/537.36": "Chrome · Linux",
    f"{WINDOWS} {KIT} Chrome/140.0 Safari/537.36 Edg/140.0": "Edge · Windows",
    f"{PHONE} AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1": "Safari · iPhone",
    f"{MAC} {KIT} Version/18 Safari/605": "Safari · macOS",
    f"Mozilla/5.0 (Linux; Android 15) {KIT} SamsungBrowser/27.0 Chrome/125.0": "Samsung Internet · Android",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/140.0": "Chrome · ChromeOS",
    "curl/8.5.0": "",
    "<script>alert(1)</script>": "",
    "": "",
    "x" * 100_000 + "Firefox/": "",
}


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent[-24:])
def test_a_device_is_told_in_words_its_owner_knows(agent: str) -> None:
    assert device_in_words(agent) == AGENTS[agent]


def from_elsewhere(site: Any, agent: str = next(iter(AGENTS)), address: str = "203.0.113.9") -> Any:
    """A browser elsewhere in which Ana is signed in, too."""
    browser = site.client()
    browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
    sign_in(browser)
    return browser


def test_the_page_names_each_session_and_marks_this_one(site: Any) -> None:
    from_elsewhere(site)
    browser = signed_in(site)
    page = browser.get("/people/me/sessions").text
    assert "Firefox · Windows" in page
    assert "203.0.113.9" in page
    assert page.count("this one") == 1
    assert page.index("this one") < page.index("Firefox · Windows"), "it comes first"
    assert page.count("Sign out there") == 1
    assert 'href="/people/me/sessions"' in browser.get(ME).text


def test_what_has_ended_is_not_listed(site: Any) -> None:
    from_elsewhere(site).post("/people/sign-out")
    with time_machine.travel(START - timedelta(days=20), tick=False):
        from_elsewhere(site, address="203.0.113.10")
    page = signed_in(site).get("/people/me/sessions").text
    assert "203.0.113." not in page


def test_one_session_is_ended_and_the_others_stay(site: Any) -> None:
    other, third, browser = from_elsewhere(site), signed_in(site), signed_in(site)
    assert browser.post(f"/people/me/sessions/{rows(site)[0].id}/end").location == "/people/me/sessions"
    assert "You are signed out there." in browser.get("/people/me/sessions").text
    assert [is_signed_in(one) for one in (other, third, browser)] == [False, True, True]


def test_ending_this_session_is_signing_out(site: Any) -> None:
    browser = signed_in(site)
    assert browser.post(f"/people/me/sessions/{rows(site)[0].id}/end").location == "/people/sign-in"
    assert not is_signed_in(browser)


def test_nobody_ends_the_session_of_another(site: Any) -> None:
    joined(site, "bo")
    browser = signed_in(site)
    stranger = signed_in(site, "bo")
    assert stranger.post(f"/people/me/sessions/{rows(site)[0].id}/end").status_code == 404
    stranger.post("/people/me/sessions/end")
    assert is_signed_in(browser)


def test_all_others_are_ended_after_a_word(site: Any) -> None:
    other, browser = from_elsewhere(site), signed_in(site)
    assert "Here you stay." in browser.get("/people/me/sessions/end").text
    assert is_signed_in(other), "asking what it means ends nothing"
    assert browser.post("/people/me/sessions/end").status_code == 303
    assert "You are signed out in 1 other browser." in browser.get("/people/me/sessions").text
    assert [is_signed_in(one) for one in (other, browser)] == [False, True]


def test_who_signed_in_long_ago_ends_no_other_session_without_showing_who_they_are(site: Any) -> None:
    other, browser = from_elsewhere(site), long_ago(site)
    theirs, mine = (row.id for row in rows(site))
    for path in (f"/people/me/sessions/{theirs}/end", "/people/me/sessions/end"):
        assert browser.post(path).location.startswith("/people/prove"), path
    assert is_signed_in(other)
    assert browser.get("/people/me/sessions").status_code == 200, "looking asks nothing"
    assert browser.post(f"/people/me/sessions/{mine}/end").location == "/people/sign-in", "nor does signing out"


def letters(site: Any) -> list[str]:
    with site.unit_of_work() as session:
        return [one.template for one in session.scalars(select(Letter).order_by(Letter.id))]


def test_a_sign_in_on_a_new_device_is_told_by_letter_but_not_the_first(site: Any) -> None:
    browser = signed_in(site)
    assert letters(site) == []
    browser.post("/people/sign-out")
    sign_in(browser)
    assert letters(site) == [], "they have signed in here before"
    from_elsewhere(site)
    with site.unit_of_work() as session:
        [letter] = session.scalars(select(Letter)).all()
        assert letter.template == "people.new_device"
        assert letter.values == {"device": "Firefox · Windows", "network": "203.0.113.9"}


def test_the_letter_says_where_and_what_to_do(site: Any) -> None:
    signed_in(site)
    from_elsewhere(site, agent="curl/8.5.0")
    with site.unit_of_work() as session:
        letter = session.scalars(select(Letter)).one()
        with site.app.app_context():
            message = ACCOUNT_MAIL.write(site.portal, session, Letter.id == letter.id).message
    assert message["Subject"] == "A new sign-in to your account on Contributor Portal"
    text = text_of(message)
    assert "a browser that does not say what it is, from the network 203.0.113.9" in text
    assert "/people/me/sessions" in text


def test_a_new_password_is_told_of_by_one_letter(site: Any) -> None:
    signed_in(site).post("/people/me/password", data={"password": NEW})
    assert letters(site) == ["people.password_changed"]


def test_after_a_new_password_every_other_device_is_new_again(site: Any) -> None:
    first, second = signed_in(site), signed_in(site)
    first.post("/people/me/password", data={"password": NEW})
    for browser in (first, second):
        browser.post("/people/sign-out")
        sign_in(browser, password=NEW)
    assert letters(site) == ["people.new_device", "people.password_changed", "people.new_device"]


@pytest.mark.parametrize("held", ["nonsense", "W10.x.y", "", "null"])
def test_a_forged_cookie_of_a_device_makes_no_device_known(site: Any, held: str) -> None:
    signed_in(site)
    browser = site.client()
    browser.set_cookie("portal-device", held)
    sign_in(browser)
    assert letters(site) == ["people.new_device"]


def test_a_device_of_one_person_is_not_one_of_another(site: Any) -> None:
    joined(site, "bo")
    signed_in(site, "bo")
    browser = signed_in(site)
    browser.post("/people/sign-out")
    sign_in(browser, "bo")
    assert letters(site) == ["people.new_device"]


def test_the_cookie_of_a_device_is_for_us_alone(site: Any) -> None:
    answer = sign_in(site.client())
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("portal-device=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "; Path=/" in cookie


# Nobody is locked out by others


def guess_everywhere(site: Any) -> None:
    """Others guess at Ana's password until her name is closed to strangers."""
    tries = site.portal.config.limits.sign_in_tries * rules.FROM_EVERYWHERE
    for number in range(tries):
        address = {"REMOTE_ADDR": f"198.51.100.{number}"}
        data = {"username": "ana", "password": "wrong wrong"}
        assert site.client().post("/people/sign-in", data=data, environ_base=address).status_code == 422
    assert from_elsewhere(site).get(ME).status_code == 302


def test_who_is_known_on_a_device_is_not_stopped_by_guesses_from_elsewhere(site: Any) -> None:
    browser = from_elsewhere(site, address="192.0.2.1")
    browser.post("/people/sign-out")
    guess_everywhere(site)
    browser.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    assert sign_in(browser).status_code == 303


def test_whom_a_network_has_brought_before_is_not_stopped_either(site: Any) -> None:
    from_elsewhere(site, address="192.0.2.1")
    guess_everywhere(site)
    assert is_signed_in(from_elsewhere(site, address="192.0.2.1"))
    assert not is_signed_in(from_elsewhere(site, address="192.0.2.2"))


def test_a_known_device_has_no_tries_without_end(site: Any) -> None:
    browser = signed_in(site)
    browser.post("/people/sign-out")
    for _try in range(site.portal.config.limits.sign_in_tries):
        assert sign_in(browser, password="wrong wrong").status_code == 422
    assert sign_in(browser).status_code == 429
    assert sign_in(site.client()).status_code == 303, "others are not stopped by it"


def test_a_device_that_is_known_gives_no_tries_at_other_names(site: Any) -> None:
    joined(site, "bo")
    browser = signed_in(site)
    browser.post("/people/sign-out")
    for _try in range(site.portal.config.limits.sign_in_tries):
        sign_in(browser, "bo", "wrong wrong")
    assert sign_in(browser, "bo").status_code == 429
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::FFFF:cb00:7109", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_a_household(address: str, network: str) -> None:
    assert rules.network_of(address) == network


def test_those_who_come_by_ipv4_through_ipv6_do_not_count_together(site: Any) -> None:
    for _try in range(site.portal.config.limits.sign_in_tries):
        from_elsewhere(site, address="::ffff:198.51.100.1").post("/people/sign-out")
        site.client().post(
            "/people/sign-in",
            data={"username": "ana", "password": "wrong wrong"},
            environ_base={"REMOTE_ADDR": "::ffff:198.51.100.7"},
        )
    assert is_signed_in(from_elsewhere(site, address="::ffff:198.51.100.2"))


def test_three_letters_a_day_ask_an_address_whether_it_is_right_whoever_asks(site: Any) -> None:
    answers = []
    with time_machine.travel(START, tick=False) as traveller:
        for number in range(5):
            browser = site.client()
            data = {"username": f"eve{number}", "display_name": "Eve", "email": "Victim@example.org", "language": "en"}
            answer = browser.post("/people/sign-up", data={**data, "password": NEW})
            answers.append((answer.status_code, answer.location))
        assert letters(site) == ["people.confirm_email"] * 3
        traveller.shift(timedelta(days=1, minutes=1))
        site.work("people.forget_tries")
        signed_in(site).post("/people/me/email", data={"email": "victim@example.org"})
    assert len(set(answers)) == 1, "the answer is the same"
    assert letters(site).count("people.confirm_email") == 4


def test_three_reset_links_a_day_go_to_one_person_by_whatever_name_they_are_asked_for(site: Any) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        answers = []
        for number in range(5):
            name = ("ana", "ANA@example.org")[number % 2]
            browser = site.client()
            browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": f"198.51.100.{number}"}
            answers.append(browser.post("/people/password/forgotten", data={"name": name}).location)
            settle_letters(site)
        assert letters(site) == ["people.reset_password"] * 3
        assert len(set(answers)) == 1
        traveller.shift(timedelta(days=1, minutes=1))
        site.client().post("/people/password/forgotten", data={"name": "ana"})
    assert len(letters(site)) == 4


def settle_letters(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Letter).values(settled_at=START, state="done"))


def test_a_reset_link_dies_with_a_change_of_address(site: Any) -> None:
    with site.app.app_context(), site.unit_of_work() as session:
        ana = session.get_one(Person, site.ana.id)
        link = f"/people/password/reset?token={tokens.make(tokens.Purpose.RESET, ana, site.app.config['SECRET_KEY'])}"
    assert site.client().get(link, follow_redirects=True).status_code == 200
    browser = signed_in(site)
    browser.post("/people/me/email", data={"email": "new@example.org"})
    assert site.client().get(link, follow_redirects=True).status_code == 200, "the new one is not confirmed yet"
    confirm(site, browser)
    assert site.client().post(link, data={"password": NEW}).location == "/people/password/forgotten"
    assert sign_in(site.client()).status_code == 303


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
    cookies = {cookie.partition("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {name, f"{name}-device"}
    parts = cookies[name].split("; ")
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
