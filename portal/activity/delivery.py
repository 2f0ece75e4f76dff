"""The way of a notice to a mailbox, step by step: due, leased, given to the mail server, settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from portal.activity.models import Mailing, MailState, Notice
from portal.core.notices import Cadence
from portal.people.rules import LEASE, LETTER_ATTEMPTS, delay_after

OPEN = (MailState.WAITING, MailState.SENDING)


class LostLeaseError(Exception):
    """Somebody else has taken the notices meanwhile, or they are settled: nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes into one letter: one notice, or (`notice_id` 0) all that come daily to a person and are due."""

    person_id: int
    notice_id: int

    @property
    def rows(self) -> ColumnElement[bool]:
        """The mailings in it."""
        theirs = Mailing.person_id == self.person_id
        return and_(theirs, Mailing.notice_id == self.notice_id if self.notice_id else Mailing.cadence == Cadence.DAILY)


@dataclass(frozen=True, slots=True)
class Hold:
    """A parcel that is ours until then. No other worker has the same `until`: it took the rows when ours had ended."""

    parcel: Parcel
    until: datetime

    @property
    def rows(self) -> ColumnElement[bool]:
        """The mailings we hold."""
        return and_(self.parcel.rows, Mailing.leased_until == self.until)


def due(session: Session, now: datetime, limit: int) -> list[Parcel]:
    """What is due to leave, the longest waiting first."""
    alone = case((Mailing.cadence == Cadence.DAILY, 0), else_=Mailing.notice_id).label("alone")
    parcels = select(Mailing.person_id, alone).where(_is_due(now)).group_by(Mailing.person_id, alone)
    found = session.execute(parcels.order_by(func.min(Mailing.due_at), alone).limit(limit))
    return [Parcel(person_id, notice_id) for person_id, notice_id in found]


def broken_off(session: Session, now: datetime) -> list[int]:
    """The notices whose worker ended while it gave them to the mail server."""
    ended = and_(Mailing.state == MailState.SENDING, Mailing.leased_until <= now)
    return list(session.scalars(select(Mailing.notice_id).where(ended).order_by(Mailing.notice_id)))


def lease(session: Session, parcel: Parcel, now: datetime) -> Hold | None:
    """Take what of this parcel is due, so that no other worker does; None when somebody was faster."""
    hold = Hold(parcel, now + LEASE)
    take = update(Mailing).where(parcel.rows, _is_due(now))
    return hold if _changed(session, take.values(leased_until=hold.until, attempts=Mailing.attempts + 1)) else None


def held(session: Session, hold: Hold) -> list[Mailing]:
    """What we hold, with its notices and events, the oldest first."""
    rows = select(Mailing).join(Mailing.notice).join(Notice.event).where(hold.rows, Mailing.state == MailState.WAITING)
    whole = rows.options(contains_eager(Mailing.notice).contains_eager(Notice.event))
    return list(session.scalars(whole.order_by(Mailing.notice_id)))


def begin(session: Session, hold: Hold, wanted: list[int], unwanted: list[int], now: datetime) -> None:
    """From the commit on these notices count as given to the mail server. Raises LostLeaseError."""
    ours = and_(hold.rows, Mailing.state == MailState.WAITING)
    go = update(Mailing).where(ours, Mailing.notice_id.in_(wanted)).values(state=MailState.SENDING)
    if _changed(session, go) != len(wanted):
        raise LostLeaseError
    if unwanted:
        settle(session, unwanted, MailState.SKIPPED, now)


def settle(session: Session, notice_ids: Iterable[int], state: MailState, now: datetime) -> None:
    """That is how it ended for these notices."""
    these = update(Mailing).where(Mailing.notice_id.in_(list(notice_ids)))
    session.execute(these.values(state=state, leased_until=None, settled_at=now))


def put_off(session: Session, hold: Hold, now: datetime) -> None:
    """None of what we hold has left: it waits longer each time, and is given up in the end."""
    mine = and_(hold.rows, Mailing.state.in_(OPEN))
    tries = session.scalar(select(func.min(Mailing.attempts)).where(mine)) or 1
    is_last = tries >= LETTER_ATTEMPTS
    again = {"state": MailState.WAITING, "due_at": now + delay_after(tries)}
    ended = {"state": MailState.GIVEN_UP, "settled_at": now}
    session.execute(update(Mailing).where(mine).values(leased_until=None, **(ended if is_last else again)))


def counts(session: Session, since: datetime) -> dict[str, int]:
    """How many notices are in each state on their way to a mailbox: those that wait, and those settled since then."""
    known = or_(Mailing.settled_at.is_(None), Mailing.settled_at >= since)
    counted = session.execute(select(Mailing.state, func.count()).where(known).group_by(Mailing.state))
    return {row[0]: row[1] for row in counted}


def forget(session: Session, before: datetime) -> None:
    """Delete what was settled before that."""
    session.execute(delete(Mailing).where(Mailing.settled_at < before))


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(Mailing.leased_until.is_(None), Mailing.leased_until <= now)
    return and_(Mailing.state == MailState.WAITING, Mailing.due_at <= now, is_free)


def _changed(session: Session, statement: Any) -> int:
    done: Any = session.execute(statement)
    return int(done.rowcount)
