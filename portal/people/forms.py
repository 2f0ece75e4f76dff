"""What people type about themselves and at the door."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import EmailField, Field, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from portal.core.forms import Form, trimmed
from portal.core.i18n import MENU, lazy
from portal.people import passwords, rules

LONGEST_EMAIL = 254
LANGUAGE_CHOICES = [(language.code, language.name) for language in MENU]


def _filled(sentence: Any) -> InputRequired:
    return InputRequired(sentence)


def _tidy_email(typed: str | None) -> str | None:
    """The address in the form in which it is kept; what is none stays as it was typed, to be shown again."""
    try:
        found = validate_email((typed or "").strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return trimmed(typed)
    return found.ascii_email


def _can_be_email(_form: Form, field: Field) -> None:
    try:
        validate_email(field.data or "", check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValidationError(lazy("Write it like name@example.org.")) from None


def _can_be_username(_form: Form, field: Field) -> None:
    _object(rules.objection_to_username(rules.tidy_username(field.data)))


def _can_be_name(_form: Form, field: Field) -> None:
    _object(rules.objection_to_name(rules.tidy_name(field.data)))


def _object(objection: Any) -> None:
    if objection is not None:
        raise ValidationError(objection)


def _email_field(label: Any) -> EmailField:
    length = Length(max=LONGEST_EMAIL, message=lazy("Use at most 254 characters."))
    # The name tells the browser's own help what belongs here.
    return EmailField(label, [Optional(), length, _can_be_email], [_tidy_email], render_kw={"autocomplete": "email"})


def _old_password(label: Any) -> PasswordField:
    given = _filled(lazy("Type your password."))
    return PasswordField(label, [given], render_kw={"autocomplete": "current-password"})


def _new_password(label: Any) -> PasswordField:
    given = _filled(lazy("Choose a password."))
    hints = {"autocomplete": "new-password", "minlength": passwords.SHORTEST, "maxlength": passwords.LONGEST}
    return PasswordField(label, [given], render_kw=hints)


class SignUpForm(Form):
    """A new account."""

    username = StringField(
        lazy("Username"),
        [_filled(lazy("Choose a username.")), _can_be_username],
        [trimmed],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "maxlength": 39},
    )
    display_name = StringField(
        lazy("Name"),
        [
            _filled(lazy("Tell us what to call you.")),
            Length(max=rules.LONGEST_NAME, message=lazy("Use at most 80 characters.")),
            _can_be_name,
        ],
        [trimmed],
        render_kw={"autocomplete": "name", "maxlength": rules.LONGEST_NAME},
    )
    email = _email_field(lazy("E-mail (you can leave it out)"))
    password = _new_password(lazy("Password"))
    language = SelectField(lazy("Language of the pages and letters"), choices=LANGUAGE_CHOICES)

    def validate_password(self, field: Field) -> None:
        """Judge the password together with the names that others know."""
        known = (self.username.data or "", self.display_name.data or "", (self.email.data or "").partition("@")[0])
        _object(passwords.objection(field.data, known))


class SignInForm(Form):
    """A person comes back."""

    username = StringField(
        lazy("Username"),
        [_filled(lazy("Type your username."))],
        [trimmed],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _old_password(lazy("Password"))
