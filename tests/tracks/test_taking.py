"""Take a track, pause it, leave it, take it up again: what was done is never lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.tracks.models import EnrolmentState
from tests.made_content import READ_ID, TRY_ID
from tests.tracks.conftest import KNOW, MAP, READ, RIGHT, TRY


def finished_events(school: Any) -> list[Event]:
    with school.site.unit_of_work() as session:
        return list(session.scalars(select(Event).where(Event.verb == "tracks.finished")))


def test_a_start_leads_to_the_first_step(school: Any) -> None:
    ana = school.person()
    browser = school.browser(ana)
    assert "Start this track" in browser.get(MAP).text
    answer = browser.post(f"{MAP}/start")
    assert (answer.status_code, answer.location) == (303, READ)
    assert school.state(ana) is EnrolmentState.ACTIVE
    page = browser.get(MAP).text
    assert "Continue: Read this first" in page
    assert "0 of 3 steps" in page


@pytest.mark.parametrize("what", ["start", "pause", "resume", "leave"])
def test_a_visitor_is_asked_to_sign_in_and_nothing_is_kept(school: Any, what: str) -> None:
    answer = school.browser().post(f"{MAP}/{what}")
    assert answer.status_code == 302
    assert "/people/sign-in" in answer.location


def test_a_pause_keeps_what_was_done(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    assert browser.post(f"{MAP}/pause").status_code == 303
    page = browser.get(MAP).text
    assert school.state(ana) is EnrolmentState.PAUSED
    assert "1 of 3 steps" in page
    assert "Resume this track" in page
    assert "Pause this track" not in page
    answer = browser.post(f"{MAP}/resume")
    assert answer.location == TRY
    assert school.state(ana) is EnrolmentState.ACTIVE


def test_leaving_says_first_what_it_means_and_keeps_what_was_done(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    question = browser.get(f"{MAP}/leave").text
    assert "Leave the track “First steps”?" in question
    assert "you go on where you were" in question
    assert school.state(ana) is EnrolmentState.ACTIVE
    browser.post(f"{MAP}/leave")
    assert school.state(ana) is EnrolmentState.LEFT
    assert "You left it; what you did is kept" in browser.get(MAP).text
    assert "1 of 3 steps" not in browser.get("/tracks/").text
    assert browser.post(f"{MAP}/start").location == TRY


def test_what_was_not_taken_can_be_neither_paused_nor_left(school: Any) -> None:
    ana = school.person()
    browser = school.browser(ana)
    for what in ("pause", "leave"):
        answer = browser.post(f"{MAP}/{what}")
        assert answer.status_code == 409
        assert "You are not following this track at the moment" in answer.text
    assert school.enrolment(ana) is None


def test_pressing_twice_does_no_harm(school: Any) -> None:
    ana, browser = school.learner()
    for what, state in (("start", "active"), ("pause", "paused"), ("resume", "active"), ("leave", "left")):
        assert [browser.post(f"{MAP}/{what}").status_code for _ in range(2)] == [303, 303]
        assert school.state(ana) == state


def test_the_last_step_finishes_the_track_and_is_told_with_the_one_exclamation_mark(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    answer = browser.post(f"{KNOW}/answer", data=RIGHT)
    assert answer.location == MAP
    page = browser.get(MAP).text
    assert "You finished “First steps”!" in page
    assert "Finished on" in page
    assert "3 of 3 steps" in page
    assert "1 person has finished it" in school.browser().get("/tracks/").text
    enrolment = school.enrolment(ana)
    assert enrolment is not None
    assert enrolment.finished_at is not None
    (event,) = finished_events(school)
    assert (event.actor_id, event.values["title"]) == (ana.id, "First steps")
    with school.site.unit_of_work() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_finished_track_is_neither_paused_nor_left_nor_started_anew(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    page = browser.get(MAP).text
    assert 'action="/tracks/first-steps/' not in page
    assert [browser.post(f"{MAP}/{what}").status_code for what in ("pause", "leave")] == [409, 409]
    browser.post(f"{MAP}/start")
    assert school.state(ana) is EnrolmentState.FINISHED
    assert len(finished_events(school)) == 1


def test_taking_the_last_step_back_takes_the_track_up_again(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    browser.post(f"{TRY}/undo")
    assert school.state(ana) is EnrolmentState.ACTIVE
    enrolment = school.enrolment(ana)
    assert enrolment is not None
    assert enrolment.finished_at is None
    assert "has finished it" not in school.browser().get("/tracks/").text
    assert browser.post(f"{TRY}/done", data={"note": "Now really."}).location == MAP
    assert school.state(ana) is EnrolmentState.FINISHED


def test_doing_a_step_starts_the_track_or_takes_it_up(school: Any) -> None:
    ana = school.person()
    browser = school.browser(ana)
    assert "This starts the track for you." in browser.get(READ).text
    browser.post(f"{READ}/done", data={"note": "I read."})
    assert school.state(ana) is EnrolmentState.ACTIVE
    for way in ("pause", "leave"):
        browser.post(f"{MAP}/{way}")
        assert "This resumes the track." in browser.get(TRY).text
        browser.post(f"{TRY}/done", data={"note": "I tried."})
        assert school.state(ana) is EnrolmentState.ACTIVE
        browser.post(f"{TRY}/undo")


def test_everybody_has_their_own_progress(school: Any) -> None:
    ana, _browser = school.learner(steps=2)
    ben, bens = school.learner()
    assert school.progress(ben, READ_ID) is None
    assert "0 of 3 steps" in bens.get(MAP).text
    assert "I read." not in bens.get(READ).text
    bens.post(f"{TRY}/undo")
    kept = school.progress(ana, TRY_ID)
    assert kept is not None
    assert kept.state == "done"
