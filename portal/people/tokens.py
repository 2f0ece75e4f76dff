"""Signed links in letters: each is good for one purpose and one state of an account, and for a limited time."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from flask import request
from flask import session as cookie
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from portal.people.models import Person

CONFIRM_SECONDS = 7 * 24 * 3600


class Purpose(StrEnum):
    """What the holder of a token may do."""

    RESET = "reset"
    """Choose a new password, once: the new password, or a new address, changes what the token is bound to."""
    CONFIRM = "confirm"
    """Show that the address which waits to be confirmed is theirs."""


def make(purpose: Purpose, person: Person, secret: str) -> str:
    """A token for this person. It is made when the letter leaves, so that no table ever holds it."""
    return _signer(purpose, secret).dumps(_claim(purpose, person))


def holder(session: Session, purpose: Purpose, token: str, secret: str, max_age: int) -> Person | None:
    """Whose token this is; None when it is forged, used or older than `max_age` seconds."""
    try:
        claim = _signer(purpose, secret).loads(token, max_age=max_age)
    except BadData:
        return None
    person = session.get(Person, claim[0])
    return person if person and person.is_active and claim == _claim(purpose, person) else None


def asked_with(purpose: Purpose) -> str:
    """The token with which this page is asked for: that of the address, or one that came in it before; or empty."""
    return request.args.get("token") or str(cookie.get(_kept_as(purpose), ""))


def keep_out_of_address(purpose: Purpose) -> bool:
    """Whether the address has a token which this browser holds in its cookie from now on: go on without it there.

    An address is written down by histories, by servers, and by whoever looks over a shoulder. Nothing is used up by it.
    """
    if request.method != "GET" or "token" not in request.args:
        return False
    cookie[_kept_as(purpose)] = request.args["token"]
    return True


def forget(purpose: Purpose) -> None:
    """What was kept is used."""
    cookie.pop(_kept_as(purpose), None)


def _kept_as(purpose: Purpose) -> str:
    return f"token_to_{purpose}"


def _claim(purpose: Purpose, person: Person) -> list[object]:
    if purpose is Purpose.CONFIRM:
        return [person.id, person.new_email]
    state = f"{person.password_hash} {person.email_key}"
    return [person.id, person.session_epoch, hashlib.sha256(state.encode()).hexdigest()[:16]]


def _signer(purpose: Purpose, secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"people.{purpose}")
