"""The way of an event to the rooms that want to hear of it: due, leased, handed over, settled.

`record` writes a row for each listener in the unit of work of the event, so none is lost, whenever it commits. A row is
handed over in one unit of work with its settling: what a listener stores comes true once, and what a killed worker
began is gone. What fails waits longer each time; a later event of the same subject waits for it, other subjects go on.
In the end it is given up, with a line in the log, and `portal doctor` counts it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.activity.models import Event, Reaction
from portal.core import due
from portal.core.due import BackOff, DueState
from portal.core.feature import features_of

LEASE = timedelta(minutes=5)
BACK_OFF = BackOff(first=timedelta(minutes=1), factor=5, longest=timedelta(hours=12), attempts=7)
"""A listener is asked again after 1, 5, 25, 125, 625 and 720 minutes: a day in all."""
KEEP = timedelta(days=30)


class LostReactionError(Exception):
    """The lease ended before the listener did, and somebody else has taken over."""


def next_due(session: Session, now: datetime) -> int | None:
    """The reaction that is due and has none before it of the same listener to the same subject, the oldest first."""
    earlier, its_event = aliased(Reaction), aliased(Event)
    waits_for_earlier = exists(
        select(earlier.id)
        .join(its_event, its_event.id == earlier.event_id)
        .where(
            earlier.listener == Reaction.listener,
            earlier.event_id < Reaction.event_id,
            earlier.settled_at.is_(None),
            its_event.subject_kind == Event.subject_kind,
            its_event.subject_id == Event.subject_id,
        )
    )
    ready = select(Reaction.id).join(Reaction.event).where(due.is_due(Reaction, now), ~waits_for_earlier)
    return session.scalar(ready.order_by(Reaction.event_id, Reaction.id).limit(1))


def lease(session: Session, reaction_id: int, now: datetime) -> str | None:
    """Take a reaction; None when somebody was faster."""
    return due.lease_due(session, Reaction, Reaction.id == reaction_id, now, LEASE)


def hand_over(session: Session, lease: str, now: datetime) -> None:
    """Let the listener react, and settle it. Raises what the listener raises, and KeyError for one that is gone."""
    held = select(Reaction).options(joinedload(Reaction.event)).where(due.held(Reaction, lease))
    reaction = session.scalars(held).one_or_none()
    if reaction is None:
        raise LostReactionError
    features_of(session).listeners[reaction.listener].react(session, reaction.event)
    if due.settle(session, Reaction, due.held(Reaction, lease), DueState.DONE, now) != 1:
        raise LostReactionError


def put_off(session: Session, lease: str, now: datetime) -> bool:
    """It failed and comes again later. True when it is given up instead."""
    return due.put_off(session, Reaction, due.held(Reaction, lease), BACK_OFF, now)
