"""Characters that nobody sees, and marks that nobody can read: what has no place in a name that others must trust."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

NON_JOINER, JOINER = "\u200c", "\u200d"
# Default_Ignorable_Code_Point of the Unicode Character Database (DerivedCoreProperties.txt, Unicode 16). Python knows
# only the categories, by which some of these are letters (fillers of Hangul) or marks (selectors of variants).
DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
BLANK_PATTERN = 0x2800
"""A Braille pattern without a dot: no space, but as empty as one."""
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
MONGOLIAN_VARIANTS = frozenset("\u180b\u180c\u180d\u180f")
"""Mongolian letters are told apart by these, as they are typed."""
EMOJI_VARIANTS = "\ufe0e\ufe0f"
"""A phone writes one behind a sign, to have it in colour or not."""
JOINING = frozenset({"ARABIC", "SYRIAC", "MANDAIC", "MONGOLIAN", "NKO", "MANICHAEAN", "PSALTER", "ADLAM", "HANIFI"})
"""The scripts whose letters join, by the first word of their letters' names: there a joiner changes what is read."""
VIRAMA = 9
"""The combining class of signs that take the vowel from a letter of an Indic script."""
MOST_MARKS = 6
"""So many marks stand on one letter at most: Burmese, Tibetan and pointed Hebrew need five."""
MOST_STACKED = 4
"""So many of them above or below each other at most: Vietnamese needs two, pointed Hebrew three."""


def has_unseen(text: str) -> bool:
    """Whether a character of this text cannot be seen: fillers, selectors, directions, and joiners out of place.

    A joiner (ZWJ, ZWNJ) has its place where letters need it, as RFC 5892 and UAX #31 say: between two letters that
    join, or beside the sign that takes the vowel from an Indic letter.
    """
    return any(_is_unseen(letter) and not _is_needed(text, place) for place, letter in enumerate(text))


def stacks_too_high(text: str) -> bool:
    """Whether more marks stand on one letter than can be read, or the same one twice."""
    marks: list[str] = []
    for letter in unicodedata.normalize("NFD", text):
        marks = [*marks, letter] if unicodedata.category(letter)[0] == "M" else []
        if _is_too_high(marks):
            return True
    return False


def without_emoji_variants(text: str) -> str:
    """The text without the selectors that phones write behind signs: in a name they say nothing."""
    pairs = pairwise(text)
    kept = (
        letter for before, letter in pairs if letter not in EMOJI_VARIANTS or unicodedata.category(before)[0] != "S"
    )
    return text[:1] + "".join(kept)


def script_of(letter: str) -> str:
    """The first word of the letter's name, which tells its script: ARABIC, BENGALI, LATIN …; empty for none."""
    return unicodedata.name(letter, "?").partition(" ")[0] if letter else ""


def _is_unseen(letter: str) -> bool:
    code = ord(letter)
    is_ignorable = any(first <= code <= last for first, last in DEFAULT_IGNORABLE)
    return is_ignorable or code == BLANK_PATTERN or unicodedata.category(letter) in UNSEEN_CATEGORIES


def _is_needed(text: str, place: int) -> bool:
    letter = text[place]
    before, after = _base(text[:place][::-1]), _base(text[place + 1 :])
    if letter in MONGOLIAN_VARIANTS:
        return script_of(before) == "MONGOLIAN"
    if letter not in (NON_JOINER, JOINER) or not before:
        return False
    joins = script_of(before) in JOINING and script_of(before) == script_of(after)
    return joins or _is_beside_virama(text, place, before)


def _is_beside_virama(text: str, place: int, before: str) -> bool:
    neighbours = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return any(unicodedata.combining(one) == VIRAMA and script_of(one) == script_of(before) for one in neighbours)


def _base(text: str) -> str:
    """The first letter of this text, whatever marks stand before it; empty when something else comes first."""
    for letter in text:
        if unicodedata.category(letter)[0] == "L":
            return letter
        if unicodedata.category(letter)[0] != "M":
            return ""
    return ""


def _is_too_high(marks: list[str]) -> bool:
    stacked = [mark for mark in marks if unicodedata.combining(mark) or unicodedata.category(mark) == "Me"]
    is_repeated = len(marks) > 1 and marks[-1] == marks[-2]
    return is_repeated or len(marks) > MOST_MARKS or len(stacked) > MOST_STACKED
