"""Passwords: kept as argon2id hashes, judged kindly."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.core.i18n import lazy

SHORTEST = 12
LONGEST = 200
FEWEST_LETTERS = 6
WELL_KNOWN = (
    "password", "passwort", "motdepasse", "contraseña", "qwertyuiop", "qwertz", "qwerty", "azerty", "asdfgh",
    "letmein", "welcome", "iloveyou", "abcdefgh", "abcdef", "1234567890", "123456789", "12345678", "123456", "654321",
)  # fmt: skip

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """The hash to keep. Takes about a tenth of a second on purpose: do it before a transaction begins."""
    return _hasher.hash(_plain(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password whose hash is kept. Takes as long when nothing is kept: time tells nothing."""
    try:
        return _hasher.verify(kept or _nobodys_hash(), _plain(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


def objection(password: str, own_words: tuple[str, ...] = ()) -> Any:
    """Why this password would be easy to guess, as a sentence that says what helps; None when it is good.

    `own_words` are names that others know, such as the username.
    """
    if len(password) < SHORTEST:
        return lazy("Use at least 12 characters. A few words in a row are easy to remember.")
    if len(password) > LONGEST:
        return lazy("Use at most 200 characters.")
    if len(set(password)) < FEWEST_LETTERS:
        return lazy("These are nearly all the same characters. Add a word or two.")
    if _is_mostly(password.casefold(), (*WELL_KNOWN, *own_words)):
        return lazy("This is among the first passwords that somebody would try. Add a word or two of your own.")
    return None


def _is_mostly(password: str, guesses: tuple[str, ...]) -> bool:
    rest = password
    for guess in sorted((word.casefold() for word in guesses if len(word) > 2), key=len, reverse=True):
        rest = rest.replace(guess, "")
    return rest != password and len(rest) < FEWEST_LETTERS


def _plain(password: str) -> str:
    # The same letters can reach us in different code points from different keyboards.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")
