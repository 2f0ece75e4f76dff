"""What dashboards show of mentoring: where somebody stands in it, and what waits on those who coordinate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from portal.core.rows import run_prepared
from portal.mentoring.models import Mentor, MentorState, Pairing, PairingState, Request, RequestState
from portal.mentoring.queries.matching import is_open
from portal.mentoring.rules import NUDGE_DAYS
from portal.people.models import Person


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What somebody asks for: open, with a mentor, or run out."""

    id: int
    state: RequestState
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class MentoringStanding:
    """Somebody's application or offer as a mentor, if any, and their request that is not over, if any."""

    mentor_state: MentorState | None
    applied_at: datetime | None
    decided_at: datetime | None
    request: OwnRequest | None


@dataclass(frozen=True, slots=True)
class CoordinationQueue:
    """What waits on coordinators: applications of others, requests that nobody took for long, silent pairings."""

    applications: int
    requests: int
    oldest: datetime | None
    pairings: int


def standing_of(session: Session, person_id: int, now: datetime) -> MentoringStanding:
    """Where this person stands. One statement. What nobody may claim any more has expired, noted so yet or not."""
    row = run_prepared(session, _STANDING_OF, {"person": person_id}).one()
    expired = row.request_state == RequestState.OPEN and row.expires_at <= now
    state = RequestState.EXPIRED if expired else row.request_state
    is_theirs_still = row.request_id and (row.live_key is not None or row.request_state == RequestState.EXPIRED)
    return MentoringStanding(
        MentorState(row.mentor_state) if row.mentor_state else None,
        row.applied_at,
        row.decided_at,
        OwnRequest(row.request_id, RequestState(state), row.asked_at) if is_theirs_still else None,
    )


def coordination_queue(session: Session, person_id: int, patience: timedelta, now: datetime) -> CoordinationQueue:
    """What waits on this person as a coordinator: requests open for longer than `patience`, and pairings in which the
    last reminder had no answer. One statement.
    """
    others = (Mentor.state == MentorState.APPLIED, Mentor.person_id != person_id)
    waits_long = (is_open(now), Request.asked_at <= now - patience)
    silent = (Pairing.state == PairingState.ACTIVE, Pairing.nudged_days >= NUDGE_DAYS[-1])
    parts = (
        select(func.count(Mentor.person_id)).where(*others),
        select(func.count(Request.id)).where(*waits_long),
        select(func.min(Request.asked_at)).where(*waits_long),
        select(func.count(Pairing.id)).where(*silent),
    )
    return CoordinationQueue(*session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def _standing_of() -> Select[Any]:
    latest = select(func.max(Request.id)).where(Request.person_id == bindparam("person")).scalar_subquery()
    columns: list[Any] = [
        Mentor.state.label("mentor_state"),
        Mentor.applied_at,
        Mentor.decided_at,
        Request.id.label("request_id"),
        Request.state.label("request_state"),
        Request.asked_at,
        Request.expires_at,
        Request.live_key,
    ]
    shown: Any = select(*columns).select_from(Person).outerjoin(Mentor, Mentor.person_id == Person.id)
    mine: Select[Any] = shown.outerjoin(Request, Request.id == latest).where(Person.id == bindparam("person"))
    return mine


# Every dashboard asks it: it is built once.
_STANDING_OF = _standing_of()
