"""A username made of what somebody typed: plain letters for accented ones, hyphens for spaces. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 39
MOST_NUMBER = 30
"""As high a number is tried behind a name that is taken."""
# Letters that do not come apart into a plain one and a mark.
PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
        "ŋ": "ng", "ŧ": "t", "ə": "e", "ĸ": "k",
    }
)  # fmt: skip
UNUSABLE = re.compile(r"[^a-z0-9._]+")
"""What no username can hold; a hyphen stands for it."""
DOUBLED = re.compile(r"-*[-._]*-[-._]*")


def username_from(typed: str) -> str:
    """The nearest username to a name ("José García" → "jose-garcia"); empty when it has no letter that one can hold."""
    letters = unicodedata.normalize("NFKD", typed.casefold().translate(PLAIN))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter) and letter not in "'’`")
    made = DOUBLED.sub("-", UNUSABLE.sub("-", plain)).strip("-._")[:LONGEST].strip("-._")
    return made if len(made) > 1 else ""


def numbered(username: str) -> list[str]:
    """This name, then the same with a number from 2 on, each as long as a username may be."""
    return [username, *(f"{username[: LONGEST - 3].rstrip('-._')}-{number}" for number in range(2, MOST_NUMBER + 1))]
