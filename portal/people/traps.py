"""What tells programs that fill in every form from people: a field that nobody sees, and how soon a form is sent.

Each stops a form once: who presses its button again goes on, so that no password manager and no quick typist is kept
out. What was typed stays, the password too, closed with the site's key.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, StringField

from portal.core import clock
from portal.core.forms import Form
from portal.core.i18n import lazy
from portal.core.refusals import note
from portal.core.security_log import SecurityEvent
from portal.core.web import settings

GOOD_FOR = timedelta(days=1)
"""So long a form may lie open before it is asked for one more press."""
KEPT_FOR = timedelta(minutes=30)
AGAIN = lazy(
    "This came faster than people write, or with a field filled in that they do not see, as from a program. Nothing is "
    "lost: press the button once more."
)


class MomentField(HiddenField):
    """When the form was first shown, signed; and whether its button has been pressed since."""

    def process_data(self, value: Any) -> None:
        """A form is shown for the first time."""
        self.data = _signer().dumps([_seconds(clock.now()), False])

    @property
    def is_human(self) -> bool:
        """Whether so much time has gone by as people take, or the button was pressed again."""
        shown, is_pressed = self._read()
        least, most = timedelta(seconds=settings().limits.sign_up_seconds), GOOD_FOR
        return (bool(is_pressed) and clock.now() - shown < most) or least <= clock.now() - shown < most

    @property
    def is_pressed(self) -> bool:
        """Whether the form has been stopped before."""
        return self._read()[1]

    def press(self) -> None:
        """From now on the form is not stopped any more."""
        self.data = _signer().dumps([_seconds(clock.now()), True])

    def _read(self) -> tuple[datetime, bool]:
        try:
            seconds, is_pressed = _signer().loads(self.data or "")
            return datetime.fromtimestamp(seconds, UTC), bool(is_pressed)
        except (BadSignature, TypeError, ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(0, UTC), False


class TrapForm(Form):
    """A form by which strangers come in. Its template shows `homepage` by macros/traps.html."""

    homepage = StringField(lazy("Leave this empty"), render_kw={"autocomplete": "off", "tabindex": "-1"})
    shown_at = MomentField()
    kept_password = HiddenField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        password = self._fields.get("password")
        if password is not None and not password.data and (kept := _opened(self.kept_password.data or "")):
            password.data, password.raw_data = kept, [kept]
        self.kept_password.data = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is in order, and comes from a person as far as one can tell."""
        is_sound = bool(super().validate(extra_validators))
        if not is_sound or not settings().limits.sign_up_seconds or not self._is_stopped():
            return is_sound
        note(SecurityEvent.REQUEST_REFUSED, "like_a_program")
        self.shown_at.press()
        self.homepage.data = ""
        self.form_errors.append(AGAIN)
        self._keep_password()
        return False

    def _is_stopped(self) -> bool:
        return not self.shown_at.is_human or bool(self.homepage.data and not self.shown_at.is_pressed)

    def _keep_password(self) -> None:
        password = self._fields.get("password")
        if password is not None and password.data:
            self.kept_password.data = _closer().encrypt(str(password.data).encode()).decode()
            password.flags.required = False
            password.description = lazy("The one you chose is kept: leave this empty, or type another.")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="people.traps")


def _closer() -> Fernet:
    key = hashlib.sha256(f"people.traps:{current_app.secret_key!s}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _opened(closed: str) -> str:
    try:
        return _closer().decrypt(closed, ttl=int(KEPT_FOR.total_seconds())).decode() if closed else ""
    except InvalidToken:
        return ""


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
