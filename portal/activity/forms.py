"""What people choose of notices."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField

from portal.activity.kinds import KINDS, Cadence
from portal.core.forms import Form, choice
from portal.core.i18n import lazy

CADENCES = [
    choice(Cadence.NOW, lazy("At once")),
    choice(Cadence.DAILY, lazy("In the daily letter")),
    choice(Cadence.NEVER, lazy("Never")),
]


class _LettersForm(Form):
    """How often each kind comes by mail: one field a kind, named by its slug."""

    @property
    def chosen(self) -> dict[str, Cadence]:
        """Kind → how often, once the form has been checked."""
        return {slug: Cadence(self[slug].data) for slug in KINDS}


_FIELDS: dict[str, Any] = {
    kind.slug: RadioField(kind.name, description=kind.about, choices=CADENCES) for kind in KINDS.values()
}
LettersForm: Any = type("LettersForm", (_LettersForm,), _FIELDS)
