"""What is true of accounts elsewhere: which account in a profile one proves, and when one may be taken away. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from portal.core.config import Config, SignInConfig
from portal.core.errors import Conflict, PortalError
from portal.core.i18n import lazy
from portal.people.rules import WIKI

PATIENCE = timedelta(minutes=15)
"""So long somebody has at the other service, and so long what it said is good for an account here."""


@dataclass(frozen=True)
class KnownIdentity:
    """Who somebody is elsewhere, as a service has just said: what waits until they say what is to become of it."""

    provider: str
    issuer: str
    subject: str
    username: str
    name: str
    email: str

    def kept(self, now: datetime) -> dict[str, Any]:
        """As it stands in the cookie of this browser."""
        return {**asdict(self), "at": now.timestamp()}

    @classmethod
    def read(cls, kept: Mapping[str, Any], now: datetime) -> Self | None:
        """What stands in the cookie; None for nothing, or what is too old."""
        if not is_recent(kept, now):
            return None
        return cls(**{key: value for key, value in kept.items() if key != "at"})


def is_recent(kept: Mapping[str, Any], now: datetime) -> bool:
    """Whether what is kept in a cookie is still good."""
    return bool(kept) and now.timestamp() < float(kept.get("at", 0)) + PATIENCE.total_seconds()


def service_of(provider: SignInConfig, config: Config) -> str:
    """Which accounts in profiles those of this service are: what the settings say, else what is on the same server.

    Empty for none: an account at some other wiki is not one at the wiki of this community.
    """
    if provider.service:
        return provider.service
    if provider.kind == "mediawiki":
        return WIKI if _host(config.wiki.url) == _host(provider.url) else ""
    same = (source.slug for source in config.sources if _host(source.url) == _host(provider.url))
    return next(same, "")


def refuse_last_way(*, has_password: bool, other_links: int, has_other_way: bool) -> PortalError | None:
    """Why somebody cannot remove an account elsewhere with which they sign in; None when they have another way in."""
    if has_password or other_links or has_other_way:
        return None
    return Conflict(
        lazy("It is the only way in that you have. Set a password first, then you can remove it."), code="last_way_in"
    )


def _host(url: str) -> str | None:
    return urlsplit(url).hostname
