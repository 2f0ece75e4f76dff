"""How often somebody may try: counted in the database, so that every process of a large site counts together."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.core.errors import TooMany
from portal.core.i18n import ngettext
from portal.people import queries, rules
from portal.people.models import SignInTry


def enforce(session: Session, tries: Mapping[str, int], window: timedelta, now: datetime) -> None:
    """Raise TooMany when one of these subjects (each with its limit) was tried too often in this window."""
    waits = [
        rules.wait_for_tries(queries.tries_since(session, subject, now - window, limit), limit, window, now)
        for subject, limit in tries.items()
    ]
    seconds = int(max(waits).total_seconds()) + 1
    if max(waits) <= timedelta(0):
        return
    minutes = (seconds + 59) // 60
    sentence = ngettext(
        "You have tried too often in a short time. Try again in %(num)s minute.",
        "You have tried too often in a short time. Try again in %(num)s minutes.",
        minutes,
    )
    raise TooMany(sentence, seconds)


def record_attempt(session: Session, tries: Mapping[str, int], now: datetime) -> None:
    """Remember that these subjects were tried once more."""
    session.add_all(SignInTry(subject=subject, at=now) for subject in tries)


def subject_of(secret: str, *parts: str) -> str:
    """A keyed hash that stands for what was tried by whom, so that no table holds names or network addresses."""
    return hmac.new(secret.encode(), repr(("people.try", *parts)).encode(), hashlib.sha256).hexdigest()
