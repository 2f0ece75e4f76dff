"""The parent of every form: its built-in sentences speak the page's language, and what was typed is trimmed."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, validators
from wtforms.fields import choices
from wtforms.i18n import get_translations

from portal.core import formats
from portal.core.errors import Invalid, PortalError
from portal.core.i18n import _, current_language, known_languages, lazy
from portal.core.refusals import note_refused
from portal.core.returned_forms import returned_form
from portal.core.sent_forms import LOOK, plain_breaks

Answer = TypeVar("Answer")
_ONE_OF_THE_LIST = lazy("Choose from the list.")
SENTENCES: dict[str, Any] = {
    "Not a valid choice.": _ONE_OF_THE_LIST,
    "Invalid Choice: could not coerce.": _ONE_OF_THE_LIST,
    "'%(value)s' is not a valid choice for this field.": _ONE_OF_THE_LIST,
    "Not a valid date value.": lazy("Choose a day, or write it like 2026-12-31."),
    "Not a valid integer value.": lazy("Write a whole number."),
    "Number must be between %(min)s and %(max)s.": lazy("Write a number from %(min)s to %(max)s."),
}
"""What we say where WTForms would say this: its own messages tell what is wrong, but not what to do."""

EMPTY_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
MOST_DIGITS = 9
WTFORMS_SAYS = "Not a valid integer value."


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form of the portal. It carries a CSRF token; errors stand beside their fields."""

    _refused_with = 0

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How WTForms finds its own messages."""

        def get_translations(self, form: Any) -> Any:
            """WTForms' messages, said our way and in the page's language."""
            return _Sentences()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent as a form. Flask-WTF would read JSON too, whose numbers and lists no field can take."""
            is_given = isinstance(formdata, MultiDict)
            if request.method == "POST" and request.is_json and not is_given:
                return MultiDict()
            returned = returned_form()
            if returned and request.method == "GET" and not is_given and (fields := returned.take(form)):
                form.is_returned = True
                return fields
            sent = super().wrap_formdata(form, formdata)
            return sent and MultiDict([(name, _plain(value)) for name, value in sent.items(multi=True)])

    @property
    def is_look(self) -> bool:
        """Whether a button was pressed that only looks something up: the page is shown with it, and all that is typed.

        Such a button stands in the form and is called `form_look`: a search beside a form would lose what is in it.
        """
        return LOOK in request.form

    def is_submitted(self) -> bool:
        """Whether this form was sent to be done."""
        return bool(super().is_submitted()) and not self.is_look

    is_returned = False
    """Whether it holds what was typed before, which has not been done."""

    def refuse(self, field: str, sentence: Any) -> None:
        """Put a refusal that an action gave beside the field it speaks of (else above the form)."""
        errors = self[field].errors if field in self else self.form_errors
        errors.append(sentence)

    def carry_out(self, do: Callable[[], Answer], *refusals: type[PortalError]) -> Answer | None:
        """What `do` answers, when this form was sent in order. None: show the page with the form, with its `status`.

        What `do` refuses as Invalid, or as one of `refusals`, stands beside its field; anything else is an error page.
        Where nothing is refused that the form could mend, `validate_on_submit` is enough.
        """
        if not self.validate_on_submit():
            return None
        try:
            return do()
        except PortalError as refusal:
            if not isinstance(refusal, (Invalid, *refusals)):
                raise
            note_refused(refusal)
            self.refuse(getattr(refusal, "field", ""), refusal.message)
            self._refused_with = refusal.status
            return None

    @property
    def status(self) -> int:
        """What the page that shows this form is answered with: 200 at first, else why it comes back."""
        return self._refused_with or (422 if self.errors else 200)


def require_sound(form: Form) -> None:
    """Raises Invalid with the first thing that is wrong in a form whose page is not shown again."""
    if not form.validate():
        name, errors = next(iter(form.errors.items()))
        raise Invalid(errors[0], name or "")


class _Sentences:
    """Our sentence for a message of WTForms; where we have none, its own (WTForms knows CLDR names only)."""

    def __init__(self) -> None:
        language = current_language()
        # It fails where it has none of them; it always has English, to which every language falls back.
        spoken = (language, *(known_languages()[code] for code in language.fallbacks))
        self._theirs = get_translations([one.locale for one in spoken])

    def gettext(self, message: str) -> str:
        """A message, still with its placeholders."""
        return str(SENTENCES.get(message) or self._theirs.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The same where the number matters to WTForms."""
        return str(SENTENCES.get(singular) or self._theirs.ngettext(singular, plural, number))


class Length(validators.Length):
    """How long a text may be, counted as browsers do for `maxlength`: in UTF-16 code units, a line break as one."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raises ValidationError for a text that is too short or too long."""
        counted: Any = SimpleNamespace(data="." * code_units(field.data or ""))
        counted.gettext, counted.ngettext = field.gettext, field.ngettext
        super().__call__(form, counted)


class WholeNumber(IntegerField):
    """A number of at most nine digits: a check of its range could not even compare a far longer one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        if valuelist and len(valuelist[0].strip()) > MOST_DIGITS:
            self.data = None
            raise ValueError(self.gettext(WTFORMS_SAYS))
        super().process_formdata(valuelist)


def _plain(value: Any) -> Any:
    return plain_breaks(value) if isinstance(value, str) else value


def code_units(text: str) -> int:
    """The length that HTML gives a text: an emoji counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def choice(value: str, label: Any, group: Any = None) -> Any:
    """One choice of a SelectField; those with the same group stand together under its name."""
    return choices.SelectChoice(value, label, optgroup=group)  # type: ignore[attr-defined]  # newer than its types


def with_number(label: Any, number: int) -> str:
    """A choice of a filter with how many it finds, such as "Python (12)"."""
    return _("%(label)s (%(number)s)", label=label, number=formats.number(number))


def trimmed(typed: str | None) -> str | None:
    """A filter for text fields: without spaces around it."""
    return typed.strip() if typed else typed


def trimmed_lines(typed: str | None) -> str | None:
    """A filter for texts of several lines: without empty ones around it. What its first line begins with stays."""
    return EMPTY_LINES.sub("", typed.rstrip()) if typed else typed


def text_of(field: Field) -> str:
    """What was typed into a field that has been checked; empty when nothing was."""
    return str(field.data or "")
