"""What one person can do to others within an hour, and how it is refused."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.activity.actions import MOST_LETTERS, record
from portal.activity.jobs import forget
from portal.activity.limits import KEEP_HITS, TooManyActs
from portal.activity.models import Event, LimitHit, Mailing, Notice
from portal.activity.queries import limits_hit
from portal.app import FEATURES
from portal.core.errors import TooMany
from portal.core.feature import Features
from portal.core.security_log import SecurityRow
from portal.people.models import Letter, Person
from tests import make
from tests.form_pages import filled, form_to

ROOMS = Features(FEATURES)
BY_THE_SITE = {
    "admin.alarm",
    "mentoring.expired",
    "mentoring.nudged",
    "mentoring.timed_out",
    "mentoring.waits_long",
    "roles.term_ended",
    "roles.term_nears",
}
"""Told by sweeps: nobody does these."""
OFFER, LATER = "tools.help_offered", make.NOON + timedelta(days=300)


def offer(session: Any, actor: Person, subject: int, tell: list[Person], now: Any = LATER) -> None:
    """One offer to help with a tool."""
    record(session, OFFER, actor=actor, subject=("tool", subject), values={"note": "Hi"}, tell=tell, now=now)


def made_until_refused(session: Any, actor: Person, tell: list[Person], now: Any = LATER) -> int:
    """How many offers somebody makes before they are refused one."""
    for number in range(1, 1000):
        try:
            offer(session, actor, number, tell, now)
        except TooManyActs:
            return number - 1
    raise AssertionError("nobody was refused")


def test_every_verb_of_which_people_are_told_has_a_limit_or_is_the_site_s() -> None:
    assert set(ROOMS.notices) - set(ROOMS.act_limits) == BY_THE_SITE
    assert set(ROOMS.act_limits) <= set(ROOMS.notices)


def test_a_person_does_so_much_within_an_hour_and_less_while_new(site: Any) -> None:
    limit = ROOMS.act_limits[OFFER]
    with site.unit_of_work() as session:
        old, ben = make.person(session, "old"), make.person(session, "ben")
        new = make.person(session, "new", created_at=LATER)
        assert made_until_refused(session, old, [ben]) == limit.an_hour
        assert made_until_refused(session, new, [ben]) == limit.at_first
        offer(session, new, 99, [ben], LATER + timedelta(minutes=61))


def test_who_holds_a_role_with_a_permission_may_do_more(site: Any) -> None:
    with site.unit_of_work() as session:
        ben, mia = make.person(session, "ben"), make.mentor(session, "mia")
        limit = ROOMS.act_limits[OFFER].an_hour or 0
        assert made_until_refused(session, mia, [ben]) == 3 * limit


def test_settings_scale_every_limit(make_site: Any) -> None:
    with make_site("[limits]\nacts_percent = 50").unit_of_work() as session:
        ana, ben = make.person(session), make.person(session)
        assert made_until_refused(session, ana, [ben]) == (ROOMS.act_limits[OFFER].an_hour or 0) // 2


def test_what_a_room_says_nothing_of_is_limited_all_the_same(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session), make.person(session)
        with pytest.raises(TooMany):
            for _ in range(100):
                record(session, "roles.term_nears", actor=ana, tell=[ben], now=LATER)


def test_fifty_at_once_do_no_more_than_one_after_the_other(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session), make.person(session)
        ids = ana.id, ben.id

    def once(number: int) -> bool:
        try:
            with site.unit_of_work() as session:
                offer(session, session.get_one(Person, ids[0]), number, [session.get_one(Person, ids[1])])
        except TooManyActs:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        done = sum(threads.map(once, range(50)))
    with site.unit_of_work() as session:
        assert done == session.scalar(select(func.count()).select_from(Event)) == ROOMS.act_limits[OFFER].an_hour


def test_two_who_write_to_each_other_at_once_do_not_wait_for_each_other_without_end(site: Any) -> None:
    with site.unit_of_work() as session:
        ids = [make.person(session, name).id for name in ("ana", "ben")]

    def write(sender: int, reader: int) -> None:
        for _ in range(15):
            with site.unit_of_work() as session:
                told = {"actor": session.get_one(Person, sender), "tell": [reader]}
                record(session, "mentoring.message", **told, now=LATER)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(write, *pair) for pair in (ids, ids[::-1])]:
            done.result(timeout=60)
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 30


def test_who_withdraws_a_role_offer_and_offers_again_is_told_of_once(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session), make.person(session, email="ben@example.org")
        for number in range(3):
            for verb in ("roles.offered", "roles.offer_withdrawn"):
                values = {"role": "translator", "reason": f"No. {number}"}
                record(session, verb, actor=ana, subject=("offer", number), values=values, tell=[ben], now=LATER)
        assert len(session.scalars(select(Notice)).all()) == len(session.scalars(select(Mailing)).all()) == 2


def test_the_same_offer_within_a_day_tells_nobody_again_but_lies_on_top_of_what_is_unread(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session), make.person(session, email="ben@example.org")
        offer(session, ana, 1, [ben])
        notice = session.scalars(select(Notice)).one()
        notice.read_at = LATER
        offer(session, ana, 1, [ben], LATER + timedelta(hours=2))
        assert session.scalars(select(Notice)).one().read_at is None
        assert len(session.scalars(select(Mailing)).all()) == 1
        offer(session, ana, 1, [ben], LATER + timedelta(hours=27))
        assert len(session.scalars(select(Notice)).all()) == 2


def test_what_was_answered_is_told_again_when_it_comes_again(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben, cy = (make.person(session, name) for name in ("ana", "ben", "cy"))
        offer(session, ana, 1, [ben, cy])
        record(session, "tools.owner_not_wanted", actor=ben, subject=("tool", 1), tell=[ana], now=LATER)
        offer(session, ana, 1, [ben, cy])
        assert [notice.person_id for notice in session.scalars(select(Notice).order_by(Notice.id))].count(cy.id) == 2


def test_beyond_so_many_letters_an_hour_the_rest_waits_for_the_daily_one(site: Any) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben", email="ben@example.org")
        for _ in range(MOST_LETTERS + 5):
            record(session, "mentoring.message", actor=make.person(session), tell=[ben], now=LATER)
        cadences = list(session.scalars(select(Mailing.cadence)))
        assert (cadences.count("now"), cadences.count("daily")) == (MOST_LETTERS, 5)


def test_one_new_account_reaches_few(site: Any) -> None:
    """2,748 notices and 120 letters in twenty seconds, before there were limits."""
    with site.unit_of_work() as session:
        mallory = make.person(session, "mallory", created_at=LATER)
        crowd = [make.person(session, email=f"p{number}@example.org") for number in range(6)]
        for verb in sorted(set(ROOMS.act_limits) - set(_permitted())):
            for number in range(200):
                _try(session, verb, mallory, number, crowd)
        bounded = sum(ROOMS.act_limits[verb].at_first or 0 for verb in _permitted_to_all())
        told = session.scalar(select(func.count()).select_from(Notice)) or 0
        letters = session.scalar(select(func.count()).select_from(Mailing)) or 0
        assert told <= bounded * len(crowd) <= 300
        assert letters <= 60 * len(crowd)


def _permitted() -> list[str]:
    """What needs a role, and what can only take back what was begun."""
    return [verb for verb, limit in ROOMS.act_limits.items() if limit.at_first is None]


def _permitted_to_all() -> list[str]:
    return sorted(set(ROOMS.act_limits) - set(_permitted()))


def _try(session: Any, verb: str, actor: Person, number: int, crowd: list[Person]) -> None:
    try:
        record(session, verb, actor=actor, subject=("thing", number), values={"n": number}, tell=crowd, now=LATER)
    except TooManyActs:
        return


def _send(browser: Any, number: int) -> Any:
    data = {"note": "I should like to look after this one with you."}
    return browser.post(f"/tools/tool{number}/offer", data=data)


def test_a_refusal_says_what_and_when_it_goes_on_and_gives_the_words_back(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        for number in range(12):
            tool = make.tool(session, f"tool{number}")
            tool.wanted_since = make.NOON
    browser, limit = make.sign_in(site.client(), ana), ROOMS.act_limits[OFFER].an_hour or 0
    answers = [_send(browser, number) for number in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [303] * limit + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3601
    page = answers[-1].get_data(as_text=True)
    assert "Offers to help with tools" in page
    assert "You can go on in" in page
    assert "I should like to look after this one with you." in page
    with site.unit_of_work() as session:
        hit = session.scalars(select(LimitHit)).one()
        assert (hit.act, hit.times, hit.person_id) == ("tools.helping", 1, ana.id)
        assert [row.person.username for row in limits_hit(session)] == ["ana"]
        event = session.scalars(select(SecurityRow)).one()
        assert (event.event, event.who_id, event.facts["page"]) == ("limit_reached", ana.id, "tools.offer")


def test_who_ran_into_limits_long_ago_is_forgotten(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        session.add(LimitHit(person_id=ana.id, act="tools.helping", times=3, first_at=make.NOON, last_at=make.NOON))
    with time_machine.travel(make.NOON + KEEP_HITS + timedelta(hours=1)):
        forget(site.portal)
    with site.unit_of_work() as session:
        assert session.scalars(select(LimitHit)).all() == []


def test_an_address_is_confirmed_before_anything_reaches_others_where_a_site_says_so(make_site: Any) -> None:
    site = make_site('[mail]\nhost = "mail.example.org"\n[sign_in_rules]\nconfirm_address_first = true')
    with site.unit_of_work() as session:
        ana, bo = make.person(session, "ana"), make.person(session, "bo", email="bo@example.org")
        make.tool(session, "tool1").wanted_since = make.NOON
    refused = _send(make.sign_in(site.client(), ana), 1)
    assert refused.status_code == 403
    assert "Confirm your e-mail address first" in refused.text
    assert 'href="/people/me/email?next=' in refused.text
    assert _send(make.sign_in(site.client(), bo), 1).status_code == 303


def test_who_waits_for_the_link_gets_it_again_on_the_spot_and_finds_their_words(make_site: Any) -> None:
    site = make_site('[mail]\nhost = "mail.example.org"\n[sign_in_rules]\nconfirm_address_first = true')
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", new_email="ana@example.org")
        make.tool(session, "tool1").wanted_since = make.NOON
    browser = make.sign_in(site.client(), ana)
    refused = filled(browser, "/tools/tool1/offer", {"note": "I should like to look after it."}).send(browser)
    assert refused.status_code == 403
    assert "open the link that we sent to ana@example.org" in refused.text
    sent = form_to(refused.text, "/people/me/email/link-again").send(browser)
    assert sent.status_code == 303
    page = browser.get(sent.location).text
    assert "An e-mail is on its way to ana@example.org" in page
    assert "I should like to look after it." in page
    with site.unit_of_work() as session:
        assert session.scalars(select(Letter.template)).all() == ["people.confirm_email"]


def test_who_has_no_address_gives_one_and_finds_their_words(make_site: Any) -> None:
    site = make_site('[mail]\nhost = "mail.example.org"\n[sign_in_rules]\nconfirm_address_first = true')
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        make.tool(session, "tool1").wanted_since = make.NOON
    browser = make.sign_in(site.client(), ana)
    refused = filled(browser, "/tools/tool1/offer", {"note": "I should like to look after it."}).send(browser)
    (way_on,) = re.findall(r'href="(/people/me/email[^"]+)"', refused.text)
    saved = filled(browser, unescape(way_on), {"email": "ana@example.org"}).send(browser)
    assert saved.status_code == 303
    assert "I should like to look after it." in browser.get(saved.location).text
