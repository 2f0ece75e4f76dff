"""The first letters of a name, in whichever script it is written."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

JOINER = "\u200d"
JOINED = ("ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "ADLAM", "HANIFI")
"""Scripts whose letters join: two side by side would read as a word."""
CASED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")
"""Scripts in which a name begins with a capital. Georgian has capitals that names do not take."""


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """One or two letters for a person: of the first and the last word; "?" for a name without a letter."""
    words = [word for word in (_from_letter(part) for part in unicodedata.normalize("NFC", name).split()) if word]
    if not words:
        return "?"
    first = letter(words[0])
    if len(words) == 1 or _script(first) in JOINED:
        return first
    return first + letter(words[-1])


def letter(word: str) -> str:
    """The letter with which a word begins, with all its marks, as a capital where its script has them."""
    end = 1
    while end < len(word) and _belongs(word, end):
        end += 1
    first = word[:end]
    capital = first.upper()
    return capital if _script(first) in CASED and len(capital) == len(first) else first


def _belongs(word: str, at: int) -> bool:
    """Whether the sign at this place is a part of the letter before it."""
    return unicodedata.category(word[at]).startswith("M") or JOINER in word[at - 1 : at + 1]


def _from_letter(word: str) -> str:
    """The word from its first letter or digit on: quotes and brackets stand before some names."""
    return next((word[at:] for at, sign in enumerate(word) if sign.isalnum()), "")


def _script(text: str) -> str:
    return unicodedata.name(text[0], "").partition(" ")[0]
