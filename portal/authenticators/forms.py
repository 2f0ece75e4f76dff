"""What people type to show a second factor."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from portal.authenticators.rules import LONGEST_CODE
from portal.core.forms import Form, Length, trimmed
from portal.core.i18n import lazy


class CodeForm(Form):
    """The code that the app shows now."""

    code = StringField(
        lazy("Code"),
        [InputRequired(lazy("Type the six digits that the app shows.")), Length(max=LONGEST_CODE)],
        filters=[trimmed],
        description=lazy("The six digits that the app shows now."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr", "spellcheck": "false"},
    )


class SecondFactorForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField(
        lazy("Code"),
        [InputRequired(lazy("Type the six digits that the app shows.")), Length(max=LONGEST_CODE)],
        filters=[trimmed],
        description=lazy("The six digits that your app shows now, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false"},
    )
