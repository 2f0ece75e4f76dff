"""Two browsers of one person at once: nothing is counted twice, nothing fails, and the track still ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from portal.activity.models import Event
from portal.tracks.models import Enrolment, EnrolmentState, StepProgress
from tests.made_content import ASK_ID, READ_ID, TRY_ID
from tests.tracks.conftest import KNOW, MAP, READ, RIGHT, TRY, WRONG

Sent = tuple[str, dict[str, Any]]


def at_once(school: Any, person: Any, sent: list[Sent]) -> list[int]:
    browsers = [(school.browser(person), *one) for one in sent]
    with ThreadPoolExecutor(len(browsers)) as pool:
        return sorted(pool.map(lambda one: one[0].post(one[1], data=one[2]).status_code, browsers))


def rows(school: Any, kind: Any) -> int:
    with school.site.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_start_from_several_browsers_starts_once(school: Any) -> None:
    ana = school.person()
    assert at_once(school, ana, [(f"{MAP}/start", {})] * 5) == [303] * 5
    assert rows(school, Enrolment) == 1


def test_a_first_step_done_from_several_browsers_is_done_once(school: Any) -> None:
    ana = school.person()
    assert at_once(school, ana, [(f"{READ}/done", {"note": f"note {n}"}) for n in range(5)]) == [303] * 5
    assert (rows(school, Enrolment), rows(school, StepProgress)) == (1, 1)
    assert school.progress(ana, READ_ID).note.startswith("note ")


def test_the_last_step_from_several_browsers_finishes_the_track_once(school: Any) -> None:
    ana, _browser = school.learner(steps=2)
    assert at_once(school, ana, [(f"{KNOW}/answer", RIGHT)] * 5) == [303] * 5
    assert school.state(ana) is EnrolmentState.FINISHED
    assert school.progress(ana, ASK_ID).tries == 1
    with school.site.unit_of_work() as session:
        assert len(session.scalars(select(Event).where(Event.verb == "tracks.finished")).all()) == 1


def test_two_last_steps_done_at_once_finish_the_track(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    for path in (READ, TRY):
        browser.post(f"{path}/undo")
    assert school.state(ana) is EnrolmentState.ACTIVE
    both: list[Sent] = [(f"{READ}/done", {"note": "one"}), (f"{TRY}/done", {"note": "other"})]
    assert at_once(school, ana, both) == [303, 303]
    assert school.state(ana) is EnrolmentState.FINISHED


def test_wrong_answers_at_the_same_time_do_not_undo_right_ones(school: Any) -> None:
    ana, _browser = school.learner(steps=2)
    answers: list[Sent] = [(f"{KNOW}/answer", answer) for answer in (WRONG, RIGHT, WRONG, RIGHT, WRONG)]
    assert at_once(school, ana, answers) == [303] * 5
    assert school.progress(ana, ASK_ID).state == "done"
    assert school.state(ana) is EnrolmentState.FINISHED


def test_opening_a_step_in_several_tabs_begins_it_once(school: Any) -> None:
    ana, _browser = school.learner()
    browsers = [school.browser(ana) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(lambda browser: browser.get(READ).status_code, browsers)) == {200}
    assert rows(school, StepProgress) == 1


def test_doing_and_taking_back_at_once_ends_in_one_of_the_two(school: Any) -> None:
    ana, _browser = school.learner(steps=3)
    sent: list[Sent] = [(f"{TRY}/undo", {}), (f"{TRY}/done", {"note": "again"})] * 3
    assert at_once(school, ana, sent) == [303] * 6
    is_done = school.progress(ana, TRY_ID).state == "done"
    assert school.state(ana) is (EnrolmentState.FINISHED if is_done else EnrolmentState.ACTIVE)
