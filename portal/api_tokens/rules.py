"""What is true of tokens: how they look, how long they hold, how many somebody may have. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from datetime import date, datetime, timedelta
from string import ascii_letters, digits

PREFIX = "cpat_"
"""How every token of every such portal begins: scanners for secrets find it in code by this."""
ALPHABET = digits + ascii_letters
SECRET = 40
"""Random letters and digits of a token: 238 bits."""
CHECK = 6
"""Letters and digits behind them that tell whether it was copied whole."""
SHAPE = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{SECRET}}})([0-9A-Za-z]{{{CHECK}}})")
MOST_TOKENS = 20
"""So many one person has at once."""
DEFAULT_DAYS = 90
MOST_DAYS = 365
HEADS_UP = timedelta(days=7)
"""So long before its end a letter tells of it."""
KEPT = timedelta(days=30)
"""So long a token that has ended stands in the list."""
BETWEEN_USES = timedelta(minutes=5)
"""So often it is noted that a token is used."""


def new_token() -> str:
    """A token, as its owner gives it to a program."""
    secret = "".join(secrets.choice(ALPHABET) for _ in range(SECRET))
    return f"{PREFIX}{secret}{_check_of(secret)}"


def is_whole(text: str) -> bool:
    """Whether this can be a token: what was cut or mistyped need not be looked for."""
    found = SHAPE.fullmatch(text)
    return found is not None and _check_of(found[1]) == found[2]


def mark_of(token: str) -> str:
    """The hash by which a token is known: so much chance needs no salt."""
    return hashlib.sha256(f"api token:{token}".encode()).hexdigest()


def default_end(today: date) -> date:
    """The last day that is offered."""
    return today + timedelta(days=DEFAULT_DAYS)


def is_possible_end(day: date, today: date) -> bool:
    """Whether a token made today may hold until the end of this day."""
    return today <= day <= today + timedelta(days=MOST_DAYS)


def is_over(ends_at: datetime, now: datetime) -> bool:
    """Whether a token that holds until then has ended."""
    return now >= ends_at


def _check_of(secret: str) -> str:
    number, letters = zlib.crc32(secret.encode()), ""
    for _ in range(CHECK):
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters
