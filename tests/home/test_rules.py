"""The dashboard names one next step: people who wait come before things, what was begun before what is new."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.home.rules import FirstTrack, OfferedTool, OpenTrack, OwedWord, OwnChange, Situation, next_step

SETTLED = Situation(has_skills=True, is_paired=True)
FIRST = FirstTrack(track="gerrit", step="account", title="Your first change", steps=14, minutes=150)
OPEN = OpenTrack("gerrit", "clone", track_title="Your first change", step_title="Clone it", done=3, total=14)


def test_somebody_brand_new_is_led_straight_to_the_first_step_of_a_track() -> None:
    step = next_step(Situation(first_track=FIRST))
    assert (step.endpoint, step.args) == ("tracks.step", {"slug": "gerrit", "step_slug": "account"})
    assert "Your first change" in step.sentence
    assert "14 steps" in step.sentence


def test_who_has_begun_something_is_not_told_to_begin() -> None:
    for begun in ({"has_skills": True}, {"has_request": True}, {"holds_role": True}, {"has_tool": True}):
        assert next_step(Situation(first_track=FIRST, **begun)).endpoint != "tracks.step"


def test_a_track_that_was_begun_goes_on_before_anything_new_is_proposed() -> None:
    step = next_step(Situation(first_track=FIRST, open_track=OPEN, has_track=True))
    assert (step.endpoint, step.args) == ("tracks.step", {"slug": "gerrit", "step_slug": "clone"})
    assert step.sentence == "Next in “Your first change”: Clone it."


def test_people_who_wait_come_before_ones_own_track() -> None:
    owed = OwedWord(pairing_id=7, other="Ana", days=0)
    assert next_step(Situation(owed=owed, open_track=OPEN)).endpoint == "mentoring.pairing"
    tool = OfferedTool(name="heritage-api", title="Heritage", offers=2)
    step = next_step(Situation(offered_tool=tool, open_track=OPEN))
    assert (step.endpoint, step.args) == ("tools.show", {"name": "heritage-api", "_anchor": "offers"})
    assert step.sentence == "2 people could help with “Heritage” and wait for your answer."


def test_without_any_track_somebody_brand_new_is_asked_what_they_can_do() -> None:
    assert next_step(Situation()).endpoint == "people.profile"


def test_then_they_are_led_to_a_mentor() -> None:
    assert next_step(Situation(has_skills=True)).endpoint == "mentoring.ask"


@pytest.mark.parametrize("state", [{"has_request": True}, {"is_paired": True}, {"is_mentor": True}])
def test_who_has_asked_or_mentors_is_not_asked_to_ask(state: dict[str, bool]) -> None:
    assert next_step(Situation(has_skills=True, **state)).endpoint != "mentoring.ask"


def test_a_person_who_waits_comes_first() -> None:
    owed = OwedWord(pairing_id=7, other="Ana", days=3)
    change = OwnChange(title="Mend the tests", url="https://gerrit.example/1", days=9)
    step = next_step(Situation(owed=owed, own_change=change, applications=4, fitting_requests=2))
    assert (step.endpoint, step.args) == ("mentoring.pairing", {"pairing_id": 7})
    assert step.sentence == "Ana has waited 3 days for your answer."


def test_ones_own_change_comes_before_other_peoples_requests() -> None:
    change = OwnChange(title="Mend the tests", url="https://gerrit.example/1", days=9)
    step = next_step(Situation(own_change=change, fitting_requests=2))
    assert step.url == "https://gerrit.example/1"
    assert "Mend the tests" in step.sentence


def test_a_coordinator_is_told_of_applications() -> None:
    step = next_step(Situation(applications=1))
    assert (step.endpoint, step.sentence) == (
        "mentoring.applications",
        "1 person applied as a mentor and waits for your answer.",
    )


def test_who_looks_after_roles_is_told_of_offers_and_then_of_vacant_seats() -> None:
    steward = Situation(has_skills=True, holds_role=True, offers=1, vacancies=3)
    assert next_step(steward).sentence == "1 person offers to take a role and waits for an answer."
    steward = dataclasses.replace(steward, offers=0)
    assert next_step(steward).sentence == "3 seats in roles are vacant. You can appoint somebody."


def test_who_holds_a_role_is_not_sent_to_a_mentor_like_a_newcomer() -> None:
    assert next_step(Situation(has_skills=True, holds_role=True)).endpoint == "reviews.queue"


def test_an_account_is_asked_for_where_one_can_be_named() -> None:
    assert next_step(dataclasses.replace(SETTLED, lacks_account=True)).endpoint == "people.profile"


def test_a_mentor_is_told_of_requests_that_fit() -> None:
    situation = Situation(has_skills=True, is_mentor=True, fitting_requests=2)
    assert next_step(situation).sentence == "2 newcomers ask for what you can teach."


def test_a_reviewer_is_told_of_newcomers() -> None:
    situation = Situation(has_skills=True, is_mentor=True, reviews_changes=True, newcomers_waiting=5)
    assert next_step(situation).args == {"newcomer": "yes", "waiting_on": "reviewer"}


def test_who_has_nothing_to_do_is_shown_where_help_is_wanted() -> None:
    assert next_step(SETTLED).endpoint == "reviews.queue"


@given(
    st.builds(
        Situation,
        owed=st.none() | st.builds(OwedWord, st.integers(1, 9), st.text(min_size=1), st.integers(0, 400)),
        own_change=st.none()
        | st.builds(OwnChange, st.text(), st.sampled_from(["", "https://a.example"]), st.integers(0)),
        applications=st.integers(0, 9),
        fitting_requests=st.integers(0, 9),
    )
)
def test_there_is_always_one_next_step_with_one_button(situation: Situation) -> None:
    step = next_step(situation)
    assert step.sentence
    assert step.action
    assert step.endpoint or step.url
