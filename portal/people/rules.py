"""What is true of people: which names can be had, who sees what, how often somebody may try, when letters go out."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from babel import Locale, localedata

from portal.core.config import Config, SessionsConfig
from portal.core.i18n import lazy, ngettext
from portal.core.unseen import has_unseen, stacks_too_high, without_emoji_variants
from portal.forges.forge import Forges

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,38}")
# Words that stand for something else in addresses, and names in which nobody should be able to speak.
RESERVED = frozenset(
    {"me", "sign-in", "sign-up", "sign-out", "password", "email", "pictures", "prove", "portal", "root", "system"}
)
LEFT_PREFIX = "deleted-"
WIKI = "wiki"
LEVELS = {
    1: lazy("starting out"),
    2: lazy("at ease"),
    3: lazy("experienced"),
    4: lazy("can teach it"),
}
LONGEST_NAME = 80
TAKEN = lazy("This username is taken. Choose another.")
FAR_TOO_LONG = 1000
"""Characters of a typed name or address that are looked at: each is too long before that."""
LONGEST_ABOUT = 4000
LONGEST_REFUSAL = 200
"""So much is kept of the words with which a mail server refused an address."""
MOST_WEEKLY_HOURS = 60
BETWEEN_USERNAMES = timedelta(days=30)
"""So seldom a username is changed: others must be able to get used to it."""
MOST_ROWS = 60
"""How many skills, languages or accounts one person can list."""

LETTERS_A_DAY = 3
LETTER_DAY = timedelta(days=1)
"""So many letters of a kind that anybody can ask for go to one address in a day, whoever asks."""
FROM_ONE_NETWORK = 5
"""A whole class may sit behind one network address: it has this many times the tries of one person there."""
FROM_EVERYWHERE = 5
"""All networks together have this many times the tries of one network at one name."""


@dataclass(frozen=True, slots=True)
class Service:
    """A place where people have accounts. `page` is what an account's address begins with; empty: it has none."""

    slug: str
    label: Any
    page: str

    def page_of(self, username: str) -> str:
        """The address of this account there, or empty."""
        return self.page + quote(username, safe="") if self.page else ""


def services(config: Config, forges: Forges) -> dict[str, Service]:
    """Where people can say they have accounts: each source, and the wiki when there is one."""
    services = {
        source.slug: Service(source.slug, source.label, source.url + forges.of(source).account_path)
        for source in config.sources
    }
    if config.wiki.url:
        page = f"{config.wiki.url.rstrip('/')}/index.php?title=User:"
        services.setdefault(WIKI, Service(WIKI, lazy("Wiki"), page))
    return services


