"""The parent of every form: its built-in sentences speak the page's language, and what was typed is trimmed."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields import choices
from wtforms.i18n import get_translations

from portal.core.i18n import current_language


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form of the portal. It carries a CSRF token; errors stand beside their fields."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How WTForms finds its own messages."""

        def get_translations(self, form: Any) -> Any:
            """WTForms' messages in the page's language; WTForms knows CLDR names only."""
            return get_translations([current_language().locale])

    def refuse(self, field: str, sentence: Any) -> None:
        """Put a refusal that an action gave beside the field it speaks of (else above the form)."""
        errors = self[field].errors if field in self else self.form_errors
        errors.append(sentence)


def choice(value: str, label: Any, group: Any = None) -> Any:
    """One choice of a SelectField; those with the same group stand together under its name."""
    return choices.SelectChoice(value, label, optgroup=group)  # type: ignore[attr-defined]  # newer than its types


def trimmed(typed: str | None) -> str | None:
    """A filter for text fields: without spaces around it."""
    return typed.strip() if typed else typed


def text_of(field: Field) -> str:
    """What was typed into a field that has been checked; empty when nothing was."""
    return str(field.data or "")
