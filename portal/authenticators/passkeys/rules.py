"""What is true of passkeys: for which address they hold, how long a challenge does, and when one may go. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from portal.core.errors import Conflict, PortalError
from portal.core.i18n import lazy

PATIENCE = timedelta(minutes=5)
"""So long somebody has to unlock a passkey, and so long a challenge is good."""
MOST = 20
"""So many passkeys one person can have."""
LONGEST_NAME = 60
LONGEST_ANSWER = 16_000
"""Characters of what a browser answers; an id has up to 1,023 bytes (WebAuthn, 4), and a certificate may come along."""
CHALLENGE_BYTES = 32
HANDLE_BYTES = 32


@dataclass(frozen=True)
class RelyingParty:
    """For whom passkeys are made: `id` is the host of the site, `origin` what browsers say of its pages."""

    id: str
    origin: str


def relying_party(url: str) -> RelyingParty | None:
    """That of the site at this address; None where browsers have no passkeys: without https, or without a name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    if not host or not is_safe or _is_number(host):
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


@dataclass(frozen=True)
class PasskeyChallenge:
    """What waits in the cookie of a browser for its answer: the challenge, for what and whom, and since when."""

    purpose: str
    challenge: bytes
    handle: bytes
    who: int | None
    at: datetime

    def kept(self) -> dict[str, Any]:
        """As it stands in the cookie."""
        known = {"purpose": self.purpose, "who": self.who, "at": self.at.timestamp()}
        return {**known, "challenge": self.challenge.hex(), "handle": self.handle.hex()}

    @classmethod
    def read(cls, kept: Mapping[str, Any], purpose: str, who: int | None, now: datetime) -> Self | None:
        """What stands in the cookie; None for nothing, what is too old, or was begun for something or somebody else."""
        if not kept or kept["purpose"] != purpose or kept["who"] != who:
            return None
        at = datetime.fromtimestamp(kept["at"], UTC)
        if not at <= now < at + PATIENCE:
            return None
        return cls(purpose, bytes.fromhex(kept["challenge"]), bytes.fromhex(kept["handle"]), who, at)


def mark_of_id(credential_id: bytes) -> str:
    """The hash under which a passkey is found."""
    return hashlib.sha256(credential_id).hexdigest()


def refuse_last_way(*, has_password: bool, other_passkeys: int, has_other_way: bool) -> PortalError | None:
    """Why somebody cannot remove a passkey; None when they have another way in."""
    if has_password or other_passkeys or has_other_way:
        return None
    return Conflict(
        lazy("It is the only way in that you have. Set a password first, then you can remove it."), code="last_way_in"
    )


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