class Audience(StrEnum):
    """Who sees a field. The order is from many to few."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    YOU = "you"

    @property
    def label(self) -> Any:
        """Who sees it, for the form."""
        return AUDIENCE_WORDS[self]


AUDIENCE_WORDS: dict[Audience, Any] = {
    Audience.EVERYONE: lazy("everyone"),
    Audience.SIGNED_IN: lazy("everyone who is signed in"),
    Audience.YOU: lazy("only you"),
}
# The one table: forms show it and the public page obeys it, so that what is said and what is done cannot differ.
AUDIENCE = {
    "username": Audience.EVERYONE,
    "display_name": Audience.EVERYONE,
    "picture": Audience.EVERYONE,
    "about": Audience.EVERYONE,
    "skills": Audience.EVERYONE,
    "languages": Audience.EVERYONE,
    "is_findable": Audience.YOU,
    "accounts": Audience.SIGNED_IN,
    "time_zone": Audience.SIGNED_IN,
    "weekly_hours": Audience.SIGNED_IN,
    "language": Audience.YOU,
    "email": Audience.YOU,
    "password": Audience.YOU,
}


def fields_shown_to(viewer: Audience) -> frozenset[str]:
    """The fields of a profile that a viewer sees: everyone, signed_in (another person), or you (oneself)."""
    order = list(Audience)
    return frozenset(field for field, audience in AUDIENCE.items() if order.index(audience) <= order.index(viewer))


@lru_cache(maxsize=64)
def language_names(locale: Locale) -> dict[str, str]:
    """The human languages people can list: BCP 47 code → name in this locale's language, sorted by name.

    Those for which CLDR has data: about three hundred, and every one that people are likely to meet here.
    """
    spoken = {identifier.split("_")[0] for identifier in localedata.locale_identifiers()}
    named = {code: name for code, name in locale.languages.items() if code in spoken}
    return dict(sorted(named.items(), key=lambda item: unicodedata.normalize("NFKD", item[1]).casefold()))


def tidy_username(typed: str) -> str:
    """A username as it is kept and looked for: in lower case, without spaces around it."""
    return typed.strip().lower()


def objection_to_username(username: str) -> Any:
    """Why nobody can have this (tidy) username, as a sentence; None when it can be had."""
    if not USERNAME.fullmatch(username):
        return lazy(
            "Use 2 to 39 of these: the letters a to z, digits, dots, hyphens and underscores. "
            "Begin with a letter or a digit."
        )
    if username in RESERVED or username.startswith(LEFT_PREFIX):
        return lazy("This name is kept for the portal itself. Choose another.")
    return None


def objection_to_new_username(changed_at: datetime | None, now: datetime) -> Any:
    """Why somebody who last changed their username then cannot do so again now; None when they can."""
    if changed_at and now < changed_at + BETWEEN_USERNAMES:
        days = -((changed_at + BETWEEN_USERNAMES - now) // -timedelta(days=1))
        return ngettext(
            "You changed your username not long ago. You can change it again in %(num)s day.",
            "You changed your username not long ago. You can change it again in %(num)s days.",
            days,
        )
    return None


def mark_of_username(username: str) -> str:
    """What is kept of a (tidy) username that nobody else may get: a hash, from which it cannot be read."""
    return hashlib.sha256(f"username:{username}".encode()).hexdigest()


def mark_of_address(kind: str, address: str) -> str:
    """By this letters of a kind to an address are counted: a hash, kept for two days."""
    return hashlib.sha256(f"letter:{kind}:{address.lower()}".encode()).hexdigest()


def tidy_name(typed: str) -> str:
    """A name as it is kept: with single spaces and composed letters. What is far too long is cut, and still too long.

    Composing takes the square of the length, and a form may bring a million characters.
    """
    return " ".join(without_emoji_variants(unicodedata.normalize("NFC", typed[:FAR_TOO_LONG])).split())


def objection_to_name(name: str) -> Any:
    """Why this (tidy) name cannot be shown, as a sentence; None when it can."""
    if not any(unicodedata.category(letter)[0] in "LN" for letter in name):
        return lazy("Use at least one letter.")
    # They could turn a name into somebody else's, or break the line of a letter.
    if has_unseen(name):
        return lazy("This name holds characters that cannot be seen. Type it instead of pasting it.")
    if stacks_too_high(name):
        return lazy("This name has more marks on one letter than can be read. Leave some of them out.")
    return None


def network_of(address: str) -> str:
    """The network that stands for one household: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        # A server that listens for both hears the whole of IPv4 in one /64, as ::ffff:192.0.2.7.
        return str(parsed.ipv4_mapped)
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def is_over(created_at: datetime, last_seen_at: datetime, limits: SessionsConfig, now: datetime) -> bool:
    """Whether a session has ended by itself: nobody has come for too long, or it is as old as any may be."""
    return now >= last_seen_at + limits.idle or now >= created_at + limits.absolute


def wait_for_tries(tries: Sequence[datetime], limit: int, window: timedelta, now: datetime) -> timedelta:
    """How long until one more try is allowed; zero when it is allowed now. At most `limit` tries in each `window`."""
    recent = sorted(at for at in tries if at > now - window)
    if len(recent) < limit:
        return timedelta(0)
    return recent[-limit] + window - now
