"""What a person may take along of what happened here, and what goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.activity.models import Event, Notice
from portal.people.models import Person


def leave(session: Session, person: Person, _now: datetime) -> None:
    """Delete what this person was told. What they did stays, for it is part of others' history, without their name."""
    session.execute(delete(Notice).where(Notice.person_id == person.id))


def export(session: Session, person: Person) -> dict[str, Any]:
    """What this person did, and what they were told."""
    done = session.scalars(select(Event).where(Event.actor_id == person.id).order_by(Event.id))
    told = select(Event, Notice.read_at).join(Notice).where(Notice.person_id == person.id).order_by(Event.id)
    return {
        "done": [_plain(event) for event in done],
        "told": [{**_plain(event), "read_at": read_at} for event, read_at in session.execute(told)],
    }


def _plain(event: Event) -> dict[str, Any]:
    return {"at": event.at, "what": event.verb, "values": event.values}
