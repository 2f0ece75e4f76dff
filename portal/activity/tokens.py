"""Signed links that stop letters without signing in: good for one person, one kind and a limited time, and no more."""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from portal.people.models import Person

DAILY = "daily"
"""What the link of a daily letter stops: every kind that comes daily."""
DAYS = 90
_SALT = "activity.unsubscribe"


def make(person: Person, what: str, secret: str) -> str:
    """A token with which this person, or their mail program, stops a kind of letters (or DAILY)."""
    return URLSafeTimedSerializer(secret, salt=_SALT).dumps(_claim(person, what))


def holder(session: Session, token: str, secret: str) -> tuple[Person, str] | None:
    """Whose token this is, and what it stops; None when it is forged, too old, or sent to an address they left."""
    try:
        person_id, what, _address = claim = URLSafeTimedSerializer(secret, salt=_SALT).loads(token, DAYS * 86400)
    except (BadData, ValueError):
        return None
    person = session.get(Person, person_id)
    return (person, what) if person and person.is_active and claim == _claim(person, what) else None


def _claim(person: Person, what: str) -> list[object]:
    # A mark of the address, not the address: links are kept in histories and logs.
    return [person.id, what, hashlib.sha256((person.email_key or "").encode()).hexdigest()[:12]]
