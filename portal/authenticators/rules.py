"""What is true of codes: which one fits, how they are written, how many there are."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import pyotp

STEP = 30
"""Seconds for which a code of an app holds (RFC 6238, 5.2)."""
AROUND = 1
"""So many half minutes before and after are taken, too: clocks differ, and people type slowly."""
CODES = 10
"""Recovery codes in a set."""
FEW = 3
"""With fewer recovery codes than this left, people are told to make new ones."""
GROUP = 4
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""What recovery codes are written with: no letter or digit that looks like another."""
LETTERS = 24
"""Of a recovery code: 117 random bits, so that a plain hash of it tells nothing (ASVS 2.6.2 asks for 112)."""
LONGEST_CODE = 40


def step_at(moment: datetime) -> int:
    """The number of the half minute."""
    return int(moment.timestamp()) // STEP


def fitting_step(secret: str, typed: str, now: datetime) -> int | None:
    """The half minute of which this is the code, when it is one around now; None when it is none of them."""
    code = typed.replace(" ", "")
    if len(code) != 6 or not code.isascii() or not code.isdecimal():
        return None
    app, this = pyotp.TOTP(secret, interval=STEP), step_at(now)
    near = range(this - AROUND, this + AROUND + 1)
    # Every one is compared: which of them fits is nobody's to learn from the time it takes.
    return next((step for step in [one for one in near if pyotp.utils.strings_equal(code, app.at(one * STEP))]), None)


def in_groups(text: str) -> str:
    """Written so that somebody can copy it by hand: four and four."""
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def new_recovery_codes() -> list[str]:
    """A set of them, as people write them down."""
    words = ("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(CODES))
    return ["-".join(word[start : start + GROUP] for start in range(0, LETTERS, GROUP)) for word in words]


def mark_of_recovery_code(typed: str, person_id: int) -> str:
    """The hash by which a recovery code of this person is known, however it is written."""
    plain = "".join(sign for sign in typed[:LONGEST_CODE].upper() if sign in ALPHABET)
    return hashlib.sha256(f"recovery:{person_id}:{plain}".encode()).hexdigest()
