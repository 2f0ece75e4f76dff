"""Passwords: kept as argon2id hashes, judged kindly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.core.i18n import lazy

SHORTEST = 12
LONGEST = 128
LONGEST_KEPT = 200
"""Some were chosen when so many characters were taken: they still open."""
FEWEST_LETTERS = 6
HARD_TO_GUESS = 4
"""The best score of zxcvbn: more than 10¹⁰ guesses."""
SHORTEST_GUESS = 3
PART = 24
"""How many characters zxcvbn judges at once: its time grows with their cube, and long ones could stop a process."""
ELSEWHERE = ("contraseña", "пароль", "hasło", "şifre", "salasana", "lösenord", "密码", "パスワード")
"""The word for password where the library's lists of words, which are English, do not have it."""
_SEPARATORS = ("", " ", "-", "_", ".")

OWN_WORDS = lazy("Others know your name and the name of this site. Use a few words that have nothing to do with them.")
_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """The hash to keep. Takes about a tenth of a second on purpose: do it before a transaction begins."""
    return _hasher.hash(_composed(password))


def matches(password: str, stored_hash: str | None) -> bool:
    """Whether this is the password whose hash is kept. Takes as long when nothing is kept: time tells nothing."""
    try:
        fits = _hasher.verify(stored_hash or _nobodys_hash(), _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(stored_hash) and len(password) <= LONGEST_KEPT


def is_outdated(stored_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored_hash)


def objection(password: str, own_words: Iterable[str] = ()) -> Any:
    """Why this password would be easy to guess, as a sentence that says what helps; None when it is good.

    `own_words` are what others know and would try first: username, name, address, the name of the site.
    """
    if len(password) < SHORTEST:
        return lazy("Use at least 12 characters. A few words in a row are easy to remember.")
    if len(password) > LONGEST:
        return lazy("Use at most 128 characters.")
    if len(set(password)) < FEWEST_LETTERS:
        return lazy("Nearly all of these characters are the same. Add a word or two.")
    guesses = _guesses(own_words)
    if len(_without(_bare(_composed(password)), guesses)) < FEWEST_LETTERS:
        return OWN_WORDS
    return _objection_to_guess(_composed(password), guesses)


def _objection_to_guess(password: str, guesses: list[str]) -> Any:
    from zxcvbn import zxcvbn  # late: its lists of words take a while to load, and only who chooses needs them

    # Whatever stands around it, a password is at least as hard to guess as its hardest part.
    parts = (password[start : start + PART] for start in range(0, len(password), PART))
    results = []
    for part in parts:
        results.append(zxcvbn(part, user_inputs=[*guesses, *ELSEWHERE]))
        if results[-1]["score"] >= HARD_TO_GUESS:
            return None
    if any(match.get("matched_word") in guesses for part_result in results for match in part_result["sequence"]):
        return OWN_WORDS
    return lazy("This is among the first passwords that somebody would try. Add a word or two of your own.")


def _bare(text: str) -> str:
    """Its letters, folded, without what stands between them, and with letters for the figures that look like them."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKALIKES)
    return "".join(letter for letter in folded if letter.isalnum())


def _without(bare: str, guesses: Iterable[str]) -> str:
    """What is left of it when every known word of four letters and more is taken out, written forwards or backwards."""
    for known in sorted({_bare(guess) for guess in guesses}, key=len, reverse=True):
        if len(known) > SHORTEST_GUESS:
            bare = bare.replace(known, "").replace(known[::-1], "")
    return bare


def _guesses(own_words: Iterable[str]) -> list[str]:
    texts = [_composed(text).casefold() for text in own_words]
    parts = {part for text in texts for part in (text, *text.split("@"))}
    return sorted({guess for part in parts for guess in _ways_to_write(part)})


def _ways_to_write(text: str) -> Iterator[str]:
    """The words of a name, alone and joined as people do: ana, lima, ana-lima, limaana."""
    words = [word for word in re.split(r"[\W_]+", text) if word]
    yield text[:PART]
    yield from (word for word in words if len(word) > 2)
    for separator in _SEPARATORS:
        yield separator.join(words)[:PART]
        yield separator.join(reversed(words))[:PART]


def _composed(text: str) -> str:
    # The same letters can reach us in different code points from different keyboards. Cut first: composing takes the
    # square of the length, and a form may bring a million characters.
    return unicodedata.normalize("NFKC", text[: LONGEST_KEPT + 1])


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")
