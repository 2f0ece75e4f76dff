"""What is known of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal.core.permissions import granted_to
from portal.people.invitations.access import INVITE
from portal.people.invitations.models import Invitation, InvitationUse
from portal.people.invitations.rules import DAY, InvitationState, Invited, mark_of_token, state_of

MOST_LISTED = 200
LONGEST_TOKEN = 100


def invited_by(session: Session, token: str, now: datetime) -> Invited | None:
    """The invitation with this token, as it stands; None when there is none, or not any more."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    by_token = select(Invitation).where(Invitation.mark == mark_of_token(token))
    found = session.scalars(by_token.options(joinedload(Invitation.inviter))).one_or_none()
    if found is None:
        return None
    who = (found.inviter_id, found.inviter.display_name)
    return Invited(found.mark, standing(session, found, now), *who, found.email, found.note, found.ends_at)


def standing(session: Session, invitation: Invitation, now: datetime) -> InvitationState:
    """How this invitation stands; it is void once its inviter, who is loaded, may invite nobody any more."""
    kept = (invitation.uses, invitation.most_uses, invitation.ends_at, invitation.revoked_at)
    state = state_of(*kept, now)
    inviter = invitation.inviter
    is_here = inviter.is_active and not inviter.is_suspended(now)
    may_invite = is_here and INVITE.name in granted_to(session, inviter.id, now)
    return state if state is not InvitationState.OPEN or may_invite else InvitationState.VOID


def invitations_of(session: Session, inviter_id: int) -> Sequence[Invitation]:
    """The invitations that this person made, the newest first, with those who signed up by them."""
    mine = select(Invitation).where(Invitation.inviter_id == inviter_id).order_by(Invitation.id.desc())
    return session.scalars(mine.options(*_with_people()).limit(MOST_LISTED)).all()


def all_of(session: Session, inviter_id: int) -> Sequence[Invitation]:
    """Every invitation that this person made, as bare rows, in order."""
    return session.scalars(select(Invitation).where(Invitation.inviter_id == inviter_id).order_by(Invitation.id)).all()


def invitation(session: Session, invitation_id: int) -> Invitation | None:
    """One invitation, with those who signed up by it."""
    return session.scalars(
        select(Invitation).where(Invitation.id == invitation_id).options(*_with_people())
    ).one_or_none()


def by_mark(session: Session, mark: str) -> Invitation:
    """The invitation whose token has this mark, as it is now. It must be there."""
    return session.scalars(
        select(Invitation).where(Invitation.mark == mark).execution_options(populate_existing=True)
    ).one()


def made_lately(session: Session, inviter_id: int, now: datetime) -> int:
    """How many invitations this person made in the last day."""
    lately = (Invitation.inviter_id == inviter_id, Invitation.made_at > now - DAY)
    return session.scalar(select(func.count()).select_from(Invitation).where(*lately)) or 0


def use_of(session: Session, person_id: int) -> InvitationUse | None:
    """By which invitation this person signed up, if by any."""
    return session.get(InvitationUse, person_id)


def _with_people() -> tuple[ExecutableOption, ...]:
    used = selectinload(Invitation.used_by).joinedload(InvitationUse.person)
    return (joinedload(Invitation.inviter), used)
