"""When a sweep runs: so long after its newest success, or on days at an hour of the site; a failed run sooner.

A sweep has one row, which says when it is due. Of several workers one leases it and runs. When that worker is killed
the lease ends with `Sweep.lease`, and another runs it. A worker that was off when a sweep fell due finds it due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import due
from portal.core.database import Base
from portal.core.due import BackOff, Recurring
from portal.core.rows import inserted, updated_one_row

if TYPE_CHECKING:
    from portal.core.jobs import Portal

RETRY = BackOff(first=timedelta(minutes=2), factor=2, longest=timedelta(hours=4))
"""How long a sweep waits that failed; never longer than it waits anyway."""
LONGEST_LEASE = timedelta(hours=1)
NIGHT = time(3)
"""When nightly work is done, by the clock of [site] time_zone."""


@dataclass(frozen=True)
class Sweep:
    """Something that is done again and again, called `<feature>.<verb>`: `every` so long after the newest success.

    With `at`, an hour of the day in the site's time zone, `every` is a whole number of days. Where that hour does not
    exist on a day, it is the moment at which it would have come; where it comes twice, the first.
    """

    name: str
    run: Callable[[Portal], object]
    every: timedelta
    at: time | None = None

    @property
    def lease(self) -> timedelta:
        """How long no other worker runs it by schedule. Longer runs lease their rows, and may overlap without harm."""
        return min(self.every, LONGEST_LEASE)

    @property
    def back_off(self) -> BackOff:
        """How long to wait after a run that failed."""
        return replace(RETRY, longest=min(RETRY.longest, self.every))

    def next_run(self, after: datetime, zone: tzinfo) -> datetime:
        """When it is due after a success at that moment."""
        if self.at is None:
            return after + self.every
        day = after.astimezone(zone).date()
        # Before its hour a day's run is still that of the day before.
        while _moment(day, self.at, zone) > after:
            day -= timedelta(days=1)
        return _moment(day + timedelta(days=self.every.days), self.at, zone)


class SweepRun(Recurring, Base):
    """When a sweep is due, when it last ran, and whether it failed: shows that a worker is alive."""

    __tablename__ = "sweep_runs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    finished_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)


def last_run(session: Session) -> datetime | None:
    """When any sweep last finished; None when none ever did."""
    return session.scalar(select(func.max(SweepRun.finished_at)))


def unplanned(session: Session, names: Iterable[str]) -> set[str]:
    """Which of these sweeps have no row yet."""
    return set(names) - set(session.scalars(select(SweepRun.name)))


def plan(session: Session, names: Iterable[str], now: datetime) -> None:
    """Rows for sweeps that are new here: each is due at once."""
    for name in sorted(names):
        inserted(session, insert(SweepRun).values(name=name, due_at=now))


def due_sweeps(session: Session, names: Iterable[str], now: datetime) -> list[str]:
    """Which of these sweeps are due, the longest waiting first."""
    waiting = select(SweepRun.name).where(SweepRun.name.in_(list(names)), due.is_due(SweepRun, now))
    return list(session.scalars(waiting.order_by(SweepRun.due_at, SweepRun.name)))


def lease_sweep(session: Session, sweep: Sweep, now: datetime) -> str | None:
    """Take a sweep that is due; None when it is not, or another worker runs it."""
    return due.lease_due(session, SweepRun, SweepRun.name == sweep.name, now, sweep.lease)


def note_run(session: Session, sweep: Sweep, lease: str | None, failed: bool, zone: tzinfo, now: datetime) -> None:
    """How a run ended: by schedule under its lease, or (None) because somebody asked for it."""
    next_run = sweep.next_run(now, zone)
    our_row = due.held(SweepRun, lease or "")
    if lease and failed:
        due.put_off(session, SweepRun, our_row, sweep.back_off, now)
    elif lease:
        due.schedule(session, SweepRun, our_row, next_run)
    ended: dict[str, Any] = {"finished_at": now, "failed": failed}
    if not failed:
        ended |= {"succeeded_at": now, "attempts": 0, "due_at": next_run}
    _store(session, sweep.name, ended, now)


def _store(session: Session, name: str, values: Mapping[str, Any], now: datetime) -> None:
    if not updated_one_row(session, update(SweepRun).where(SweepRun.name == name).values(**values)):
        inserted(session, insert(SweepRun).values(**{"name": name, "due_at": now, **values}))


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
