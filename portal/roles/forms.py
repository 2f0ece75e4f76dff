"""What people type about roles."""

from __future__ import annotations

from flask import request
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from portal.core.forms import Form, Length, text_of, trimmed, trimmed_lines
from portal.core.i18n import lazy
from portal.roles.rules import REASON_LENGTH


def _reason() -> TextAreaField:
    return TextAreaField(
        lazy("Reason"),
        [DataRequired(lazy("Write the reason.")), Length(max=REASON_LENGTH)],
        filters=[trimmed_lines],
        render_kw={"maxlength": REASON_LENGTH},
    )


class RoleReasonForm(Form):
    """Why: for an end, a step down, an offer, a refusal."""

    reason = _reason()


class AppointForm(Form):
    """Whom, until when, and why; and a search for the person, which keeps what is typed."""

    person = StringField(
        lazy("Username"),
        [DataRequired(lazy("Write the username of the person.")), Length(max=40)],
        filters=[trimmed],
        render_kw={"autocomplete": "off"},
    )
    search = StringField(lazy("Name or username"), [Length(max=200)], render_kw={"type": "search"})
    until = DateField(lazy("Last day in the role"), [Optional()])
    reason = _reason()

    @property
    def is_look(self) -> bool:
        """Without words there is nothing to look up: Enter in a field means the whole form."""
        return super().is_look and bool(text_of(self.search) or request.args.get("person"))
