"""Makers: each makes one believable thing and returns it. Only what a test speaks of is said."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.people.models import Person

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
_number = itertools.count(1)


def person(session: Session, username: str = "", **values: Any) -> Person:
    """Somebody with an account here."""
    username = username or f"person{next(_number)}"
    values = {"display_name": username.title(), "password_hash": "-", "created_at": NOON, **values}
    made = Person(username=username, **values)
    session.add(made)
    session.flush()
    return made


def sign_in(client: Any, person: Person) -> Any:
    """This browser is signed in as that person, without the form (the form has tests of its own)."""
    with client.session_transaction() as session:
        session["_user_id"] = person.get_id()
    return client
