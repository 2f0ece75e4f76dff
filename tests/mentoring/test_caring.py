"""What a coordinator does for one request: see who fits, ask a mentor to take it, write to the one who waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.activity.queries import unread_count
from portal.mentoring import jobs
from portal.mentoring.actions import pairings, requests
from portal.mentoring.actions.mentors import offer_help
from portal.mentoring.models import EndReason, Mentor, Request, RequestState
from portal.people.models import Person
from tests import make
from tests.mentoring.conftest import Browser
from tests.people.conftest import Postbox

CARE = "/mentoring/coordinate/requests"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def mia(site: Any) -> Person:
    """A mentor of Python."""
    with site.unit_of_work() as session:
        return make.mentor(session, "mia", python=3)


@pytest.fixture
def asked(site: Any) -> Request:
    """Zoe asks for Python."""
    with site.unit_of_work() as session:
        return make.request(session, make.person(session, "zoe"), "python", wants="sql")


def unread(site: Any, person: Person) -> int:
    with site.unit_of_work() as session:
        return unread_count(session, person.id)


def propose(browser: Browser, cara: Person, asked: Request, mentor: Person, note: str = "") -> Any:
    return browser(cara).post(f"{CARE}/{asked.id}/propose", data={"mentor": str(mentor.id), "note": note})


class TestWhoFits:
    def test_the_mentors_who_could_take_it_stand_there_the_best_first(
        self, site: Any, browser: Browser, cara: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            make.mentor(session, "wants-only", sql=4)
            make.mentor(session, "both", python=2, sql=2)
            make.mentor(session, "full", capacity=0, python=4, sql=4)
            away = make.mentor(session, "away", python=4, sql=4)
            session.get_one(Mentor, away.id).away_until = now() + timedelta(days=3)
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        fitting = page.partition('id="help"')[2].partition("</ul>")[0]
        assert fitting.index("Both") < fitting.index("Wants-Only")
        assert "Skills: 2 of 2" in fitting
        assert "Full" not in fitting
        assert "Away" not in fitting

    @pytest.mark.parametrize(
        ("skills", "languages", "said"),
        [
            ("lua", "en", "No mentor who is here has Lua."),
            ("python", "sw", "No mentor who is here speaks Swahili."),
            ("python", "en", "or those who do have said no."),
        ],
    )
    def test_where_nobody_fits_it_says_why_and_what_helps(
        self, site: Any, browser: Browser, cara: Person, skills: str, languages: str, said: str
    ) -> None:
        with site.unit_of_work() as session:
            mia = make.mentor(session, "mia", capacity=1, python=3)
            session.get_one(Mentor, mia.id).taken = 1
            row = make.request(session, make.person(session, "zoe"), skills)
            row.languages[0].code = languages
        page = browser(cara).get(f"/mentoring/requests/{row.id}").text
        assert said in page
        assert f"/mentoring/mentors?skill={skills}" in page
        assert "Write to Zoe" in page

    def test_the_way_back_leads_to_the_list_of_coordinators(
        self, browser: Browser, cara: Person, asked: Request
    ) -> None:
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert 'href="/mentoring/coordinate">All requests and pairings' in page.partition("</nav>")[0] + page


class TestAskingAMentor:
    def test_the_mentor_is_told_and_reads_who_asks_and_why(self, make_site: Any, browser: Browser) -> None:
        post = Postbox()
        site = make_site(clients=SimpleNamespace(mailer=post))
        with site.unit_of_work() as session:
            cara = make.person(session, "cara")
            make.role(session, cara, "mentoring-coordinator")
            mia = make.mentor(session, "mia", python=3)
            mia.email = mia.email_key = "mia@example.org"
            row = make.request(session, make.person(session, "zoe"), "python")
        answer = make.sign_in(site.client(), cara).post(
            f"{CARE}/{row.id}/propose", data={"mentor": str(mia.id), "note": "She is stuck at the hook."}
        )
        assert answer.status_code == 303
        site.work()
        [letter] = post.sent
        assert letter["Subject"] == "Can you mentor Zoe?"
        assert "She is stuck at the hook." in letter.get_body(("plain",)).get_content()
        page = make.sign_in(site.client(), mia).get(f"/mentoring/requests/{row.id}").text
        assert "The coordinator Cara asks you to take this request." in page
        assert "She is stuck at the hook." in page
        assert "Claim this request" in page

    def test_it_stands_first_in_the_list_of_the_mentor_and_is_marked(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            better = make.request(session, make.person(session, "yan"), "python", asked_at=now() - timedelta(days=9))
        assert propose(browser, cara, asked, mia).status_code == 303
        page = browser(mia).get("/mentoring/requests").text
        assert page.index("Request of Zoe") < page.index("Request of Yan")
        assert page.count("A coordinator asks you") == 1
        assert better.id != asked.id

    def test_the_coordinator_sees_whom_she_asked_and_is_not_offered_them_again(
        self, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        propose(browser, cara, asked, mia)
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert "asked by Cara" in page
        assert "Everybody who fits has been asked." in page
        again = propose(browser, cara, asked, mia)
        assert again.status_code == 409
        assert "Mia has been asked already." in again.text

    def test_a_mentor_who_says_no_is_asked_no_more_and_the_coordinator_reads_why(
        self, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        propose(browser, cara, asked, mia)
        passed = browser(mia).post(f"/mentoring/requests/{asked.id}/skip", data={"reason": "No time before spring."})
        assert passed.status_code == 303
        assert "Mia cannot take a request you proposed" in browser(cara).get("/notices").text
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert "No time before spring." in page
        assert "those who do have said no" in page

    def test_who_said_no_is_asked_no_more_and_can_claim_it_all_the_same(
        self, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        propose(browser, cara, asked, mia)
        browser(mia).post(f"/mentoring/requests/{asked.id}/skip", data={"reason": ""})
        page = browser(mia).get(f"/mentoring/requests/{asked.id}").text
        assert "You have said that this request is not for you." in page
        assert "asks you to take" not in page
        assert "Hide it from my list" not in page
        assert "Claim this request" in page

    def test_the_dashboard_of_the_mentor_names_it_first(
        self, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        propose(browser, cara, asked, mia)
        page = browser(mia).get("/dashboard").text
        assert "A coordinator asks you to take the request of Zoe." in page
        assert f'href="/mentoring/requests/{asked.id}"' in page

    def test_nobody_is_told_of_a_no_that_nobody_asked_for(
        self, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        browser(mia).post(f"/mentoring/requests/{asked.id}/skip", data={"reason": ""})
        assert "cannot take" not in browser(cara).get("/notices").text

    def test_who_cannot_take_it_any_more_is_not_asked(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            make.mentor(session, "mo", python=2)
            session.get_one(Mentor, mia.id).away_until = now() + timedelta(days=3)
        answer = propose(browser, cara, asked, mia, "Please.")
        assert answer.status_code == 422
        assert "Please." in answer.text

    @pytest.mark.parametrize("state", [RequestState.WITHDRAWN, RequestState.EXPIRED])
    def test_nobody_is_asked_to_take_what_is_over(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request, state: RequestState
    ) -> None:
        with site.unit_of_work() as session:
            session.get_one(Request, asked.id).state = state
        answer = propose(browser, cara, asked, mia)
        assert answer.status_code == 409
        assert "This request is no longer open" in answer.text


class TestWritingToWhoWaits:
    def test_they_are_told_and_read_it_beside_their_request(
        self, site: Any, browser: Browser, cara: Person, asked: Request
    ) -> None:
        sent = browser(cara).post(f"{CARE}/{asked.id}/advise", data={"text": "Would French do, too?"})
        assert sent.status_code == 303
        with site.unit_of_work() as session:
            zoe = session.get_one(Person, asked.person_id)
        assert "Cara has written to you about your request" in browser(zoe).get("/notices").text
        assert "Would French do, too?" in browser(zoe).get(f"/mentoring/requests/{asked.id}").text
        assert "Would French do, too?" in browser(cara).get(f"/mentoring/requests/{asked.id}").text

    def test_an_empty_message_comes_back(self, browser: Browser, cara: Person, asked: Request) -> None:
        answer = browser(cara).post(f"{CARE}/{asked.id}/advise", data={"text": " "})
        assert answer.status_code == 422
        assert "Write something first." in answer.text

    def test_nobody_writes_to_who_waits_no_more(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            requests.claim(session, asked.id, mia, now())
        answer = browser(cara).post(f"{CARE}/{asked.id}/advise", data={"text": "Hold on."})
        assert answer.status_code == 409
        assert "Hold on." not in browser(cara).get(f"/mentoring/requests/{asked.id}").text


class TestWhereItStands:
    def test_a_request_with_a_mentor_leads_to_the_pairing(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            pairing = requests.claim(session, asked.id, mia, now())
            session.flush()
            pairing_id = pairing.id
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert "Mia has been mentoring Zoe since" in page
        assert f"/mentoring/coordinate/pairings/{pairing_id}" in page
        assert "Your list shows" not in page
        assert "Waiting for" not in page

    def test_why_a_pairing_ended_badly_is_read_by_coordinators(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        limits = site.portal.config.limits
        with site.unit_of_work() as session:
            pairing = requests.claim(session, asked.id, mia, now())
            session.flush()
            why = (EndReason.DOES_NOT_FIT, "We did not understand each other.")
            pairings.end_early(session, pairing.id, mia, *why, limits, now(), ask_again=True)
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert "the two do not get on well" in page
        assert "Mia" in page.partition("Pairings that are over")[2]

    def test_an_expired_one_says_who_can_open_it_again(
        self, site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
    ) -> None:
        with site.unit_of_work() as session:
            session.get_one(Request, asked.id).expires_at = now()
        page = browser(cara).get(f"/mentoring/requests/{asked.id}").text
        assert "It has expired, and mentors no longer see it. Zoe can renew it" in page
        assert "Write to Zoe" in page
        assert "Ask this mentor" not in page


class TestLongWaits:
    @pytest.mark.parametrize(("days", "number"), [(13, 0), (15, 1), (20, 1), (30, 0)])
    def test_coordinators_are_told_once_when_nobody_takes_a_request(
        self, site: Any, browser: Browser, cara: Person, days: int, number: int
    ) -> None:
        with site.unit_of_work() as session:
            row = make.request(session, make.person(session, "zoe"), asked_at=now() - timedelta(days=days))
        for _time in range(2):
            jobs.tell_of_long_waits(site.portal)
        page = browser(cara).get("/notices").text
        assert page.count("Zoe has found no mentor yet") == number
        if number:
            browser(cara).get(f"/mentoring/requests/{row.id}")
            assert unread(site, cara) == 0

    def test_nobody_need_look_once_a_mentor_takes_it(
        self, site: Any, browser: Browser, cara: Person, mia: Person
    ) -> None:
        with site.unit_of_work() as session:
            row = make.request(session, make.person(session, "zoe"), asked_at=now() - timedelta(days=15))
        jobs.tell_of_long_waits(site.portal)
        assert unread(site, cara) == 1
        browser(mia).post(f"/mentoring/requests/{row.id}/claim")
        assert unread(site, cara) == 0


def test_applications_say_which_of_their_skills_somebody_asks_for(site: Any, browser: Browser, cara: Person) -> None:
    with site.unit_of_work() as session:
        make.request(session, make.person(session, "zoe"), "python")
        for name, skill in (("ola", "python"), ("pia", "lua")):
            person = make.speaker(session, name, **{skill: 3})
            offer_help(session, person, "I help.", 2, now())
    page = browser(cara).get("/mentoring/applications").text
    assert "Asked for at the moment: Python." in page.partition("Ola</bdi>")[2].partition("</section>")[0]
    assert "Nobody asks for these skills" in page.partition("Pia</bdi>")[2].partition("</section>")[0]
    done = browser(cara).post(f"/mentoring/applications/{person.id}/approve", follow_redirects=True).text
    assert "Approved: Pia holds the role of mentor now, and is told." in done


def test_an_ended_pairing_leads_to_its_request_and_to_the_two(
    site: Any, browser: Browser, cara: Person, mia: Person, asked: Request
) -> None:
    with site.unit_of_work() as session:
        pairing = requests.claim(session, asked.id, mia, now())
        session.flush()
        pairing_id = pairing.id
    here = f"/mentoring/coordinate/pairings/{pairing_id}"
    browser(cara).post(here, data={"mentor": "", "note": "Nobody writes."})
    page = browser(cara).get(here).text
    assert f'href="/mentoring/requests/{asked.id}"' in page
    assert 'href="/people/zoe"' in page
    assert 'href="/people/mia"' in page
