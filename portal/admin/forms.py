"""What stewards type."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from wtforms import DateField, StringField
from wtforms.validators import DataRequired, InputRequired

from portal.core.forms import Form, Length, trimmed
from portal.core.i18n import current_zone, lazy
from portal.people.models import LONGEST_SUSPENSION_REASON


class SuspendForm(Form):
    """Until when somebody is kept out, and why."""

    until = DateField(lazy("Last day"), [InputRequired(lazy("Choose the last day of the suspension."))])
    reason = StringField(
        lazy("Reason"),
        [DataRequired(lazy("Say why: they read it when they sign in.")), Length(max=LONGEST_SUSPENSION_REASON)],
        filters=[trimmed],
    )

    def moment(self) -> datetime:
        """The end of that day where the steward lives."""
        day: Any = self.until.data
        # No zone reaches beyond the first and the last days that there are.
        day = min(max(day, date.min + timedelta(days=2)), date.max - timedelta(days=2))
        return datetime.combine(day + timedelta(days=1), time(), current_zone()).astimezone(UTC)
