"""Who may invite people to sign up, and whose an invitation is."""

from __future__ import annotations

from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.core.permissions import Permission

INVITE = Permission("people.invite", lazy("Invite people to sign up here."))


def refuse_others(inviter_id: int, person_id: int) -> NotFound | None:
    """Why somebody may not see this invitation, nor change it: it is not theirs."""
    return None if inviter_id == person_id else no_such_invitation()


def no_such_invitation() -> NotFound:
    """That they have made none by this number."""
    return NotFound(lazy("You have made no such invitation."), code="no_such_invitation")
