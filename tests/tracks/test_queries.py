"""How far somebody is: for themselves, for their mentor, and as a count for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from portal.people.models import Person
from portal.tracks import actions, queries
from portal.tracks.models import Enrolment, EnrolmentState
from portal.tracks.rules import StepStatus
from tests import make

FIRST = "read-this-first"


def declare(school: Any, person: Person, slug: str = FIRST, now: Any = make.NOON) -> None:
    with school.site.unit_of_work() as session:
        actions.declare_done(session, school.tracks, school.step(slug), person, "I did.", now)


def test_who_takes_nothing_has_no_tracks(school: Any) -> None:
    ana = school.person()
    with school.site.unit_of_work() as session:
        assert queries.my_tracks(session, school.tracks, ana.id) == []
        mine = queries.my_track(session, school.tracks, school.track, ana.id)
    assert (mine.state, mine.finished_at, mine.done, mine.total) == (None, None, 0, 3)
    assert mine.next_step == school.step(FIRST)


def test_a_track_under_way_knows_what_is_next(school: Any) -> None:
    ana = school.person()
    declare(school, ana)
    with school.site.unit_of_work() as session:
        (mine,) = queries.my_tracks(session, school.tracks, ana.id)
    assert mine.is_under_way
    assert (mine.done, mine.total, mine.new_steps) == (1, 3, 0)
    assert mine.next_step == school.step("try-it")
    assert [mine.states[step.id].status for step in school.track.steps] == [
        StepStatus.DONE,
        StepStatus.AVAILABLE,
        StepStatus.LOCKED,
    ]


def test_a_track_that_was_left_or_whose_files_are_gone_is_not_told(school: Any) -> None:
    ana = school.person()
    declare(school, ana)
    with school.site.unit_of_work() as session:
        actions.leave(session, school.track, ana, make.NOON)
        values = {"started_at": make.NOON, "changed_at": make.NOON, "state": EnrolmentState.ACTIVE}
        session.add(Enrolment(person_id=ana.id, track_id="gone", **values))
    with school.site.unit_of_work() as session:
        assert queries.my_tracks(session, school.tracks, ana.id) == []
        assert queries.my_track(session, school.tracks, school.track, ana.id).done == 1


def test_the_progress_of_many_people_takes_one_statement(school: Any) -> None:
    people = [school.person() for _ in range(12)]
    for person in people[:10]:
        declare(school, person)
    seen: list[str] = []
    engine = school.site.portal.database.engine
    with school.site.portal.database.session() as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        found = queries.progress_of(session, school.tracks, [person.id for person in people])
    assert [len(found[person.id]) for person in people] == [1] * 10 + [0] * 2
    assert len(seen) == 1


def test_what_was_touched_last_comes_first_and_paused_after_that_under_way(school: Any) -> None:
    ana = school.person()
    declare(school, ana, now=make.NOON + timedelta(days=1))
    with school.site.unit_of_work() as session:
        (mine,) = queries.my_tracks(session, school.tracks, ana.id)
    assert mine.is_under_way
    assert school.enrolment(ana).changed_at == make.NOON + timedelta(days=1)


def test_only_those_who_finished_are_counted(school: Any) -> None:
    with school.site.unit_of_work() as session:
        for state in EnrolmentState:
            person = make.person(session)
            values = {"state": state, "started_at": make.NOON, "changed_at": make.NOON}
            session.add(Enrolment(person_id=person.id, track_id=school.track.id, **values))
    with school.site.unit_of_work() as session:
        assert queries.finished_counts(session) == {school.track.id: 1}
