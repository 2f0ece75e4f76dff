"""Devices on which somebody has signed in before: a signed cookie says so, and outlives the session.

Who is known has tries of their own there, so that others who guess at their name do not stop them; a sign-in from
anywhere else is told to them (see OWASP, "Slow down online guessing attacks with device cookies").
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.people.models import Person

KEPT = timedelta(days=180)
"""So long a device is known after a sign-in."""
MOST = 5
"""So many people are known on one device."""


def word_of_device(person: Person | None) -> str:
    """The word by which this browser is known to be a device of this person; empty when it is not. A new password
    makes every device a stranger.
    """
    return next((word for who, epoch, word in _known() if person and (who, epoch) == _name(person)), "")


def remember_device(person: Person) -> None:
    """This browser is a device of this person from now on."""
    word = word_of_device(person) or secrets.token_urlsafe(12)
    others = [known for known in _known() if known[0] != person.id]
    g.known_devices = [(*_name(person), word), *others][:MOST]


def give_cookie(response: Response) -> Response:
    """Hand out what the browser is known by, where somebody has signed in."""
    if "known_devices" in g:
        config, sessions = current_app.config, current_app.session_interface
        response.set_cookie(
            _cookie_name(),
            str(_signer().dumps(g.known_devices)),
            max_age=KEPT,
            path=sessions.get_cookie_path(current_app),
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response


def _name(person: Person) -> tuple[int, int]:
    return person.id, person.session_epoch


def _known() -> list[tuple[int, int, str]]:
    try:
        held: Any = _signer().loads(request.cookies.get(_cookie_name(), ""), max_age=int(KEPT.total_seconds()))
    except BadData:
        return []
    return [(who, epoch, word) for who, epoch, word in held]


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="people.device")
