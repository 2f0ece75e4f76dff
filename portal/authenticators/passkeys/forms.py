"""What is sent about passkeys: their names, and what browsers answer."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from portal.authenticators.passkeys.rules import LONGEST_ANSWER, LONGEST_NAME
from portal.core.forms import Form, Length, trimmed
from portal.core.i18n import lazy


class NameForm(Form):
    """How somebody calls a passkey."""

    name = StringField(
        lazy("Name"),
        [InputRequired(lazy("Give it a name, such as the one of your device.")), Length(max=LONGEST_NAME)],
        filters=[trimmed],
        description=lazy("By this you know it again, such as “my phone”. Only you see it."),
    )


class AnswerForm(Form):
    """What a browser answers, written by the script of the page."""

    answer = HiddenField(validators=[Length(max=LONGEST_ANSWER)])


class AddForm(NameForm, AnswerForm):
    """A new passkey with its name."""
