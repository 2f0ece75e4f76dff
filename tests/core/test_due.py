"""What is due is leased by one worker at a time, done, put off later and later, and given up in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, select, true
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from portal.core import due
from portal.core.database import Base, Database
from portal.core.due import BackOff, DueOnce, DueState, Recurring
from tests.make import NOON

MINUTE = timedelta(minutes=1)
BACK_OFF = BackOff(first=MINUTE, factor=5, longest=timedelta(hours=1), attempts=4)


class OtherBase(DeclarativeBase):
    """Tables that are no part of a site."""

    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Chore(DueOnce, OtherBase):
    """Something that is done once."""

    __tablename__ = "chores"
    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(default="")


class Round(Recurring, OtherBase):
    """Something that is done again and again."""

    __tablename__ = "rounds"
    id: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'due.db'}")
    OtherBase.metadata.create_all(database.engine)
    with database.session() as session:
        session.add_all([Chore(id=1, due_at=NOON, words="said"), Chore(id=2, due_at=NOON + MINUTE), Round(due_at=NOON)])
        session.flush()
        yield session
    database.dispose()


def chores(session: Session) -> list[Chore]:
    session.expire_all()
    return list(session.scalars(select(Chore).order_by(Chore.id)))


def lease(session: Session, table: Any = Chore, at: Any = NOON) -> str | None:
    return due.lease_due(session, table, true(), at, 5 * MINUTE)


def test_only_what_is_due_is_leased_and_only_once(session: Session) -> None:
    assert lease(session, at=NOON - MINUTE) is None
    mine = lease(session)
    assert mine
    assert [chore.lease for chore in chores(session)] == [mine, None]
    assert lease(session) is None
    theirs = lease(session, at=NOON + MINUTE)
    assert [chore.lease for chore in chores(session)] == [mine, theirs]


def test_what_a_killed_worker_held_is_due_again_when_its_lease_ends_and_its_attempt_counts(session: Session) -> None:
    first = lease(session)
    assert lease(session, at=NOON + 5 * MINUTE) not in (None, first)
    assert chores(session)[0].attempts == 2


def test_who_lost_a_lease_can_neither_hold_it_longer_nor_plan_the_next_time(session: Session) -> None:
    lost = lease(session, Round)
    assert lost
    assert due.renew(session, Round, lost, NOON + MINUTE, 5 * MINUTE)
    assert lease(session, Round, NOON + 5 * MINUTE) is None
    mine = lease(session, Round, NOON + 6 * MINUTE)
    assert mine
    assert not due.renew(session, Round, lost, NOON, 5 * MINUTE)
    assert not due.schedule(session, Round, due.held(Round, lost), NOON)
    assert due.schedule(session, Round, due.held(Round, mine), NOON + 60 * MINUTE)
    assert lease(session, Round, NOON + 59 * MINUTE) is None
    assert lease(session, Round, NOON + 60 * MINUTE)


def test_what_is_settled_is_never_due_again_and_forgets_what_it_said(session: Session) -> None:
    mine = lease(session)
    assert mine
    assert due.settle(session, Chore, due.held(Chore, mine), DueState.DONE, NOON, {"words": ""}) == 1
    [done, other] = chores(session)
    assert (done.state, done.settled_at, done.lease, done.words) == ("done", NOON, None, "")
    assert other.state == "waiting"
    lease(session, at=NOON + timedelta(days=9))
    assert chores(session)[0].lease is None
    assert due.counts(session, Chore, NOON) == {"done": 1, "waiting": 1}
    assert due.counts(session, Chore, NOON + MINUTE) == {"waiting": 1}
    due.forget(session, Chore, NOON)
    assert [chore.id for chore in chores(session)] == [1, 2], "what was settled at that very moment was not before it"
    due.forget(session, Chore, NOON + MINUTE)
    assert [chore.id for chore in chores(session)] == [2]


def test_what_is_taken_before_its_time_is_not_taken_from_who_holds_it(session: Session) -> None:
    assert due.take(session, Chore, Chore.id == 2, NOON, MINUTE), "due or not"
    assert due.take(session, Chore, Chore.id == 2, NOON, MINUTE) is None
    assert due.take(session, Chore, Chore.id == 2, NOON + MINUTE, MINUTE), "the lease has ended"


def test_what_is_given_back_untried_counts_no_attempt(session: Session) -> None:
    mine = lease(session)
    due.release(session, Chore, due.held(Chore, mine or ""))
    assert (chores(session)[0].attempts, chores(session)[0].lease) == (0, None)
    assert lease(session)


def test_what_fails_in_a_state_between_waits_again(session: Session) -> None:
    mine = due.held(Chore, lease(session) or "")
    chores(session)[0].state = "sending"
    session.flush()
    assert not due.put_off(session, Chore, mine, BACK_OFF, NOON)
    assert chores(session)[0].state == DueState.WAITING
    assert lease(session, at=NOON + MINUTE)


def test_what_fails_waits_longer_each_time_and_is_given_up_in_the_end(session: Session) -> None:
    at, waits = NOON, []
    while mine := due.lease_due(session, Chore, Chore.id == 1, at, MINUTE):
        is_given_up = due.put_off(session, Chore, due.held(Chore, mine), BACK_OFF, at, {"words": ""})
        chore = chores(session)[0]
        assert chore.words == ("" if is_given_up else "said")
        waits.append(chore.due_at - at)
        at = max(at, chore.due_at)
    assert waits[:3] == [MINUTE, 5 * MINUTE, 25 * MINUTE]
    assert (chore.state, chore.settled_at, chore.attempts) == ("given_up", at, 4)


def test_rows_held_together_are_given_up_only_when_each_was_tried_often_enough(session: Session) -> None:
    chores(session)[0].attempts = BACK_OFF.attempts or 0
    held = due.held(Chore, lease(session, at=NOON + MINUTE) or "")
    assert not due.put_off(session, Chore, held, BACK_OFF, NOON)
    assert {(chore.state, chore.due_at) for chore in chores(session)} == {(DueState.WAITING, NOON + MINUTE)}


def test_what_recurs_is_never_given_up(session: Session) -> None:
    at = NOON
    for _ in range(9):
        mine = lease(session, Round, at)
        assert mine
        assert not due.put_off(session, Round, due.held(Round, mine), BACK_OFF, at)
        at += BACK_OFF.longest


@given(st.integers(1, 10_000), st.integers(1, 9), st.integers(1, 100))
def test_waits_grow_up_to_the_longest(attempts: int, factor: int, minutes: int) -> None:
    back_off = BackOff(minutes * MINUTE, factor, timedelta(hours=4))
    now, later = back_off.wait_after(attempts), back_off.wait_after(attempts + 1)
    assert now is not None
    assert later is not None
    assert now <= later <= timedelta(hours=4)
    assert back_off.wait_after(1) == min(back_off.first, back_off.longest)
