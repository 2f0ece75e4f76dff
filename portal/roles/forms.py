"""What people type about roles."""

from __future__ import annotations

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from portal.core.forms import Form, Length, trimmed, trimmed_lines
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
    """Whom, until when, and why."""

    person = StringField(
        lazy("Username"),
        [DataRequired(lazy("Write the username of the person.")), Length(max=40)],
        filters=[trimmed],
        render_kw={"autocomplete": "off"},
    )
    until = DateField(lazy("Last day in the role"), [Optional()])
    reason = _reason()
