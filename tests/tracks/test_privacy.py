"""What somebody learned is theirs: they take it along, and it goes with them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from portal.people import actions
from portal.tracks.models import Enrolment, EnrolmentState, ProgressState, StepProgress
from tests import make

TRACK, STEP = "6f1c3c1e-8a52-4c1f-9d53-0d5a3f5b9b1e", "a2a6a8c4-5d0e-4f4f-8a55-5f6f0a0d4c11"


def learner(site: Any, username: str) -> Any:
    with site.unit_of_work() as session:
        person = make.person(session, username)
        session.add(
            Enrolment(
                person_id=person.id,
                track_id=TRACK,
                state=EnrolmentState.ACTIVE,
                started_at=make.NOON,
                changed_at=make.NOON,
            )
        )
        session.add(
            StepProgress(
                person_id=person.id,
                step_id=STEP,
                state=ProgressState.DONE,
                note=f"the note of {username}",
                answers={"q": ["a"]},
                tries=2,
                started_at=make.NOON,
                done_at=make.NOON,
            )
        )
    return person


def test_the_export_holds_tracks_and_steps(site: Any) -> None:
    browser = make.sign_in(site.client(), learner(site, "ana"))
    learner(site, "ben")
    held = json.loads(browser.get("/people/me/export").text)["tracks"]
    assert [(one["track_id"], one["state"]) for one in held["tracks"]] == [(TRACK, "active")]
    (step,) = held["steps"]
    assert (step["note"], step["answers"], step["tries"]) == ("the note of ana", {"q": ["a"]}, 2)


def test_who_leaves_takes_their_learning_with_them_and_nobody_elses(site: Any) -> None:
    ana, ben = learner(site, "ana"), learner(site, "ben")
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.merge(ana), make.NOON)
    with site.unit_of_work() as session:
        assert set(session.scalars(select(Enrolment.person_id))) == {ben.id}
        assert set(session.scalars(select(StepProgress.person_id))) == {ben.id}
