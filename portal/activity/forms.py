"""What people choose of notices."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import RadioField

from portal.core.forms import Form, choice
from portal.core.i18n import lazy
from portal.core.notices import Cadence, NoticeKind

CADENCES = [
    choice(Cadence.NOW, lazy("At once")),
    choice(Cadence.DAILY, lazy("In the daily e-mail")),
    choice(Cadence.NEVER, lazy("Never")),
]


class LettersForm(Form):
    """How often each kind comes by mail: one field a kind, named by its slug."""

    @property
    def chosen(self) -> dict[str, Cadence]:
        """Kind → how often, once the form has been checked."""
        return {slug: Cadence(field.data) for slug, field in self._fields.items() if isinstance(field, RadioField)}


def letters_form(kinds: Mapping[str, NoticeKind], **chosen: Cadence) -> LettersForm:
    """The form with a field for each of these kinds, at what was chosen of it."""
    fields = {slug: RadioField(kind.name, description=kind.about, choices=CADENCES) for slug, kind in kinds.items()}
    made: LettersForm = type("LettersForm", (LettersForm,), fields)(**chosen)
    return made
