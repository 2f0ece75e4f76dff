"""What coordinators did for a request: to whom they proposed it, and what they wrote to the one who asks.

It stands in what happened (`Event`), and the mentor who was asked is the one who was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from portal.activity.models import Event, Notice
from portal.activity.queries import names_of
from portal.mentoring.models import Pairing, Skip

REQUEST = "request"
PROPOSED, ADVISED, WAITS_LONG = "mentoring.proposed", "mentoring.advised", "mentoring.waits_long"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A coordinator asks a mentor to take a request."""

    mentor_id: int
    mentor: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What a coordinator wrote to the one who asks."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RequestEfforts:
    """What was done for a request, the latest first."""

    proposals: list[Proposal]
    advice: list[Advice]

    def to(self, mentor_id: int) -> Proposal | None:
        """The proposal that this mentor got last."""
        return next((one for one in self.proposals if one.mentor_id == mentor_id), None)


def efforts_for(session: Session, request_id: int) -> RequestEfforts:
    """What coordinators did for this request. Two statements."""
    rows = session.execute(
        select(Event, Notice.person_id)
        .join(Notice, Notice.event_id == Event.id)
        .where(*_about([request_id]), Event.verb.in_((PROPOSED, ADVISED)))
        .order_by(Event.id.desc())
    ).all()
    names = names_of(session, {person for event, told in rows for person in (event.actor_id, told) if person})
    by = [(event, told, names.get(event.actor_id or 0, "")) for event, told in rows]
    proposals = [
        Proposal(told, names[told], name, event.at, _note(event)) for event, told, name in by if event.verb == PROPOSED
    ]
    advice = [Advice(name, event.at, _note(event)) for event, _told, name in by if event.verb == ADVISED]
    return RequestEfforts(proposals, advice)


def proposers_of(session: Session, request_id: int, mentor_id: int) -> list[int]:
    """The coordinators who asked this mentor to take the request."""
    asked = select(Event.actor_id).join(Notice, Notice.event_id == Event.id).distinct()
    rows = asked.where(*_about([request_id]), Event.verb == PROPOSED, Notice.person_id == mentor_id)
    return [person_id for person_id in session.scalars(rows) if person_id]


def count_unanswered(session: Session, request_ids: Collection[int]) -> Mapping[int, int]:
    """How many mentors were asked to take each of these requests and have not said no. One statement."""
    told = func.count(Notice.person_id.distinct())
    asked: Any = select(Event.subject_id, told).join(Notice, Notice.event_id == Event.id)
    said_no = exists().where(Skip.request_id == Event.subject_id, Skip.mentor_id == Notice.person_id)
    rows = asked.where(*_about(request_ids), Event.verb == PROPOSED, ~said_no).group_by(Event.subject_id)
    return Counter(dict(session.execute(rows).all()))


def count_skips(session: Session, request_ids: Collection[int]) -> Mapping[int, int]:
    """How many mentors said of each of these requests that it is not for them; not those who had a pairing for it and
    so do not see it again. One statement.
    """
    walked = exists().where(Pairing.request_id == Skip.request_id, Pairing.mentor_id == Skip.mentor_id)
    passed: Any = select(Skip.request_id, func.count()).where(Skip.request_id.in_(request_ids), ~walked)
    return Counter(dict(session.execute(passed.group_by(Skip.request_id)).all()))


def about(request_id: int, verb: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions of what happened in this way with a request."""
    return *_about([request_id]), Event.verb == verb


def _about(request_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return Event.subject_kind == REQUEST, Event.subject_id.in_(request_ids)


def _note(event: Event) -> str:
    # Whoever deletes their account takes their words along.
    return str(event.values.get("note", ""))
