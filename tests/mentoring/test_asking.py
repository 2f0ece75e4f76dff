"""A newcomer asks, sees how things stand, changes their mind; and the list that mentors see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.mentoring.models import Request, RequestState
from tests import make
from tests.mentoring.conftest import Browser

GOAL = "I want to mend a gadget and learn how review works."
ASKED = {
    "goal": GOAL,
    "needs-0-skill": "Python",
    "needs-0-need": "must",
    "needs-1-skill": "javascript",
    "needs-1-need": "want",
    "languages": ["en"],
}


def the_request(site: Any) -> Request:
    with site.unit_of_work() as session:
        return session.scalars(select(Request)).one()


def told(site: Any, verb: str) -> list[int]:
    with site.unit_of_work() as session:
        rows = select(Notice.person_id).join(Event).where(Event.verb == verb).order_by(Notice.person_id)
        return list(session.scalars(rows))


def test_a_request_is_kept_as_it_was_asked(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    answer = browser(ana).post("/mentoring/ask", data=ASKED)
    assert answer.status_code == 303
    with site.unit_of_work() as session:
        asked = session.scalars(select(Request)).one()
        assert asked.goal == GOAL
        assert {need.skill: need.need for need in asked.needs} == {"python": "must", "javascript": "want"}
        assert [language.code for language in asked.languages] == ["en"]


def test_whoever_named_no_language_is_offered_the_one_they_read(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        ben = make.speaker(session, "ben", languages="pl")
    assert _ticked(browser(ana).get("/mentoring/ask?uselang=fr").text) == ["fr"]
    assert _ticked(browser(ben).get("/mentoring/ask?uselang=fr").text) == ["pl"], "their own word goes first"


def _ticked(page: str) -> list[str]:
    boxes = [box for box in re.findall(r"<input[^>]*>", page) if 'name="languages"' in box and " checked" in box]
    return [value for box in boxes for value in re.findall(r'value="([^"]+)"', box)]


def test_who_asks_for_no_must_is_told_of_to_mentors_who_have_what_would_be_good(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana, mentor = make.person(session, "ana"), make.mentor(session, javascript=4)
    browser(ana).post("/mentoring/ask", data={**ASKED, "needs-0-need": "want"})
    assert told(site, "mentoring.asked") == [mentor.id]


def test_the_best_fitting_mentors_with_a_seat_are_told_and_no_others(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.mentor(session, "ana")
        fitting = [make.mentor(session, python=4).id for _ in range(11)]
        make.mentor(session, capacity=0)
        make.mentor(session, languages="fr")
        make.mentor(session, lua=4)
        make.mentor(session, javascript=4)
        make.speaker(session, python=4)
    browser(ana).post("/mentoring/ask", data=ASKED)
    assert told(site, "mentoring.asked") == fitting[:10]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"goal": "Help"}, "at least 20 characters"),
        ({"goal": "x" * 2001}, "2000 at most"),
        ({"needs-0-skill": "", "needs-1-skill": ""}, "Name at least one skill"),
        ({"needs-0-skill": "Pyhton"}, "Did you mean Python?"),
        ({"needs-0-skill": "zzzz"}, "no skill of this name"),
        ({"needs-1-skill": "PYTHON"}, "is here twice"),
        ({"languages": []}, "Choose at least one language"),
        ({"languages": ["tlh"]}, "Choose from the list."),
    ],
)
def test_what_cannot_be_understood_is_said_beside_the_field(
    site: Any, browser: Browser, typed: dict[str, Any], sentence: str
) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session)
    answer = browser(ana).post("/mentoring/ask", data={**ASKED, **typed})
    assert answer.status_code == 422
    assert answer.text.count(sentence) >= 2, "in the summary, and beside its field"
    assert GOAL in answer.text or "goal" in typed
    with site.unit_of_work() as session:
        assert not session.scalars(select(Request)).all()


def test_nobody_has_two_requests_at_once(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session)
    page = browser(ana)
    page.post("/mentoring/ask", data=ASKED)
    again = page.post("/mentoring/ask", data=ASKED)
    assert again.location.endswith(f"/mentoring/requests/{the_request(site).id}")


def test_an_ended_request_does_not_stand_in_the_way_of_a_new_one(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session)
        make.request(session, ana, state=RequestState.WITHDRAWN, live_key=None)
    assert browser(ana).post("/mentoring/ask", data=ASKED).status_code == 303


def test_the_form_says_honestly_how_many_mentors_there_are_and_how_long_it_takes(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session)
        make.mentor(session, python=3)
        make.request(session, make.person(session), asked_at=datetime.now(UTC) - timedelta(days=9))
    page = browser(ana).get("/mentoring/ask").text
    assert 'Python <span class="quiet small">1 mentor' in page
    assert "no mentor yet" in page
    assert "1 request is open" in page
    assert "Fewer than half" in page


def test_an_open_request_can_be_changed_and_withdrawn_by_its_owner_alone(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana, other = make.person(session), make.mentor(session)
        asked = make.request(session, ana)
    here = f"/mentoring/requests/{asked.id}"
    for path in ("edit", "withdraw", "renew"):
        assert browser(other).post(f"{here}/{path}", data=ASKED).status_code == 404
    assert browser(ana).post(f"{here}/edit", data={**ASKED, "needs-1-skill": "Lua"}).status_code == 303
    assert "Lua" in browser(ana).get(here).text
    assert "Withdraw your request?" in browser(ana).get(f"{here}/withdraw").text
    assert browser(ana).post(f"{here}/withdraw").status_code == 303
    assert the_request(site).state == RequestState.WITHDRAWN
    page = browser(ana).get(here).text
    assert "You have withdrawn it." in page
    assert "waiting for" not in page
    assert browser(ana).post(f"{here}/withdraw").status_code == 409
    assert browser(ana).post(f"{here}/edit", data=ASKED).status_code == 409


def test_a_request_runs_out_is_told_and_can_be_renewed_with_its_age(site: Any, browser: Browser) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=70)
    with site.unit_of_work() as session:
        ana = make.person(session)
        fits, other = make.mentor(session), make.mentor(session, rust=3)
        asked = make.request(session, ana, asked_at=long_ago)
    for path in ("/dashboard", "/mentoring/"):
        assert "xpired" in browser(ana).get(path).text, "said of it even before the sweep has noted it"
    site.work("mentoring.expire_requests")
    site.work("mentoring.expire_requests")
    assert the_request(site).state == RequestState.EXPIRED
    assert told(site, "mentoring.expired") == [ana.id]
    here = f"/mentoring/requests/{asked.id}"
    assert "Renew my request" in browser(ana).get(here).text
    assert browser(ana).post(f"{here}/renew").status_code == 303
    renewed = the_request(site)
    assert (renewed.state, renewed.asked_at) == (RequestState.OPEN, long_ago)
    assert renewed.expires_at > datetime.now(UTC) + timedelta(days=59)
    assert told(site, "mentoring.renewed") == [fits.id]
    assert "renewed the request" in browser(fits).get("/notices").text
    assert browser(fits).get(here).status_code == 200
    assert browser(other).get("/notices").text.count("renewed the request") == 0
    assert browser(ana).post(f"{here}/renew").status_code == 303
    assert told(site, "mentoring.renewed") == [fits.id], "it was open: nobody is told again"


def test_a_request_that_ran_out_is_not_renewed_beside_a_newer_one(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session)
        old = make.request(session, ana, state=RequestState.EXPIRED, live_key=None)
        make.request(session, ana)
    assert browser(ana).post(f"/mentoring/requests/{old.id}/renew").status_code == 409


def test_a_request_is_seen_by_its_owner_mentors_and_coordinators_and_nobody_else(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana, mentor, stranger = make.person(session), make.mentor(session), make.speaker(session, python=4)
        coordinator = make.person(session)
        make.role(session, coordinator, "mentoring-coordinator")
        here = f"/mentoring/requests/{make.request(session, ana).id}"
    for person, status in ((ana, 200), (mentor, 200), (coordinator, 200), (stranger, 404)):
        assert browser(person).get(here).status_code == status
    assert site.client().get(here).status_code == 302


def test_a_goal_is_shown_as_text_never_as_script(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana, mentor = make.person(session), make.mentor(session)
        goal = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> learn"
        asked = make.request(session, ana, goal=goal)
    for person, path in ((ana, f"s/{asked.id}"), (mentor, f"s/{asked.id}"), (mentor, "s")):
        page = browser(person).get(f"/mentoring/request{path}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


def test_the_start_page_speaks_to_everybody(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        ana, mentor = make.person(session), make.mentor(session)
        make.request(session, ana)
    assert "Sign up to ask for a mentor" in site.client().get("/mentoring/").text
    assert "See your request" in browser(ana).get("/mentoring/").text
    assert "See the requests that fit you" in browser(mentor).get("/mentoring/").text
