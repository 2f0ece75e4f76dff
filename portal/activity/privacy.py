"""What a person may take along of what happened here, and what goes with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, delete, or_, select
from sqlalchemy.orm import Session

from portal.activity.models import Event, LimitHit, MailChoice, Mailing, Notice, Reaction
from portal.activity.rules import id_of, without_words
from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """Delete what this person was told, what they wrote beside their doings, and what others wrote beside theirs about
    this person, or to nobody else: whom it was meant for has read it.

    That it was done stays, without their name, for it is part of others' history; and rooms still hear of it, which
    look at what is true then.
    """
    told_alone = _told_alone(session, person.id)
    session.execute(delete(MailChoice).where(MailChoice.person_id == person.id))
    session.execute(delete(LimitHit).where(LimitHit.person_id == person.id))
    session.execute(delete(Mailing).where(Mailing.person_id == person.id))
    session.execute(delete(Notice).where(Notice.person_id == person.id))
    names_them = cast(Event.values, Text).contains(json.dumps(id_of(person)), autoescape=True)
    for event in session.scalars(select(Event).where(or_(Event.actor_id == person.id, names_them))):
        event.values = without_words(event.values)
    for event in told_alone:
        event.values = without_words(event.values)


def export(session: Session, person: Person) -> dict[str, Any]:
    """What this person did, what they were told, what of it by mail, and which rooms hear of what they did."""
    done = session.scalars(select(Event).where(Event.actor_id == person.id).order_by(Event.id))
    chosen = session.scalars(select(MailChoice).where(MailChoice.person_id == person.id).order_by(MailChoice.kind))
    mailed = session.scalars(select(Mailing).where(Mailing.person_id == person.id).order_by(Mailing.notice_id))
    hits = session.scalars(select(LimitHit).where(LimitHit.person_id == person.id).order_by(LimitHit.act))
    my_notices = (
        select(Event, Notice.id, Notice.read_at).join(Notice).where(Notice.person_id == person.id).order_by(Event.id)
    )
    my_reactions = (
        select(Event.verb, Reaction).join(Reaction.event).where(Event.actor_id == person.id).order_by(Reaction.id)
    )
    return {
        "done": [_event(event) for event in done],
        "told": [
            {"notice": n, **_event(event), "read_at": read_at} for event, n, read_at in session.execute(my_notices)
        ],
        "letters_chosen": {row.kind: row.cadence for row in chosen},
        "limits_hit": [export_row(row, ("act", "times", "first_at", "last_at")) for row in hits],
        "mailed": [_mailed(row) for row in mailed],
        "heard": [
            {"what": verb, "by": row.listener, "state": row.state} for verb, row in session.execute(my_reactions)
        ],
    }


def _told_alone(session: Session, person_id: int) -> Sequence[Event]:
    """What this person was told of, and nobody else."""
    others = select(Notice.event_id).where(Notice.person_id != person_id)
    theirs = select(Notice.event_id).where(Notice.person_id == person_id, Notice.event_id.not_in(others))
    return session.scalars(select(Event).where(Event.id.in_(theirs))).all()


def _event(event: Event) -> dict[str, Any]:
    return {"at": event.at, "what": event.verb, "values": event.values}


def _mailed(row: Mailing) -> dict[str, Any]:
    return {"notice": row.notice_id, **export_row(row, ("state", "due_at", "settled_at"))}
