"""Rooms hear of what happened: at least once, in order for each subject, and what nobody can hear is told to admins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal.activity.actions import record, tell
from portal.activity.hearing import BACK_OFF
from portal.activity.models import Event, Notice, Reaction
from portal.app import FEATURES
from portal.core.feature import EventListener, Feature
from tests import make
from tests.make import NOON


class Listening:
    """A site with a room that hears of `test.done`, and is hard of hearing when it is told so."""

    def __init__(self, make_site: Any) -> None:
        self.heard: list[int] = []
        self.deaf_to: set[int] = set()
        listener = EventListener("tools.done", "test.hear", self._hear)
        self.site = make_site(features=(*FEATURES, Feature("test", reacts_to=(listener,))))

    def _hear(self, session: Session, event: Event) -> None:
        session.add(Notice(person_id=self.reader, event_id=event.id, created_at=event.at))
        session.flush()
        if event.id in self.deaf_to:
            raise RuntimeError("deaf")
        self.heard.append(event.id)

    @property
    def reader(self) -> int:
        return self._reader

    def happen(self, subject: int | None, verb: str = "tools.done") -> int:
        """It happens to this tool; the id of the event."""
        with self.site.unit_of_work() as session:
            if not hasattr(self, "_reader"):
                self._reader = make.person(session, "ana").id
            about = ("tool", subject) if subject else None
            return record(session, verb, actor=None, subject=about, now=NOON).id

    def work(self, at: datetime = NOON) -> None:
        with time_machine.travel(at, tick=False):
            self.site.work("activity.hand_over")

    def states(self) -> list[str]:
        with self.site.unit_of_work() as session:
            return list(session.scalars(select(Reaction.state).order_by(Reaction.event_id)))


@pytest.fixture
def listening(make_site: Any) -> Listening:
    return Listening(make_site)


def test_a_room_hears_once_of_what_it_named_and_of_nothing_else(listening: Listening) -> None:
    done = listening.happen(1)
    listening.happen(1, "tools.owner_wanted")
    listening.work()
    listening.work(NOON + timedelta(days=2))
    assert listening.heard == [done]
    assert listening.states() == ["done"]


def test_what_was_rolled_back_is_heard_by_nobody(listening: Listening) -> None:
    with pytest.raises(RuntimeError), listening.site.unit_of_work() as session:
        record(session, "tools.done", actor=None, now=NOON)
        raise RuntimeError
    listening.work()
    assert listening.heard == []


def test_what_is_written_while_a_room_fails_to_hear_is_undone(listening: Listening) -> None:
    listening.deaf_to = {listening.happen(1)}
    listening.work()
    with listening.site.unit_of_work() as session:
        assert session.scalars(select(Notice)).all() == []
    listening.deaf_to = set()
    listening.work(NOON + timedelta(seconds=59))
    assert listening.heard == []
    listening.work(NOON + timedelta(minutes=1))
    assert listening.states() == ["done"]
    with listening.site.unit_of_work() as session:
        assert len(session.scalars(select(Notice)).all()) == 1


def test_a_later_event_waits_for_an_earlier_one_of_the_same_subject_and_others_go_on(listening: Listening) -> None:
    first, other, later, alone = (listening.happen(subject) for subject in (1, 2, 1, None))
    listening.deaf_to = {first}
    listening.work()
    assert listening.heard == [other, alone]
    listening.deaf_to = set()
    listening.work(NOON + timedelta(minutes=1))
    assert listening.heard == [other, alone, first, later]


def test_events_of_no_subject_do_not_wait_for_each_other(listening: Listening) -> None:
    first, second = listening.happen(None), listening.happen(None)
    listening.deaf_to = {first}
    listening.work()
    assert listening.heard == [second]


def test_what_cannot_be_heard_is_given_up_in_the_end_never_in_silence(listening: Listening) -> None:
    lost, later = listening.happen(1), listening.happen(1)
    listening.deaf_to = {lost}
    at = NOON
    with capture_logs() as lines:
        for attempt in range(1, (BACK_OFF.attempts or 0) + 1):
            assert listening.heard == []
            listening.work(at)
            at += BACK_OFF.wait_after(attempt) or timedelta(0)
    assert listening.states() == ["given_up", "done"]
    assert listening.heard == [later]
    assert [line["log_level"] for line in lines if "given up" in line["event"]] == ["error"]


def test_a_room_that_is_gone_is_told_to_admins_too(listening: Listening, make_site: Any) -> None:
    listening.happen(1)
    with listening.site.unit_of_work() as session:
        session.scalars(select(Reaction)).one().listener = "gone.hear"
    with capture_logs() as lines:
        listening.work()
    assert [line["event"] for line in lines if line.get("log_level") == "error"] == ["event not heard"]
    assert listening.states() == ["waiting"]


def test_what_was_heard_long_ago_is_forgotten_and_the_event_stays(listening: Listening) -> None:
    done = listening.happen(1)
    listening.work()
    for days, left in ((29, ["done"]), (31, [])):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            listening.site.work("activity.forget")
        assert listening.states() == left
    with listening.site.unit_of_work() as session:
        assert session.get(Event, done) is not None


def test_who_was_told_of_an_event_is_not_told_again(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben, bo = (make.person(session, name) for name in ("ana", "ben", "bo"))
        event = record(session, "tools.done", actor=bo, tell=[ana], now=NOON)
        for _ in range(2):
            tell(session, event, [ana, ben, bo])
        session.flush()
        assert list(session.scalars(select(Notice.person_id).order_by(Notice.id))) == [ana.id, ben.id]
