"""What a person may take along of invitations, and what becomes of them when they leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.invitations import queries
from portal.people.invitations.models import Invitation, InvitationLetter, InvitationUse
from portal.people.models import Person

FIELDS = ("email", "language", "note", "most_uses", "uses", "made_at", "ends_at", "revoked_at")


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """Nobody signs up any more by what they made, and nothing tells by what they signed up themselves."""
    made = select(Invitation.id).where(Invitation.inviter_id == person.id)
    for table in (InvitationLetter, InvitationUse):
        session.execute(delete(table).where(table.invitation_id.in_(made)))
    session.execute(delete(Invitation).where(Invitation.inviter_id == person.id))
    session.execute(delete(InvitationUse).where(InvitationUse.person_id == person.id))


def export(session: Session, person: Person) -> dict[str, Any]:
    """The invitations that this person made, and when they signed up by one."""
    use = queries.use_of(session, person.id)
    return {
        "invitations": [export_row(one, FIELDS) for one in queries.all_of(session, person.id)],
        "signed_up_by_invitation": [export_row(use, ("used_at",))] if use else [],
    }
