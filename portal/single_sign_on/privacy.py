"""What a person may take along of the accounts elsewhere with which they sign in; all of it goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person
from portal.single_sign_on import queries
from portal.single_sign_on.models import LinkedIdentity

FIELDS = ("provider", "issuer", "subject", "username", "linked_at", "last_used_at")


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """Nothing signs in any longer who has left."""
    session.execute(delete(LinkedIdentity).where(LinkedIdentity.person_id == person.id))


def export(session: Session, person: Person) -> list[dict[str, Any]]:
    """The accounts elsewhere with which this person signs in."""
    return [export_row(one, FIELDS) for one in queries.links_of(session, person.id)]
