"""Notices go away by doing or reading the thing itself, and the number in the head of every page is right."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from portal.activity import actions as notices
from portal.activity.models import Notice
from portal.activity.queries import unread_count
from portal.activity.rules import page_of, words_in
from portal.activity.views import unread as unread_view
from portal.core import clock
from portal.mentoring.actions import mentors, pairings, requests
from portal.people.actions import leave
from portal.people.models import Person
from portal.roles import actions as roles
from portal.roles import offers
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder
from portal.tools import actions as tools
from portal.tools.queries.adoption import adoption_offer
from portal.tools.queries.catalogue import tool
from tests import make


def count_of(page: Any) -> int:
    """The number beside the bell."""
    found = re.search(r'class="count">(\d+)<', page.text)
    return int(found[1]) if found else 0


def unread(site: Any, person: Person) -> int:
    with site.unit_of_work() as session:
        return unread_count(session, person.id)


def browser_of(site: Any, person: Person) -> Any:
    return make.sign_in(site.client(), person)


@pytest.fixture
def pairing(site: Any) -> tuple[Person, Person, int]:
    """A mentor, a mentee, and their pairing: the mentee was told of it."""
    with site.unit_of_work() as session:
        mentor, mentee = make.mentor(session, "mira"), make.speaker(session, "noor")
        asked = make.request(session, mentee)
        return mentor, mentee, int(requests.claim(session, asked.id, mentor, clock.now()).id)


@pytest.fixture
def wanted(site: Any) -> tuple[Person, Person]:
    """A steward of tools, and who offered to help with one: the steward was told of it."""
    with site.unit_of_work() as session:
        steward, helper = make.person(session, "stew"), make.person(session, "hana")
        make.role(session, steward, "portal-steward")
        mapper = make.tool(session, "mapper")
        mapper.wanted_since = make.NOON
        tools.offer_to_adopt(session, mapper, helper, "I know <b>maps</b>.", clock.now())
        return steward, helper


def test_reading_a_pairing_is_reading_what_one_was_told_of_it(site: Any, pairing: Any) -> None:
    mentor, mentee, pairing_id = pairing
    with site.unit_of_work() as session:
        for text in ("Hello!", "Are you there?"):
            pairings.write(session, pairing_id, session.get(Person, mentor.id), text, clock.now())
    browser = browser_of(site, mentee)
    assert count_of(browser.get("/roles/")) == 3
    assert count_of(browser.get(f"/mentoring/pairings/{pairing_id}")) == 0, "the page itself counts them no more"
    assert count_of(browser.get("/roles/")) == 0


def test_reading_the_page_of_a_tool_or_a_role_is_reading_its_notices_alone(site: Any, wanted: Any) -> None:
    steward, helper = wanted
    with site.unit_of_work() as session:
        definition = site.portal.library.get(RoleDefinitions).get("translator")
        offers.offer(session, definition, session.get(Person, helper.id), "I translate.", clock.now())
    browser = browser_of(site, steward)
    assert count_of(browser.get("/")) == 2
    assert count_of(browser.get("/tools/mapper")) == 1
    assert count_of(browser.get("/roles/mentor")) == 1, "another role"
    assert count_of(browser.get("/roles/translator")) == 0


def test_the_page_is_known_whatever_stands_behind_its_address(site: Any, wanted: Any) -> None:
    steward, _helper = wanted
    assert count_of(browser_of(site, steward).get("/tools/mapper?from=mail")) == 0
    assert unread(site, steward) == 0
    assert page_of("tools.show", {"name": "mapper", "_anchor": "offers"}) == "tools.show name=mapper"
    assert len(page_of("tools.show", {"name": "é" * 900})) == 255


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender"])
def test_a_page_that_is_fetched_ahead_of_time_is_not_read(site: Any, wanted: Any, header: str, purpose: str) -> None:
    steward, _helper = wanted
    browser = browser_of(site, steward)
    assert count_of(browser.get("/tools/mapper", headers={header: purpose})) == 1
    browser.head("/tools/mapper")
    assert unread(site, steward) == 1


def test_a_page_that_refuses_is_not_read(site: Any, pairing: Any) -> None:
    _mentor, mentee, pairing_id = pairing
    with site.unit_of_work() as session:
        session.scalars(
            select(Notice).where(Notice.person_id == mentee.id)
        ).one().page = f"mentoring.oversee pairing_id={pairing_id}"
    page = browser_of(site, mentee).get(f"/mentoring/coordinate/pairings/{pairing_id}")
    assert (page.status_code, count_of(page)) == (403, 1)
    assert unread(site, mentee) == 1


def test_a_form_that_comes_back_is_not_read(site: Any, pairing: Any) -> None:
    _mentor, mentee, pairing_id = pairing
    page = browser_of(site, mentee).post(f"/mentoring/pairings/{pairing_id}/messages", data={"text": ""})
    assert (page.status_code, count_of(page)) == (422, 1)
    assert unread(site, mentee) == 1


def test_a_page_read_twice_at_once_is_read_once_and_what_came_since_stays(site: Any, pairing: Any) -> None:
    mentor, mentee, pairing_id = pairing
    page = page_of("mentoring.pairing", {"pairing_id": pairing_id})
    with site.unit_of_work() as session:
        first = session.scalars(select(Notice).where(Notice.person_id == mentee.id)).one().id
        pairings.write(session, pairing_id, session.get(Person, mentor.id), "Hello!", clock.now())
    for later in (0, 5):
        with site.unit_of_work() as session:
            now = make.NOON + timedelta(minutes=later)
            unread_view.read_page(session, mentee.id, page, first, now)
    with site.unit_of_work() as session:
        assert session.get(Notice, first).read_at == make.NOON
    assert unread(site, mentee) == 1


def test_without_unread_notices_reading_takes_no_further_statement(site: Any, pairing: Any) -> None:
    _mentor, mentee, pairing_id = pairing
    browser, seen = browser_of(site, mentee), []
    browser.get(f"/mentoring/pairings/{pairing_id}")
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]), named=False)
    browser.get(f"/mentoring/pairings/{pairing_id}")
    assert [one.split()[0] for one in seen if "notices" in one] == ["SELECT"]


def test_a_page_stands_when_it_cannot_be_noted_that_it_was_read(
    site: Any, wanted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    steward, _helper = wanted
    monkeypatch.setattr(unread_view, "read_page", locked)
    assert browser_of(site, steward).get("/tools/mapper").status_code == 200
    assert unread(site, steward) == 1


def test_who_answers_an_application_has_read_of_it_and_so_have_all_others(site: Any) -> None:
    with site.unit_of_work() as session:
        first, second = (make.person(session, name) for name in ("cora", "cleo"))
        for coordinator in (first, second):
            make.role(session, coordinator, "mentoring-coordinator")
        for name in ("ben", "dia", "eva"):
            mentors.offer_help(session, make.speaker(session, name, python=2), "I help.", 1, clock.now())
    assert (unread(site, first), unread(site, second)) == (3, 3)
    with site.unit_of_work() as session:
        one, two, three = session.scalars(select(Person).where(Person.username.in_(["ben", "dia", "eva"])))
        mentors.approve(session, one.id, session.get(Person, first.id), clock.now())
        mentors.withdraw_application(session, two, clock.now())
    assert (unread(site, first), unread(site, second)) == (1, 1)
    with site.unit_of_work() as session:
        leave(site.portal, session, session.get(Person, three.id), clock.now())
    assert (unread(site, first), unread(site, second)) == (0, 0)


def test_a_request_that_somebody_took_or_took_back_waits_for_no_other_mentor(site: Any) -> None:
    with site.unit_of_work() as session:
        fast, slow = make.mentor(session, "fast"), make.mentor(session, "slow")
        for name in ("noor", "yuki"):
            asked = make.request(session, make.speaker(session, name))
            about = ("request", asked.id)
            notices.record(session, "mentoring.asked", actor=None, subject=about, tell=[fast, slow], now=make.NOON)
    assert unread(site, slow) == 2
    with site.unit_of_work() as session:
        requests.claim(session, asked.id, session.get(Person, fast.id), clock.now())
    assert (unread(site, slow), unread(site, fast)) == (1, 1)
    with site.unit_of_work() as session:
        noor = session.scalars(select(Person).where(Person.username == "noor")).one()
        requests.withdraw(session, asked.id - 1, noor, clock.now())
    assert (unread(site, slow), unread(site, fast)) == (0, 0)


def test_who_writes_has_read_that_their_word_was_owed(site: Any, pairing: Any) -> None:
    mentor, _mentee, pairing_id = pairing
    with site.unit_of_work() as session:
        assert pairings.nudge_owing_side(session, pairing_id, clock.now() + timedelta(days=8))
    assert unread(site, mentor) == 1
    with site.unit_of_work() as session:
        pairings.write(session, pairing_id, session.get(Person, mentor.id), "Here I am.", clock.now())
    assert unread(site, mentor) == 0


def test_a_pairing_that_ended_reminds_nobody(site: Any, pairing: Any) -> None:
    mentor, mentee, pairing_id = pairing
    with site.unit_of_work() as session:
        pairings.nudge_owing_side(session, pairing_id, clock.now() + timedelta(days=8))
        pairings.complete(session, pairing_id, session.get(Person, mentee.id), "Thanks!", clock.now())
        verbs = [one.event.verb for one in session.scalars(select(Notice).where(Notice.read_at.is_(None)))]
    assert verbs == ["mentoring.completed"]
    assert unread(site, mentor) == 1


def test_an_offer_that_is_answered_or_taken_back_waits_for_nobody(site: Any, wanted: Any) -> None:
    steward, helper = wanted
    with site.unit_of_work() as session:
        who, translator = session.get(Person, helper.id), site.portal.library.get(RoleDefinitions).get("translator")
        taken_back = offers.offer(session, translator, who, "I translate.", clock.now())
        offers.withdraw(session, taken_back, who, clock.now())
        offers.offer(session, translator, who, "I do.", clock.now())
        roles.appoint(session, translator, who, session.get(Person, steward.id), "Good.", None, clock.now())
        tools.withdraw(session, adoption_offer(session, 1), who, clock.now())
        left = session.scalars(select(Notice).where(Notice.person_id == steward.id, Notice.read_at.is_(None)))
        verbs = sorted(one.event.verb for one in left)
    assert verbs == ["roles.offer_withdrawn", "tools.offer_withdrawn"], "what became of them is still news"


def test_another_offer_for_the_same_tool_still_waits(site: Any, wanted: Any) -> None:
    steward, helper = wanted
    with site.unit_of_work() as session:
        mapper = tool(session, "mapper")
        tools.offer_to_adopt(session, mapper, make.person(session, "ivo"), "I can, too.", clock.now())
        leave(site.portal, session, session.get(Person, helper.id), clock.now())
        left = session.scalars(select(Notice).where(Notice.person_id == steward.id, Notice.read_at.is_(None)))
        assert [one.event.values["note"] for one in left] == ["I can, too."]


def test_what_waited_because_of_a_role_goes_with_the_role(site: Any) -> None:
    with site.unit_of_work() as session:
        coordinator, mentor, steward, other = (make.person(session, name) for name in ("cora", "mira", "stew", "otto"))
        roles_of = {coordinator: "mentoring-coordinator", mentor: "mentor", steward: "portal-steward"}
        held = [make.role(session, holder, slug) for holder, slug in roles_of.items()]
        make.role(session, other, "portal-steward")
        mentors.offer_help(session, make.speaker(session, "ben", python=2), "I help.", 1, clock.now())
        asked = make.request(session, make.speaker(session, "noor"))
        about = ("request", asked.id)
        notices.record(session, "mentoring.asked", actor=None, subject=about, tell=[mentor], now=make.NOON)
        translator = site.portal.library.get(RoleDefinitions).get("translator")
        offers.offer(session, translator, make.person(session, "tomi"), "I do.", clock.now())
    assert [unread(site, one) for one in (coordinator, mentor, steward, other)] == [1, 1, 1, 1]
    for holding in held:
        with site.unit_of_work() as session:
            roles.end_holding(session, session.get(RoleHolder, holding.id), None, "It is over.", clock.now())
    for person in (coordinator, mentor, steward):
        with site.unit_of_work() as session:
            mine = session.scalars(select(Notice).where(Notice.person_id == person.id, Notice.read_at.is_(None)))
            assert [one.event.verb for one in mine] == ["roles.ended"]
    assert unread(site, other) == 1, "who can still answer"


def test_what_is_handed_over_twice_is_counted_once(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        happened = notices.record(session, "roles.ended", actor=None, tell=[ana, ana.id], now=make.NOON)
        for _again in range(2):
            notices.tell(session, happened, [ana])
    assert count_of(browser_of(site, ana).get("/notices")) == 1


def test_a_notice_whose_thing_is_gone_is_read_by_opening_it(site: Any, pairing: Any) -> None:
    _mentor, mentee, _pairing_id = pairing
    with site.unit_of_work() as session:
        notice = session.scalars(select(Notice).where(Notice.person_id == mentee.id)).one()
        notice.event.values = {"link": {"endpoint": "mentoring.pairing", "args": {"pairing_id": 9999}}}
        notice_id = notice.id
    browser = browser_of(site, mentee)
    page = browser.get(f"/notices/{notice_id}", follow_redirects=True)
    assert (page.status_code, count_of(page)) == (404, 0)


def test_notices_of_one_thing_stand_together_with_what_was_said(site: Any, wanted: Any) -> None:
    steward, _helper = wanted
    with site.unit_of_work() as session:
        mapper = tool(session, "mapper")
        for name, note in (("ivo", "مرحبا " * 60), ("jo", "Me,\ntoo.")):
            tools.offer_to_adopt(session, mapper, make.person(session, name), note, clock.now())
        roles.appoint(
            session,
            site.portal.library.get(RoleDefinitions).get("translator"),
            session.get(Person, steward.id),
            None,
            "For your work.",
            None,
            clock.now(),
        )
    page = browser_of(site, steward).get("/notices").text
    assert len(re.findall(r"<h3>", page)) == 1
    assert page.count('<details class="whole">') == 1
    assert "2 earlier notices about the same" in page
    assert '<q class="whole quiet" dir="auto">I know &lt;b&gt;maps&lt;/b&gt;.</q>' in page
    assert ">Me, too.</q>" in page
    assert ">For your work.</q>" in page
    assert "مرحبا…</q>" in page


def test_a_reason_chosen_from_a_list_is_nobodys_word() -> None:
    assert words_in({"reason": "no_time", "note": "I move house."}) == "I move house."
    assert words_in({"reason": "no_time", "note": ""}) == ""
    assert words_in({"reason": "Because you know it."}) == "Because you know it."
