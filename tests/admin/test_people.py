"""Stewards find accounts, end their sessions, and suspend them for a while."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, update

from portal.activity.models import LimitHit
from portal.core import clock
from portal.people import tokens
from portal.people.models import Account, Person
from portal.people.queries import sessions_of
from tests import make
from tests.admin.conftest import HASHER

People = dict[str, int]


def until(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def note(statements: list[str], *said: Any) -> None:
    statements.append(said[2])


def suspend(browser: Any, person_id: int, days: int = 3, reason: str = "You wrote to 40 people at once.") -> Any:
    return browser.post(f"/admin/people/{person_id}/suspend", data={"until": until(days), "reason": reason})


def door(site: Any, name: str, **typed: str) -> Any:
    typed = {"username": name, "password": make.PASSWORD, **typed}
    return site.client().post("/people/sign-in", data=typed)


@pytest.mark.parametrize("words", ["ana", "AN", "ana@example.org", "AnaOnTheWiki", "example.org"])
def test_a_steward_finds_an_account_by_name_address_or_account_elsewhere(
    site: Any, people: People, browser: Any, words: str
) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Person).where(Person.id == people["ana"]).values(email="ana@example.org"))
        session.add(Account(person_id=people["ana"], service="wiki", username="AnaOnTheWiki", added_at=make.NOON))
    page = browser("sam").get("/admin/people", query_string={"q": words}).text
    assert f'href="/admin/people/{people["ana"]}"' in page
    assert f'href="/admin/people/{people["ben"]}"' not in page


def test_a_sign_that_databases_read_otherwise_finds_only_itself(people: People, browser: Any) -> None:
    assert "Nobody here has these words" in browser("sam").get("/admin/people?q=%25_").text


def test_many_accounts_are_paged_in_a_constant_number_of_statements(site: Any, people: People, browser: Any) -> None:
    steward = browser("sam")
    counts = []
    for more in (5, 60):
        with site.unit_of_work() as session:
            for _ in range(more):
                make.person(session)
        statements: list[str] = []
        listen = partial(note, statements)
        event.listen(site.portal.database.engine, "before_cursor_execute", listen)
        page = steward.get("/admin/people")
        event.remove(site.portal.database.engine, "before_cursor_execute", listen)
        counts.append(len(statements))
    assert page.text.count('href="/admin/people/') <= 40
    assert 'rel="next"' in page.text
    assert counts[0] == counts[1]


def test_who_is_suspended_is_signed_out_and_reads_why_until_when_and_whom_to_ask(
    make_site: Any,
) -> None:
    site = make_site('[site]\ncontact = "help@example.org"')
    with site.unit_of_work() as session:
        sam, ana = make.person(session, "sam"), make.person(session, "ana", password_hash=HASHER.hash(make.PASSWORD))
        make.role(session, sam, "portal-steward")
        steward, theirs = make.sign_in(site.client(), sam), make.sign_in(site.client(), ana)
    assert theirs.get("/people/me").status_code == 200
    assert suspend(steward, ana.id).status_code == 303
    assert theirs.get("/people/me").status_code == 302
    told = door(site, "ana")
    assert told.status_code == 403
    for words in ("You wrote to 40 people at once.", "is suspended until", "help@example.org"):
        assert words in told.text
    assert "suspended" not in door(site, "ana", password="a wrong one").text


def test_a_suspension_ends_by_itself_or_is_lifted_early(site: Any, people: People, browser: Any) -> None:
    steward = browser("sam")
    suspend(steward, people["ana"])
    suspend(steward, people["ben"])
    assert steward.post(f"/admin/people/{people['ana']}/lift").status_code == 303
    assert door(site, "ana").status_code == 303
    assert door(site, "ben").status_code == 403
    with time_machine.travel(clock.now() + timedelta(days=5)):
        assert door(site, "ben").status_code == 303


def test_a_new_password_opens_no_suspended_account(site: Any, people: People, browser: Any) -> None:
    with site.app.app_context(), site.portal.database.session(read_only=True) as session:
        ana = session.get_one(Person, people["ana"])
        token = tokens.make(tokens.Purpose.RESET, ana, site.app.config["SECRET_KEY"])
    suspend(browser("sam"), people["ana"])
    answer = site.client().post(f"/people/password/reset?token={token}", data={"password": "quite another one 7"})
    assert answer.status_code == 403
    with site.portal.database.session(read_only=True) as session:
        assert session.get_one(Person, people["ana"]).password_hash == ana.password_hash


def test_nobody_suspends_themselves_or_until_yesterday_or_without_a_reason(people: People, browser: Any) -> None:
    steward = browser("sam")
    assert "your own account" in suspend(steward, people["sam"]).text
    for refused in (suspend(steward, people["ana"], days=-2), suspend(steward, people["ana"], reason=" ")):
        assert refused.status_code == 422


def test_the_last_who_may_appoint_people_is_not_suspended(site: Any, people: People, browser: Any) -> None:
    assert suspend(browser("sam"), people["sue"]).status_code == 303
    with site.unit_of_work() as session:
        session.execute(update(Person).where(Person.id == people["sam"]).values(suspended_until=None))
    refused = suspend(browser("sam"), people["sam"])
    assert refused.status_code == 422


def test_every_act_asks_who_it_is_when_that_is_long_ago(people: People, browser: Any) -> None:
    steward = browser("sam", at=clock.now() - timedelta(hours=3))
    for act in ("suspend", "lift", "sessions/end"):
        answer = steward.post(f"/admin/people/{people['ana']}/{act}")
        assert "/people/prove" in answer.location
    assert "/people/prove" in steward.post("/admin/site/retry", data={"what": "search"}).location


def test_one_session_or_all_are_ended_and_noted(site: Any, people: People, browser: Any) -> None:
    steward, first, second = browser("sam"), browser("ana"), browser("ana")
    with site.portal.database.session(read_only=True) as session:
        newest = sessions_of(session, people["ana"])[0].id
    page = f"/admin/people/{people['ana']}"
    steward.post(f"{page}/sessions/end", data={"session": str(newest)})
    assert {first.get("/people/me").status_code, second.get("/people/me").status_code} == {200, 302}
    steward.post(f"{page}/sessions/end")
    assert {first.get("/people/me").status_code, second.get("/people/me").status_code} == {302}
    shown = steward.get(page).text
    assert "Session ended" in shown
    assert "They are signed in nowhere." in shown


def test_failed_sign_ins_refused_requests_and_acts_on_others_are_listed(
    site: Any, people: People, browser: Any
) -> None:
    door(site, "ana", password="quokka is wrong")
    browser("ana").get("/admin/people")
    steward = browser("sam")
    suspend(steward, people["ben"])
    told = {
        kind: steward.get(f"/admin/events?kind={kind}").text for kind in ("", "sign_ins", "refused", "acts", "limits")
    }
    assert "Signed in" in told["sign_ins"]
    assert "127.0.0.1" in told["sign_ins"]
    assert "admin.people" in told["refused"]
    assert "Account suspended" in told["acts"]
    assert "Nothing of this kind" in told["limits"]
    assert all(words in told[""] for words in ("Account suspended", "Request refused"))
    assert "quokka" not in "".join(told.values())
    assert steward.get("/admin/events?kind=nothing").status_code == 404


def test_stewards_find_the_way_on_their_dashboard_and_others_do_not(browser: Any) -> None:
    assert 'href="/admin/people"' in browser("sam").get("/dashboard").text
    assert "/admin/" not in browser("ana").get("/dashboard").text


def test_stewards_read_what_the_limits_are_and_who_ran_into_them(site: Any, browser: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "mallory")
        session.add(LimitHit(person_id=ana.id, act="tools.helping", times=7, first_at=make.NOON, last_at=make.NOON))
    page = browser("sam").get("/admin/events?kind=limits").text
    assert "Offers to help with tools: 10 an hour, 4 while an account is new" in page
    assert "Mallory</bdi></a> · Offers to help with tools · 7" in page
