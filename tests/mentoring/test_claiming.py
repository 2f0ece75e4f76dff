"""Mentors look, hold, claim and pass over requests; of many at once one wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.core.errors import PortalError
from portal.mentoring.actions import requests as actions
from portal.mentoring.models import Mentor, Pairing, PairingState, Request, RequestState, Skip
from portal.people.models import Person
from portal.roles.models import RoleHolder
from tests import make
from tests.mentoring.conftest import Browser


def now() -> datetime:
    return datetime.now(UTC)


def pairings(site: Any) -> list[Pairing]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(Pairing)))


def taken(site: Any, mentor: Person) -> int:
    with site.unit_of_work() as session:
        return session.get_one(Mentor, mentor.id).taken


def set_request(site: Any, asked: Request, **values: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Request).where(Request.id == asked.id).values(**values))


class TestTheList:
    def test_the_best_fit_comes_first_with_its_reasons_and_what_is_missing(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, python=4, lua=2)
            make.request(session, make.person(session, "worst"), "sql", asked_at=now() - timedelta(days=50))
            make.request(session, make.person(session, "middle"), "python sql")
            make.request(session, make.person(session, "best"), "python", wants="lua")
        page = browser(mentor).get("/mentoring/requests").text
        assert page.index("Request of Best") < page.index("Request of Middle") < page.index("Request of Worst")
        assert "Skills: 2 of 2" in page
        assert "You have what they must have: Python." in page
        assert "You lack what they must have: SQL." in page
        assert "You have none of the skills they must have: SQL." in page
        assert "You both speak English." in page

    def test_it_never_shows_ones_own_skipped_closed_overdue_or_those_without_a_shared_language(
        self, site: Any, browser: Browser
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            make.request(session, mentor)
            make.request(session, make.person(session, "paired"), state=RequestState.PAIRED)
            make.request(session, make.person(session, "overdue"), expires_at=now())
            foreign = make.request(session, make.person(session, "foreign"))
            foreign.languages[0].code = "fr"
            skipped = make.request(session, make.person(session, "skipped"))
            session.add(Skip(request_id=skipped.id, mentor_id=mentor.id, at=now()))
        assert "Nobody waits for you" in browser(mentor).get("/mentoring/requests").text

    def test_it_takes_the_same_number_of_statements_however_long_it_is(
        self, site: Any, browser: Browser, count_statements: Callable[[Callable[[], Any]], int]
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            make.request(session, make.person(session))
        page = browser(mentor)
        few = count_statements(lambda: page.get("/mentoring/requests"))
        with site.unit_of_work() as session:
            for _ in range(30):
                make.request(session, make.person(session), "python", wants="lua sql")
        assert count_statements(lambda: page.get("/mentoring/requests")) == few <= 14

    def test_it_goes_on_page_by_page_and_shows_each_once(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            names = [make.request(session, make.person(session, f"one{n:02}")).person.display_name for n in range(25)]
        page, shown = browser(mentor), ""
        first = page.get("/mentoring/requests").text
        following = first.split('href="/mentoring/requests?cursor=')[1].split('"')[0]
        shown = first + page.get(f"/mentoring/requests?cursor={following}").text
        assert all(shown.count(f"Request of {name}<") == 1 for name in names)
        assert page.get("/mentoring/requests?cursor=nonsense").status_code == 422

    def test_a_mentor_who_is_away_sees_no_new_requests(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            session.get_one(Mentor, mentor.id).away_until = now() + timedelta(days=3)
            make.request(session, make.person(session, "ana"))
        page = browser(mentor).get("/mentoring/requests").text
        assert "You are away until" in page
        assert "Ana" not in page


class TestHolding:
    @pytest.fixture
    def asked(self, site: Any) -> Request:
        with site.unit_of_work() as session:
            return make.request(session, make.person(session, "ana"))

    def test_a_hold_keeps_others_from_claiming_until_it_ends_by_itself(
        self, site: Any, browser: Browser, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            first, second = make.mentor(session), make.mentor(session)
        here = f"/mentoring/requests/{asked.id}"
        assert browser(first).post(f"{here}/look").status_code == 303
        for path in ("look", "claim"):
            refused = browser(second).post(f"{here}/{path}")
            assert refused.status_code == 409
            assert "Another mentor is looking at this request" in refused.text
            assert '<a class="button primary" href="/mentoring/">Go on to “Mentoring”</a>' in refused.text
        set_request(site, asked, held_until=now() - timedelta(seconds=1))
        assert browser(second).post(f"{here}/claim").status_code == 303
        assert browser(first).post(f"{here}/claim").status_code == 409

    def test_a_hold_can_be_extended_once_and_let_go(self, site: Any, browser: Browser, asked: Request) -> None:
        with site.unit_of_work() as session:
            mentor, other = make.mentor(session), make.mentor(session)
        here = f"/mentoring/requests/{asked.id}"
        page = browser(mentor)
        assert page.post(f"{here}/extend").status_code == 409
        page.post(f"{here}/look")
        assert browser(other).post(f"{here}/extend").status_code == 409
        assert page.post(f"{here}/extend").status_code == 303
        assert page.post(f"{here}/extend").status_code == 409
        browser(other).post(f"{here}/let-go")
        assert browser(other).post(f"{here}/claim").status_code == 409
        assert page.post(f"{here}/let-go").status_code == 303
        assert browser(other).post(f"{here}/claim").status_code == 303

    def test_nobody_holds_more_than_the_setting_allows(self, make_site: Any) -> None:
        site = make_site(toml="[limits]\nholds_each = 2")
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            asked = [make.request(session, make.person(session)).id for _ in range(3)]
        page = make.sign_in(site.client(), mentor)
        statuses = [page.post(f"/mentoring/requests/{one}/look").status_code for one in asked]
        assert statuses == [303, 303, 409]
        assert page.post(f"/mentoring/requests/{asked[0]}/look").status_code == 303
        site.work("mentoring.expire_requests")
        assert page.post(f"/mentoring/requests/{asked[2]}/look").status_code == 409

    def test_the_sweep_tidies_holds_that_ran_out_and_no_others(
        self, site: Any, browser: Browser, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
        browser(mentor).post(f"/mentoring/requests/{asked.id}/look")
        site.work("mentoring.expire_requests")
        with site.unit_of_work() as session:
            assert session.get_one(Request, asked.id).held_by == mentor.id
        set_request(site, asked, held_until=now())
        site.work("mentoring.expire_requests")
        with site.unit_of_work() as session:
            assert session.get_one(Request, asked.id).held_by is None

    def test_not_for_me_hides_it_from_this_mentor_and_tells_coordinators_alone_why(
        self, site: Any, browser: Browser, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            mentor, other, coordinator = make.mentor(session), make.mentor(session), make.person(session)
            make.role(session, coordinator, "mentoring-coordinator")
        here = f"/mentoring/requests/{asked.id}"
        browser(mentor).post(f"{here}/look")
        assert browser(mentor).post(f"{here}/skip", data={"reason": "I know too little of gadgets."}).status_code == 303
        assert "Ana" not in browser(mentor).get("/mentoring/requests").text
        assert "Ana" in browser(other).get("/mentoring/requests").text
        assert "too little of gadgets" in browser(coordinator).get(here).text
        assert "too little of gadgets" not in browser(other).get(here).text
        assert browser(other).post(f"{here}/skip", data={"reason": "x" * 241}).status_code == 422

    def test_whoever_passed_is_proposed_nowhere_again(self, site: Any, browser: Browser, asked: Request) -> None:
        with site.unit_of_work() as session:
            passed, other = make.mentor(session, "passed"), make.mentor(session, "other")
        places = ("/mentoring/requests", "/mentoring/requests.csv", "/dashboard")
        assert all("Ana" in browser(passed).get(place).text for place in places)
        browser(passed).post(f"/mentoring/requests/{asked.id}/skip")
        set_request(site, asked, state="expired", live_key=None)
        with site.unit_of_work() as session:
            asker = session.get_one(Person, asked.person_id)
        assert browser(asker).post(f"/mentoring/requests/{asked.id}/renew").status_code == 303
        assert not [place for place in places if "Ana" in browser(passed).get(place).text]
        assert all("Ana" in browser(other).get(place).text for place in places)

    def test_a_coordinator_is_not_offered_a_mentor_who_passed(
        self, site: Any, browser: Browser, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            passed, other, cara = make.mentor(session, "passed"), make.mentor(session, "other"), make.person(session)
            make.role(session, cara, "mentoring-coordinator")
            first = make.mentor(session, "first")
        browser(passed).post(f"/mentoring/requests/{asked.id}/skip")
        browser(first).post(f"/mentoring/requests/{asked.id}/claim")
        here = f"/mentoring/coordinate/pairings/{pairings(site)[0].id}"
        offered = browser(cara).get(here).text
        assert f'value="{other.id}"' in offered
        assert f'value="{passed.id}"' not in offered
        sent = {"mentor": str(passed.id), "note": "So it is."}
        assert browser(cara).post(here, data=sent).status_code == 422

    def test_a_coordinator_is_offered_the_emptier_hands_first_among_equals(
        self, site: Any, browser: Browser, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            first, busy, free = (make.mentor(session, name, capacity=3) for name in ("first", "busy", "free"))
            cara = make.person(session)
            make.role(session, cara, "mentoring-coordinator")
            session.execute(update(Mentor).where(Mentor.person_id == busy.id).values(taken=2))
        browser(first).post(f"/mentoring/requests/{asked.id}/claim")
        offered = browser(cara).get(f"/mentoring/coordinate/pairings/{pairings(site)[0].id}").text
        assert offered.index(f'value="{free.id}"') < offered.index(f'value="{busy.id}"')


class TestClaiming:
    def test_a_claim_makes_a_pairing_and_takes_a_seat(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor, ana = make.mentor(session), make.person(session, "ana")
            asked = make.request(session, ana)
        answer = browser(mentor).post(f"/mentoring/requests/{asked.id}/claim")
        [pairing] = pairings(site)
        assert answer.location.endswith(f"/mentoring/pairings/{pairing.id}")
        assert (pairing.mentor_id, pairing.mentee_id, pairing.turn) == (mentor.id, ana.id, "mentor")
        assert taken(site, mentor) == 1
        assert "Go to your pairing" in browser(ana).get(f"/mentoring/requests/{asked.id}").text

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"state": "paired"}, "has just claimed this request"),
            ({"state": "withdrawn", "live_key": None}, "has withdrawn this request"),
            ({"state": "expired", "live_key": None}, "has expired"),
            ({"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}, "has expired"),
        ],
    )
    def test_what_is_gone_cannot_be_claimed_and_the_page_says_why(
        self, site: Any, browser: Browser, values: dict[str, Any], sentence: str
    ) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            asked = make.request(session, make.person(session), **values)
        for path in ("claim", "look"):
            refused = browser(mentor).post(f"/mentoring/requests/{asked.id}/{path}")
            assert refused.status_code == 409
            assert sentence in refused.text
        assert sentence in browser(mentor).get(f"/mentoring/requests/{asked.id}").text
        assert (pairings(site), taken(site, mentor)) == ([], 0)

    def test_nobody_claims_their_own_request(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            asked = make.request(session, mentor)
        for path in ("claim", "look", "skip"):
            assert browser(mentor).post(f"/mentoring/requests/{asked.id}/{path}").status_code == 403
        assert pairings(site) == []

    def test_nobody_claims_without_the_role_whatever_their_page_says(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor, stranger = make.mentor(session), make.speaker(session, python=4)
            held = make.role(session, stranger, "translator")
            assert held.role == "translator"
            asked = make.request(session, make.person(session))
        lose_role(site, mentor)
        for person in (mentor, stranger):
            for path in ("claim", "look", "extend", "let-go", "skip"):
                assert browser(person).post(f"/mentoring/requests/{asked.id}/{path}").status_code == 403
            assert browser(person).get("/mentoring/requests").status_code == 403
            assert browser(person).get(f"/mentoring/requests/{asked.id}").status_code == 404
        assert pairings(site) == []

    def test_the_role_alone_is_not_enough_without_a_page_of_ones_own(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            person = make.speaker(session, python=4)
            make.role(session, person, "mentor")
            asked = make.request(session, make.person(session))
        refused = browser(person).post(f"/mentoring/requests/{asked.id}/claim")
        assert refused.status_code == 403
        assert "fill in the page for mentors" in refused.text

    def test_a_claim_needs_a_shared_language(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, languages="fr", python=4)
            asked = make.request(session, make.person(session))
        for path in ("claim", "look"):
            refused = browser(mentor).post(f"/mentoring/requests/{asked.id}/{path}")
            assert refused.status_code == 403
            assert "share no language" in refused.text

    def test_a_full_mentor_claims_nobody_more(self, site: Any, browser: Browser) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, capacity=1)
            first, second = (make.request(session, make.person(session)) for _ in range(2))
        page = browser(mentor)
        assert page.post(f"/mentoring/requests/{first.id}/claim").status_code == 303
        refused = page.post(f"/mentoring/requests/{second.id}/claim")
        assert refused.status_code == 409
        assert "All your seats are taken" in refused.text
        with site.unit_of_work() as session:
            assert session.get_one(Request, second.id).state == RequestState.OPEN


class TestRaces:
    """Real sessions in threads, each its own unit of work: the database settles who wins."""

    def test_of_twelve_mentors_one_wins_and_eleven_read_a_kind_sentence(self, site: Any) -> None:
        with site.unit_of_work() as session:
            mentors = [make.mentor(session) for _ in range(12)]
            asked = make.request(session, make.person(session, "ana"))
        answers = at_once([claiming_by_http(site, mentor, asked.id) for mentor in mentors])
        won = [answer for answer in answers if answer.status_code == 303]
        lost = [answer for answer in answers if answer.status_code == 409]
        assert (len(won), len(lost)) == (1, 11)
        assert all(
            "Another mentor has just claimed this request. Your list shows who else is waiting." in one.text
            for one in lost
        )
        [pairing] = pairings(site)
        assert sum(taken(site, mentor) for mentor in mentors) == 1
        assert taken(site, next(mentor for mentor in mentors if mentor.id == pairing.mentor_id)) == 1

    def test_twelve_claims_of_one_mentor_never_pass_the_capacity(self, site: Any) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session, capacity=3)
            asked = [make.request(session, make.person(session)).id for _ in range(12)]
        outcomes = at_once([claiming(site, one, mentor) for one in asked])
        assert sorted(outcomes, key=bool) == [None] * 3 + [outcome for outcome in outcomes if outcome]
        assert all("All your seats are taken" in outcome for outcome in outcomes if outcome)
        assert taken(site, mentor) == 3
        assert len(pairings(site)) == 3

    def test_holds_at_once_never_pass_the_limit(self, site: Any) -> None:
        with site.unit_of_work() as session:
            mentor = make.mentor(session)
            asked = [make.request(session, make.person(session)).id for _ in range(8)]
        outcomes = at_once([looking(site, one, mentor.id) for one in asked])
        assert outcomes.count(None) == site.portal.config.limits.holds_each

    def test_a_withdrawal_and_a_claim_at_once_leave_one_of_the_two(self, site: Any) -> None:
        for _ in range(5):
            with site.unit_of_work() as session:
                mentor, ana = make.mentor(session), make.person(session)
                asked = make.request(session, ana)
            outcomes = at_once([claiming(site, asked.id, mentor), withdrawing(site, asked.id, ana)])
            assert outcomes.count(None) == 1
            with site.unit_of_work() as session:
                state = session.get_one(Request, asked.id).state
                paired = session.scalars(select(Pairing).where(Pairing.request_id == asked.id)).all()
            assert (state, len(paired)) in (("paired", 1), ("withdrawn", 0))
            assert all(one.state == PairingState.ACTIVE for one in paired)


def lose_role(site: Any, person: Person) -> None:
    with site.unit_of_work() as session:
        ended = update(RoleHolder).where(RoleHolder.person_id == person.id)
        session.execute(ended.values(ended_at=now(), active_key=None))


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call answered, all begun in the same moment in threads of their own."""
    answers: dict[int, Any] = {}
    gate = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], Any]) -> None:
        gate.wait(20)
        answers[place] = call()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[place] for place in range(len(calls))]


def claiming_by_http(site: Any, mentor: Person, request_id: int) -> Callable[[], Any]:
    browser = make.sign_in(site.client(), mentor)
    return lambda: browser.post(f"/mentoring/requests/{request_id}/claim")


def refusal_of(site: Any, do: Callable[[Any], Any]) -> Callable[[], str | None]:
    def run() -> str | None:
        try:
            with site.unit_of_work() as session:
                do(session)
        except PortalError as refusal:
            return str(refusal.message)
        return None

    return run


def claiming(site: Any, request_id: int, mentor: Person) -> Callable[[], str | None]:
    return refusal_of(site, lambda session: actions.claim(session, request_id, mentor, now()))


def looking(site: Any, request_id: int, mentor_id: int) -> Callable[[], str | None]:
    limits = site.portal.config.limits
    return refusal_of(site, lambda session: actions.hold(session, request_id, mentor_id, limits, now()))


def withdrawing(site: Any, request_id: int, person: Person) -> Callable[[], str | None]:
    return refusal_of(site, lambda session: actions.withdraw(session, request_id, person, now()))
