"""How the site runs: what was found of it, its sweeps, what waits and what was given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, union_all, update
from sqlalchemy.orm import Session

from portal.activity.models import Reaction
from portal.admin.access import SEE_SITE
from portal.admin.checks import CheckResult, local_checks
from portal.admin.models import SiteCheck
from portal.core.due import DueOnce, DueState
from portal.core.errors import Invalid, raise_if
from portal.core.i18n import lazy
from portal.core.indexing import SearchDue
from portal.core.jobs import Portal, nudge
from portal.core.permissions import refuse_without
from portal.core.rows import updated_rows
from portal.core.schedule import SweepRun
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.people.models import Person
from portal.roles.queries import permissions_of

CHECK = "admin.check_outside"
"""The sweep that asks the servers this site depends on."""
RETRIED: Mapping[str, tuple[type[DueOnce], str]] = {
    "search": (SearchDue, "search.index"),
    "events": (Reaction, "activity.hand_over"),
}
"""What can be tried again: its rows, and the sweep that does them. A mail given up is not: it may be months old."""


@dataclass(frozen=True, slots=True)
class SiteState:
    """How the site runs, now and when its servers were last asked."""

    here: Sequence[CheckResult]
    outside: Sequence[SiteCheck]
    sweeps: Sequence[SweepRun]
    given_up: Mapping[str, int]
    waiting: Mapping[str, int]
    refused_addresses: Sequence[Person]


def site_state(portal: Portal, session: Session) -> SiteState:
    """How the site runs. It asks the database and this machine, no other server."""
    outside = session.scalars(select(SiteCheck).order_by(SiteCheck.ok, SiteCheck.name).limit(100)).all()
    known = SweepRun.name.in_(list(portal.features.sweeps))
    sweeps = session.scalars(select(SweepRun).where(known).order_by(SweepRun.failed.desc(), SweepRun.name)).all()
    refused = select(Person).where(Person.refused_email.is_not(None)).order_by(Person.refused_at.desc()).limit(20)
    counts = _counts(session)
    given_up, waiting = (
        {what: counts.get((what, state), 0) for what in RETRIED} for state in (DueState.GIVEN_UP, DueState.WAITING)
    )
    return SiteState([*local_checks(portal)], outside, sweeps, given_up, waiting, session.scalars(refused).all())


def check_again(session: Session, by: Person, now: datetime) -> None:
    """Have every server that this site depends on asked now."""
    _require(session, by, now)
    nudge(session, CHECK)


def retry_given_up(session: Session, by: Person, what: str, now: datetime) -> int:
    """Have everything of this kind that was given up tried again; how much there was. Raises Invalid for no kind."""
    _require(session, by, now)
    if what not in RETRIED:
        raise Invalid(lazy("Choose from the list."), "what")
    table, sweep = RETRIED[what]
    again = {
        "state": DueState.WAITING,
        "settled_at": None,
        "due_at": now,
        "attempts": 0,
        "lease": None,
        "leased_until": None,
    }
    number = updated_rows(session, update(table).where(table.state == DueState.GIVEN_UP).values(**again))
    nudge(session, sweep)
    security_event(SecurityEvent.WORK_RETRIED, Outcome.DONE, who=by.id, kind_of_work=what, number=number)
    return number


def _counts(session: Session) -> dict[tuple[str, str], int]:
    open_states = (DueState.GIVEN_UP, DueState.WAITING)
    parts = [
        select(literal(what), table.state, func.count()).where(table.state.in_(open_states)).group_by(table.state)
        for what, (table, _sweep) in RETRIED.items()
    ]
    return {(what, state): number for what, state, number in session.execute(union_all(*parts))}


def _require(session: Session, by: Person, now: datetime) -> None:
    raise_if(refuse_without(SEE_SITE, permissions_of(session, by.id, now)))
