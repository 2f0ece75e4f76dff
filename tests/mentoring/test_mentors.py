"""Becoming a mentor, being away, stopping; and the directory that everybody reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.core.errors import Conflict, NotAllowed
from portal.mentoring.actions import requests as actions
from portal.mentoring.actions.pairings import reassign
from portal.mentoring.models import Mentor, MentorState, Pairing, Request, RequestState, Skip
from portal.people.models import Person
from portal.roles.models import RoleHolder
from tests import make
from tests.mentoring.conftest import Browser

OFFER = {"pitch": "I can show you how gadgets are reviewed.", "capacity": "2"}


def now() -> datetime:
    return datetime.now(UTC)


def state_of(site: Any, person: Person) -> str | None:
    with site.unit_of_work() as session:
        found = session.get(Mentor, person.id)
        return found.state if found else None


def is_in_role(site: Any, person: Person) -> bool:
    with site.unit_of_work() as session:
        held = select(RoleHolder).where(RoleHolder.person_id == person.id, RoleHolder.role == "mentor")
        return session.scalars(held.where(RoleHolder.ended_at.is_(None))).first() is not None


def told(site: Any, verb: str) -> list[int]:
    with site.unit_of_work() as session:
        return sorted(session.scalars(select(Notice.person_id).join(Event).where(Event.verb == f"mentoring.{verb}")))


@pytest.fixture
def cara(site: Any) -> Person:
    """A mentoring coordinator."""
    with site.unit_of_work() as session:
        person = make.speaker(session, "cara", python=2)
        make.role(session, person, "mentoring-coordinator")
        return person


@pytest.fixture
def mia(site: Any) -> Person:
    """Somebody who could be a mentor."""
    with site.unit_of_work() as session:
        return make.speaker(session, "mia", python=4)


class TestApplying:
    def test_an_application_is_told_to_coordinators_and_permits_nothing_yet(
        self, site: Any, browser: Browser, cara: Person, mia: Person
    ) -> None:
        assert browser(mia).post("/mentoring/apply", data=OFFER).status_code == 303
        assert state_of(site, mia) == MentorState.APPLIED
        assert told(site, "applied") == [cara.id]
        assert browser(mia).get("/mentoring/requests").status_code == 403
        assert "Mia" not in site.client().get("/mentoring/mentors").text
        assert "A coordinator will read it" in browser(mia).get("/mentoring/apply").text

    def test_an_approval_appoints_to_the_role_and_is_told(
        self, site: Any, browser: Browser, cara: Person, mia: Person
    ) -> None:
        browser(mia).post("/mentoring/apply", data=OFFER)
        assert "gadgets are reviewed" in browser(cara).get("/mentoring/applications").text
        here = f"/mentoring/applications/{mia.id}"
        assert browser(cara).post(f"{here}/approve").status_code == 303
        assert is_in_role(site, mia)
        assert told(site, "approved") == [mia.id]
        assert browser(mia).get("/mentoring/requests").status_code == 200
        assert "Mia" in site.client().get("/mentoring/mentors").text
        assert browser(cara).post(f"{here}/approve").status_code == 409
        assert browser(cara).post(f"{here}/decline", data={"reason": "Too late."}).status_code == 409
        assert browser(cara).get(f"{here}/decline").status_code == 404

    def test_a_declined_application_comes_back_with_its_reason_and_may_be_made_again(
        self, site: Any, browser: Browser, cara: Person, mia: Person
    ) -> None:
        browser(mia).post("/mentoring/apply", data=OFFER)
        here = f"/mentoring/applications/{mia.id}/decline"
        assert browser(cara).post(here, data={"reason": " "}).status_code == 422
        assert (
            browser(cara).post(here, data={"reason": "Wait until ten of your changes are merged."}).status_code == 303
        )
        assert (state_of(site, mia), is_in_role(site, mia)) == (MentorState.DECLINED, False)
        assert told(site, "declined") == [mia.id]
        assert "ten of your changes" in browser(mia).get("/mentoring/apply").text
        browser(mia).post("/mentoring/apply", data=OFFER)
        assert (state_of(site, mia), told(site, "applied")) == (MentorState.APPLIED, [cara.id] * 2)

    def test_an_application_changed_twice_is_told_once_and_can_be_taken_back(
        self, site: Any, browser: Browser, cara: Person, mia: Person
    ) -> None:
        for pitch in ("First", "Second"):
            browser(mia).post("/mentoring/apply", data={**OFFER, "pitch": pitch})
        assert told(site, "applied") == [cara.id]
        assert browser(mia).post("/mentoring/apply/withdraw").status_code == 303
        assert "No application waits" in browser(cara).get("/mentoring/applications").text
        assert browser(mia).post("/mentoring/apply/withdraw").status_code == 409

    def test_nobody_answers_their_own_application(self, site: Any, browser: Browser, cara: Person) -> None:
        browser(cara).post("/mentoring/apply", data=OFFER)
        for path, data in (("approve", {}), ("decline", {"reason": "No."})):
            assert browser(cara).post(f"/mentoring/applications/{cara.id}/{path}", data=data).status_code == 403
        assert not is_in_role(site, cara)

    def test_only_coordinators_read_and_answer_applications(self, site: Any, browser: Browser, mia: Person) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
        browser(mia).post("/mentoring/apply", data=OFFER)
        for person in (mia, mentor):
            page = browser(person)
            assert page.get("/mentoring/applications").status_code == 403
            assert page.get("/mentoring/coordinate").status_code == 403
            for path in ("approve", "decline"):
                assert page.post(f"/mentoring/applications/{mia.id}/{path}").status_code == 403
        assert state_of(site, mia) == MentorState.APPLIED

    def test_the_profile_comes_first(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            bare = make.person(session)
        assert "Your profile comes first" in browser(bare).get("/mentoring/apply").text
        refused = browser(bare).post("/mentoring/apply", data=OFFER)
        assert refused.status_code == 422
        assert state_of(site, bare) is None

    @pytest.mark.parametrize(
        "typed", [{"pitch": ""}, {"pitch": "x" * 241}, {"capacity": "-1"}, {"capacity": "21"}, {"capacity": "two"}]
    )
    def test_what_cannot_be_offered_is_refused(self, browser: Browser, site: Any, mia: Person, typed: Any) -> None:
        assert browser(mia).post("/mentoring/apply", data={**OFFER, **typed}).status_code == 422
        assert state_of(site, mia) is None

    def test_who_holds_the_role_already_needs_no_answer(self, site: Any, browser: Browser, mia: Person) -> None:
        with site.unit_of_work() as session:
            make.role(session, mia, "mentor")
        browser(mia).post("/mentoring/apply", data=OFFER)
        assert (state_of(site, mia), told(site, "applied")) == (MentorState.APPROVED, [])

    def test_fewer_seats_than_mentees_leave_none_free(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, capacity=2)
            for _ in range(2):
                actions.claim(session, make.request(session, make.person(session)).id, mentor, now())
            more = make.request(session, make.person(session))
        browser(mentor).post("/mentoring/apply", data={**OFFER, "capacity": "1"})
        assert browser(mentor).post(f"/mentoring/requests/{more.id}/claim").status_code == 409
        assert "no free seat" in site.client().get("/mentoring/mentors").text


class TestBeingAway:
    def test_a_mentor_is_away_until_a_day_and_back_before_it(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, "mia")
            asked = make.request(session, make.person(session))
        page = browser(mentor)
        page.post(f"/mentoring/requests/{asked.id}/look")
        assert page.post("/mentoring/away", data={"until": str(now().date() + timedelta(days=10))}).status_code == 303
        assert "away until" in site.client().get("/mentoring/mentors").text
        assert "Mia" not in site.client().get("/mentoring/mentors?free=1").text
        with site.unit_of_work() as session:
            assert session.get_one(Request, asked.id).held_by is None
        assert page.post("/mentoring/back").status_code == 303
        assert "1 free seat" not in site.client().get("/mentoring/mentors").text
        assert "2 free seats" in site.client().get("/mentoring/mentors?free=1").text

    @pytest.mark.parametrize("days", [-1, 0, 367])
    def test_being_away_begins_now_and_lasts_a_year_at_most(self, site: Any, browser: Browser, days: int) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
        until = datetime.now(UTC).date() + timedelta(days=days)
        answer = browser(mentor).post("/mentoring/away", data={"until": str(until)})
        assert answer.status_code == 422
        assert "at most a year ahead" in answer.text

    def test_only_mentors_can_be_away(self, browser: Browser, mia: Person) -> None:
        until = str(now().date() + timedelta(days=10))
        assert browser(mia).post("/mentoring/away", data={"until": until}).status_code == 403
        assert browser(mia).post("/mentoring/back").status_code == 403
        assert browser(mia).post("/mentoring/retire", data={"reason": "Time."}).status_code == 403


class TestStopping:
    def test_a_mentor_gives_back_the_role_and_mentees_ask_again_by_themselves(
        self, site: Any, browser: Browser, cara: Person
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, "mia")
            ana = make.person(session, "ana")
            asked = make.request(session, ana)
            actions.claim(session, asked.id, mentor, now())
        page = browser(mentor)
        assert "Ana" in page.get("/mentoring/retire").text
        assert page.post("/mentoring/retire", data={"reason": ""}).status_code == 422
        assert page.post("/mentoring/retire", data={"reason": "A new job."}).status_code == 303
        assert (state_of(site, mentor), is_in_role(site, mentor)) == (MentorState.RETIRED, False)
        with site.unit_of_work() as session:
            assert session.get_one(Request, asked.id).state == RequestState.OPEN
            assert session.scalars(select(Pairing)).one().end_reason == "role_ended"
        assert "Mia" not in site.client().get("/mentoring/mentors").text
        assert ana.id in told(site, "ended_for_you")


class TestTheDirectory:
    @pytest.fixture
    def three(self, site: Any) -> None:
        with site.unit_of_work() as session:
            make.mentor(session, "pia", python=4)
            make.mentor(session, "lou", lua=2, languages="fr")
            make.mentor(session, "max", python=1, capacity=0)
            make.speaker(session, "nobody", python=4)

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", {"Pia", "Lou", "Max"}),
            ("skill=python", {"Pia", "Max"}),
            ("skill=Python&free=1", {"Pia"}),
            ("language=fr", {"Lou"}),
            ("skill=lua&language=en", set()),
            ("skill=nonsense", {"Pia", "Lou", "Max"}),
        ],
    )
    def test_it_is_open_to_all_and_narrowed_by_skill_language_and_seat(
        self, site: Any, three: None, query: str, names: set[str]
    ) -> None:
        answer = site.client().get(f"/mentoring/mentors?{query}")
        assert answer.status_code == 200
        assert {name for name in ("Pia", "Lou", "Max", "Nobody") if name in answer.text} == names

    def test_nobody_for_this_yet_is_said_kindly(self, site: Any, three: None) -> None:
        page = site.client().get("/mentoring/mentors?skill=lua&language=en").text
        assert "No mentor for this yet." in page
        assert "Remove the filter:" in page

    def test_a_mentor_who_lost_the_role_is_not_in_it(self, site: Any, three: None) -> None:
        with site.unit_of_work() as session:
            for held in session.scalars(select(RoleHolder)):
                held.ended_at, held.active_key = now(), None
        assert "There are no mentors here yet" in site.client().get("/mentoring/mentors").text

    def test_it_goes_on_page_by_page_in_a_fixed_number_of_statements(
        self, site: Any, count_statements: Callable[[Callable[[], Any]], int]
    ) -> None:
        with site.unit_of_work() as session:
            make.mentor(session, "one00")
        few = count_statements(lambda: site.client().get("/mentoring/mentors"))
        with site.unit_of_work() as session:
            names = [make.mentor(session, f"one{n:02}").display_name for n in range(1, 30)]
        assert count_statements(lambda: site.client().get("/mentoring/mentors")) == few <= 10
        first = site.client().get("/mentoring/mentors").text
        following = first.split('href="/mentoring/mentors?cursor=')[1].split('"')[0]
        shown = first + site.client().get(f"/mentoring/mentors?cursor={following}").text
        assert all(shown.count(f"<bdi>{name}</bdi>") == 1 for name in names)
        assert site.client().get("/mentoring/mentors?cursor=nonsense").status_code == 422

    def test_what_a_mentor_offers_stands_on_their_page(self, site: Any, three: None) -> None:
        with site.unit_of_work() as session:
            session.get_one(Mentor, 1).pitch = "I know gadgets."
        page = site.client().get("/people/pia").text
        assert "I know gadgets." in page
        assert "free seats" in page
        assert 'href="/mentoring/ask"' in page
        full = site.client().get("/people/max").text
        assert "no free seat at the moment" in full
        assert 'href="/mentoring/ask"' not in full
        assert 'id="mentor"' not in site.client().get("/people/nobody").text

    def test_who_is_no_mentor_any_more_offers_nothing_on_their_page(self, site: Any, three: None) -> None:
        with site.unit_of_work() as session:
            for held in session.scalars(select(RoleHolder)):
                held.ended_at, held.active_key = now(), None
        assert 'id="mentor"' not in site.client().get("/people/pia").text

    def test_a_pitch_is_shown_as_text(self, site: Any) -> None:
        with site.unit_of_work() as session:
            session.get_one(Mentor, make.mentor(session).id).pitch = "<script>alert(1)</script>"
        assert "<script>alert" not in site.client().get("/mentoring/mentors").text


class TestCoordinating:
    def test_who_waits_longest_and_who_is_silent_longest_come_first(
        self, site: Any, browser: Browser, cara: Person
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, "mia")
            for name, days in (("new", 1), ("old", 30)):
                asked_at = now() - timedelta(days=days)
                make.request(session, make.person(session, name), "cobol", asked_at=asked_at)
            paired = make.request(session, make.person(session, "paired"))
            actions.claim(session, paired.id, mentor, now())
        page = browser(cara).get("/mentoring/coordinate").text
        assert page.index("<bdi>Old</bdi>") < page.index("<bdi>New</bdi>") < page.index("<bdi>Paired</bdi>")
        assert "Asked for, and no mentor has it: cobol." in page

    def test_a_pairing_is_handed_over_to_a_mentor_with_room(self, site: Any, browser: Browser, cara: Person) -> None:
        with site.unit_of_work() as session:
            old, new, full = make.mentor(session, "old"), make.mentor(session, "new"), make.mentor(session, capacity=0)
            ana = make.person(session, "ana")
            asked = make.request(session, ana)
            before = actions.claim(session, asked.id, old, now()).id
        here = f"/mentoring/coordinate/pairings/{before}"
        assert "New – skills: 1 of 1" in browser(cara).get(here).text
        for wrong in (old.id, full.id, ana.id, 999):
            assert browser(cara).post(here, data={"mentor": str(wrong), "note": "So it is."}).status_code == 422
        assert browser(cara).post(here, data={"mentor": str(new.id), "note": ""}).status_code == 422
        assert browser(cara).post(here, data={"mentor": str(new.id), "note": "Old has no time."}).status_code == 303
        with site.unit_of_work() as session:
            ended, after = session.scalars(select(Pairing).order_by(Pairing.id)).all()
            assert (ended.state, ended.end_reason) == ("ended_early", "reassigned")
            assert (after.mentor_id, after.continues_id, after.turn) == (new.id, before, "mentor")
            assert session.get_one(Request, asked.id).state == RequestState.PAIRED
            assert [session.get_one(Mentor, one.id).taken for one in (old, new)] == [0, 1]
        assert (told(site, "reassigned"), told(site, "handed_over")) == (sorted([ana.id, new.id]), [old.id])
        assert browser(cara).post(here, data={"mentor": "", "note": "Again."}).status_code == 409

    def test_nobody_is_handed_to_who_cannot_take_them(self, site: Any, cara: Person) -> None:
        with site.unit_of_work() as session:
            old, ana = make.mentor(session), make.person(session, "ana")
            asked = make.request(session, ana)
            before = actions.claim(session, asked.id, old, now()).id
            full, away, passed = make.mentor(session, capacity=0), make.mentor(session), make.mentor(session)
            session.add(Skip(request_id=asked.id, mentor_id=passed.id, at=now()))
            session.get_one(Mentor, away.id).away_until = now() + timedelta(days=3)
            stranger, foreign = make.speaker(session, python=4), make.mentor(session, languages="fr")
        expected = {
            ana.id: (NotAllowed, "their own mentor"),
            old.id: (NotAllowed, "the mentor they have now"),
            stranger.id: (NotAllowed, "does not hold the role"),
            foreign.id: (NotAllowed, "share no language"),
            away.id: (Conflict, "is away"),
            passed.id: (Conflict, "is not for them"),
            full.id: (Conflict, "has no free seat any more"),
        }
        for mentor in (ana, old, stranger, foreign, away, passed, full):
            kind, words = expected[mentor.id]
            with pytest.raises(kind) as refusal, site.unit_of_work() as session:
                reassign(session, before, cara, mentor, "So it is.", now())
            assert words in str(refusal.value.message)
        with site.unit_of_work() as session:
            assert session.scalars(select(Pairing)).one().mentor_id == old.id
            assert session.get_one(Mentor, old.id).taken == 1

    def test_a_coordinator_ends_a_pairing_and_the_request_is_open_again(
        self, site: Any, browser: Browser, cara: Person
    ) -> None:
        with site.unit_of_work() as session:
            asked = make.request(session, make.person(session))
            pairing = actions.claim(session, asked.id, make.mentor(session), now())
        here = f"/mentoring/coordinate/pairings/{pairing.id}"
        assert browser(cara).post(here, data={"mentor": "", "note": "Both are silent."}).status_code == 303
        with site.unit_of_work() as session:
            assert session.get_one(Request, asked.id).state == RequestState.OPEN
        assert browser(cara).get(here).status_code == 200

    def test_the_page_takes_the_same_number_of_statements_however_much_there_is(
        self, site: Any, browser: Browser, cara: Person, count_statements: Callable[[Callable[[], Any]], int]
    ) -> None:
        def add(times: int) -> None:
            with site.unit_of_work() as session:
                mentor = make.mentor(session, capacity=20)
                for _ in range(times):
                    make.request(session, make.person(session), "python", wants="lua")
                    actions.claim(session, make.request(session, make.person(session)).id, mentor, now())

        add(1)
        page = browser(cara)
        few = count_statements(lambda: page.get("/mentoring/coordinate"))
        add(9)
        assert count_statements(lambda: page.get("/mentoring/coordinate")) == few <= 22


@pytest.mark.parametrize("typed", ["9" * 4000, "9" * 5000, "-1", "nan", "1e3"])
def test_a_number_that_no_mentor_can_mean_is_refused_beside_its_field(site: Any, browser: Browser, typed: str) -> None:
    with site.unit_of_work() as session:
        mia = make.mentor(session, "mia")
    answer = browser(mia).post("/mentoring/apply", data={"pitch": "I help.", "capacity": typed})
    assert answer.status_code == 422
    assert 'id="capacity-error"' in answer.text
