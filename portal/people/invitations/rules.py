"""What is true of invitations: how their links are made, how they stand, what they may say. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.core.i18n import lazy

SHORTEST_DAYS, USUAL_DAYS, LONGEST_DAYS = 1, 14, 90
MOST_USES = 100
"""As many people as come to a workshop."""
DAY = timedelta(days=1)
KEPT = timedelta(days=30)
"""So long an invitation is listed after its end."""


class InvitationState(StrEnum):
    """How an invitation stands."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    VOID = "void"
    """Whoever made it has left, or may invite nobody any more."""

    @property
    def label(self) -> Any:
        """What people read."""
        return LABELS[self]


LABELS: dict[InvitationState, Any] = {
    InvitationState.OPEN: lazy("open"),
    InvitationState.USED: lazy("used up"),
    InvitationState.EXPIRED: lazy("expired"),
    InvitationState.REVOKED: lazy("revoked"),
    InvitationState.VOID: lazy("no longer good"),
}


@dataclass(frozen=True, slots=True)
class InvitationDraft:
    """What somebody who invites has said. Without an address it is a link to pass on."""

    email: str | None
    language: str
    note: str
    most_uses: int
    days: int


@dataclass(frozen=True, slots=True)
class Invited:
    """What a visitor who came by an invitation reads of it, and what signing up needs to know."""

    mark: str
    state: InvitationState
    inviter_id: int
    inviter: str
    email: str | None
    note: str
    ends_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody can sign up by it now."""
        return self.state is InvitationState.OPEN

    def proves(self, email: str | None) -> bool:
        """Whether this is the address that it was sent to, so that who has the link reads what comes there."""
        return bool(email and self.email) and (email or "").lower() == (self.email or "").lower()


def token_of(seed: str, secret_key: str) -> str:
    """What stands in the link of an invitation: nobody who reads the database alone can make it."""
    made = hmac.new(secret_key.encode(), f"invitation:{seed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def mark_of_token(token: str) -> str:
    """What is stored of it."""
    return hashlib.sha256(f"invitation:{token}".encode()).hexdigest()


def state_of(
    uses: int, most_uses: int, ends_at: datetime, revoked_at: datetime | None, now: datetime
) -> InvitationState:
    """How an invitation stands, whose inviter may still invite."""
    if revoked_at:
        return InvitationState.REVOKED
    if uses >= most_uses:
        return InvitationState.USED
    return InvitationState.EXPIRED if ends_at <= now else InvitationState.OPEN
