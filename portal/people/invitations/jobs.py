"""What is done to invitations later."""

from __future__ import annotations

from sqlalchemy import delete, select

from portal.core import clock
from portal.core.jobs import Portal
from portal.people.invitations.models import Invitation, InvitationLetter, InvitationUse
from portal.people.invitations.rules import KEPT


def forget_invitations(portal: Portal) -> None:
    """Delete invitations that ended some time ago: with them go addresses of people who never came."""
    with portal.unit_of_work() as session:
        old = select(Invitation.id).where(Invitation.ends_at < clock.now() - KEPT)
        for table in (InvitationLetter, InvitationUse):
            session.execute(delete(table).where(table.invitation_id.in_(old)))
        session.execute(delete(Invitation).where(Invitation.ends_at < clock.now() - KEPT))
