"""What people say of a token that they make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from wtforms import DateField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.api_tokens import rules
from portal.api_tokens.models import LONGEST_NAME
from portal.core.api_access import ApiScope
from portal.core.forms import Form, Length, choice, trimmed
from portal.core.i18n import lazy


class TokenForm(Form):
    """A new token: what it is called, what it is for, and until when."""

    name = StringField(
        lazy("Name"),
        [InputRequired(lazy("Give it a name, such as the one of the program.")), Length(max=LONGEST_NAME)],
        filters=[trimmed],
        description=lazy("By this you know it again, such as “my status bar”. Only you see it."),
        render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"},
    )
    scopes = SelectMultipleField(
        lazy("What it is for"),
        [InputRequired(lazy("Choose what the token is for."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=lazy("Choose as little as the program needs."),
    )
    last_day = DateField(
        lazy("Last day"),
        [InputRequired(lazy("Choose the last day on which it is good."))],
        description=lazy("At most a year from now. An e-mail tells you a week before."),
    )

    def __init__(self, scopes: Iterable[ApiScope], today: date, **values: Any) -> None:
        super().__init__(last_day=rules.default_end(today), **values)
        self.scopes.choices = [choice(scope.name, scope.label) for scope in scopes]
        most = today + timedelta(days=rules.MOST_DAYS)
        self.last_day.render_kw = {"min": today.isoformat(), "max": most.isoformat()}
