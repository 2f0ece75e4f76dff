"""What somebody types who invites."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import NumberRange

from portal.core.forms import Form, Length, WholeNumber, choice, trimmed_lines
from portal.core.i18n import lazy, menu_languages
from portal.people.forms import email_field
from portal.people.invitations.models import NOTE_LENGTH
from portal.people.invitations.rules import LONGEST_DAYS, MOST_USES, SHORTEST_DAYS, USUAL_DAYS


class InvitationForm(Form):
    """Whom to invite, with which words, for how long."""

    email = email_field(lazy("E-mail of whom you invite"))
    language = SelectField(
        lazy("Language of the e-mail"), choices=lambda: [choice(one.code, one.name) for one in menu_languages()]
    )
    note = TextAreaField(
        lazy("A few words to them"),
        [Length(max=NOTE_LENGTH, message=lazy("Use at most 500 characters."))],
        [trimmed_lines],
        render_kw={"rows": 3, "maxlength": NOTE_LENGTH},
    )
    most_uses = WholeNumber(
        lazy("For how many people"),
        [NumberRange(1, MOST_USES, lazy("Write a number from 1 to 100."))],
        default=1,
        render_kw={"min": 1, "max": MOST_USES, "inputmode": "numeric"},
    )
    days = WholeNumber(
        lazy("Days for which it is good"),
        [NumberRange(SHORTEST_DAYS, LONGEST_DAYS, lazy("Write a number from 1 to 90."))],
        default=USUAL_DAYS,
        render_kw={"min": SHORTEST_DAYS, "max": LONGEST_DAYS, "inputmode": "numeric"},
    )
