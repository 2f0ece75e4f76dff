"""What is due, once: rows with a due time that one worker at a time leases, does and settles, or puts off.

A room gives its table these columns by a mixin: `Recurring` for what comes due again and again (a source to sync, a
sweep), `DueOnce` for what is done once (a letter, an event to hand over). The life of a row that is done once:

    waiting → (leased) → settled: done, or however it ended
                       → waiting again, later and later: it failed
                       → given_up: it failed too often

A worker takes rows by one conditional UPDATE, so of two workers one gets them. The lease has a random token: whoever
holds the token holds the rows, until the lease ends. A worker that is killed leaves its lease behind; when it has ended
the rows are due again, with the attempt counted. So whatever is done under a lease happens at least once. Whoever needs
*at most once* moves the row out of `waiting` and commits before the deed: see portal/mail/delivery.py.

Moments are aware and in UTC. Nothing in here reads the clock or commits.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, SmallInteger, String, and_, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.rows import updated_rows

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOST_STEPS = 12


class DueState(StrEnum):
    """Where something stands that is done once. A room may know further ends, and states in between."""

    WAITING = "waiting"
    """For its time, for a worker, or for the next attempt."""
    DONE = "done"
    GIVEN_UP = "given_up"
    """It failed as often as its back-off allows. Nobody tries again; the log says why, `portal doctor` counts it."""


class Recurring:
    """Columns of what comes due again and again. `attempts` counts those since it last went well, this one included."""

    due_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)


class DueOnce(Recurring):
    """Columns of what is done once. It is open until `settled_at`, and due while it is `waiting`."""

    state: Mapped[str] = mapped_column(String(16), default=DueState.WAITING)
    settled_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after a failure: `first`, then each time `factor` times as long, at most `longest`.

    After `attempts` of them it is given up; None never gives up.
    """

    first: timedelta
    factor: int
    longest: timedelta
    attempts: int | None = None

    def wait_after(self, attempts: int) -> timedelta | None:
        """How long to wait when so many attempts (one or more) have failed; None to give up."""
        if self.attempts is not None and attempts >= self.attempts:
            return None
        growth: int = self.factor ** min(max(attempts, 1) - 1, _MOST_STEPS)
        return min(self.first * min(growth, self.longest // self.first + 1), self.longest)


def is_free(table: type[Recurring], now: datetime) -> ColumnElement[bool]:
    """That nobody holds the row."""
    return or_(table.leased_until.is_(None), table.leased_until <= now)


def is_due(table: type[Recurring], now: datetime) -> ColumnElement[bool]:
    """That the row's time has come, and nobody holds it or has settled it."""
    waits = (table.state == DueState.WAITING,) if issubclass(table, DueOnce) else ()
    return and_(*waits, table.due_at <= now, is_free(table, now))


def held(table: type[Recurring], lease: str) -> ColumnElement[bool]:
    """That the row is held under this lease."""
    return table.lease == lease


def take(
    session: Session, table: type[Recurring], rows: ColumnElement[bool], now: datetime, length: timedelta
) -> str | None:
    """Lease these rows, due or not, as far as nobody holds them; None when there are none."""
    lease = uuid.uuid4().hex
    taking = update(table).where(rows, is_free(table, now))
    values = {"lease": lease, "leased_until": now + length, "attempts": table.attempts + 1}
    return lease if updated_rows(session, taking.values(**values)) else None


def lease_due(
    session: Session, table: type[Recurring], rows: ColumnElement[bool], now: datetime, length: timedelta
) -> str | None:
    """Lease what of these rows is due, for so long; None when nothing is, or somebody was faster."""
    return take(session, table, and_(rows, is_due(table, now)), now, length)


def renew(session: Session, table: type[Recurring], lease: str, now: datetime, length: timedelta) -> bool:
    """Hold the rows for so long from now. False when the lease was lost: it had ended, and somebody else took them."""
    return updated_rows(session, update(table).where(held(table, lease)).values(leased_until=now + length)) > 0


def schedule(
    session: Session,
    table: type[Recurring],
    rows: ColumnElement[bool],
    due_at: datetime,
    values: Mapping[str, Any] = _NOTHING,
) -> bool:
    """It went well: give the rows back, due again then. False when they are not held any more as `rows` says."""
    again = {"due_at": due_at, "lease": None, "leased_until": None, "attempts": 0, **values}
    return updated_rows(session, update(table).where(rows).values(**again)) > 0


def release(session: Session, table: type[Recurring], rows: ColumnElement[bool]) -> None:
    """Give rows back as they were before they were leased: the attempt does not count."""
    back = {"lease": None, "leased_until": None, "attempts": table.attempts - 1}
    updated_rows(session, update(table).where(rows).values(**back))


def settle(
    session: Session,
    table: type[DueOnce],
    rows: ColumnElement[bool],
    state: str,
    now: datetime,
    values: Mapping[str, Any] = _NOTHING,
) -> int:
    """That is how it ended for these rows; `values` are what a settled row holds otherwise. How many there were."""
    ended = {"state": state, "settled_at": now, "lease": None, "leased_until": None, **values}
    return updated_rows(session, update(table).where(rows).values(**ended))


def put_off(
    session: Session,
    table: type[Recurring],
    rows: ColumnElement[bool],
    back_off: BackOff,
    now: datetime,
    values: Mapping[str, Any] = _NOTHING,
    at_least: timedelta = timedelta(0),
) -> bool:
    """It failed: these rows, which we hold, wait longer each time, `at_least` so long. True when they are given up.

    They have been tried as often as the one of them that was tried least. `values` are set when they are given up.
    """
    tries = session.scalar(select(func.min(table.attempts)).where(rows)) or 1
    wait = back_off.wait_after(tries)
    if wait is None and issubclass(table, DueOnce):
        return settle(session, table, rows, DueState.GIVEN_UP, now, values) > 0
    due_at = now + max(wait or back_off.longest, at_least)
    later: dict[str, Any] = {"due_at": due_at, "lease": None, "leased_until": None}
    if issubclass(table, DueOnce):
        later["state"] = DueState.WAITING
    updated_rows(session, update(table).where(rows).values(**later))
    return False


def counts(session: Session, table: type[DueOnce], since: datetime) -> dict[str, int]:
    """How many rows are in each state: those that are open, and those settled since then."""
    known = or_(table.settled_at.is_(None), table.settled_at >= since)
    counted = session.execute(select(table.state, func.count()).where(known).group_by(table.state))
    return {row[0]: row[1] for row in counted}


def forget(session: Session, table: type[DueOnce], before: datetime) -> None:
    """Delete what was settled before that."""
    session.execute(delete(table).where(table.settled_at < before))
