"""What people type about themselves and when they sign in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import request
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FileField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.core.forms import Form, Length, WholeNumber, choice, trimmed, trimmed_lines
from portal.core.i18n import _, current_language, current_locale, lazy, menu_languages, time_zones
from portal.core.time_zones import labels, names_of_browsers, present_name, zones_meant
from portal.core.web import settings
from portal.people import passwords, rules
from portal.people.content import Skills
from portal.people.portraits import SIDE
from portal.people.traps import TrapForm

LONGEST_EMAIL = 254
MOST_ZONES = 12
"""So many time zones are named to somebody whose word means several."""
OFFERED = "offered"
"""The button with the username that the site offers sends it under this name."""
WITH_ABOUT = {"form": "about-form", "data-rejoin": True}
"""Where no script runs these are sent with what is half written about oneself, which so comes back."""
SHOWN = {
    "data-show": lazy("Show the password"),
    "data-hide": lazy("Hide the password"),
    # Once it is shown, a browser could send it away to have its spelling looked at.
    "spellcheck": "false",
    "autocapitalize": "none",
}
"""Where a script runs, what is typed can be looked at; see portal.js."""
STRENGTHS = {
    "data-short": lazy("Too short: use at least 12 characters."),
    "data-weak": lazy("Easy to guess. Add a word or two."),
    "data-fair": lazy("Not bad. One more word makes it good."),
    "data-good": lazy("Good: it looks hard to guess."),
}
"""What the same script says of a password while it is chosen."""
LEVEL_CHOICES = [
    choice("1", lazy("Starting out: I know the concepts")),
    choice("2", lazy("At ease: I have done it with some help")),
    choice("3", lazy("Experienced: I do it on my own")),
    choice("4", lazy("Can teach it: I do it on my own and show others")),
]


def _language_choices() -> list[Any]:
    return [choice(language.code, language.name) for language in menu_languages()]


def _filled(sentence: Any) -> InputRequired:
    return InputRequired(sentence)


def _tidy_email(typed: str | None) -> str | None:
    """The address in the form in which it is kept; what is none stays as it was typed, to be shown again."""
    if len(typed or "") > rules.FAR_TOO_LONG:
        return typed
    try:
        email = validate_email((typed or "").strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return trimmed(typed)
    return email.ascii_email


def _can_be_email(_form: Form, field: Field) -> None:
    try:
        validate_email((field.data or "")[: rules.FAR_TOO_LONG], check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValidationError(lazy("Write it like name@example.org.")) from None


def _can_be_username(_form: Form, field: Field) -> None:
    _object(rules.objection_to_username(rules.tidy_username(field.data)))


def _can_be_name(_form: Form, field: Field) -> None:
    _object(rules.objection_to_name(rules.tidy_name(field.data)))


def _object(objection: Any) -> None:
    if objection is not None:
        raise ValidationError(objection)


def email_field(label: Any) -> EmailField:
    """An address, or none."""
    length = Length(max=LONGEST_EMAIL, message=lazy("Use at most 254 characters."))
    # The name tells the browser's own help what belongs here.
    return EmailField(label, [Optional(), length, _can_be_email], [_tidy_email], render_kw={"autocomplete": "email"})


def _old_password(label: Any) -> PasswordField:
    is_filled = _filled(lazy("Type your password."))
    return PasswordField(label, [is_filled], render_kw={"autocomplete": "current-password", **SHOWN})


def _new_password(label: Any) -> PasswordField:
    is_filled = _filled(lazy("Choose a password."))
    hints = {"autocomplete": "new-password", "minlength": passwords.SHORTEST, "maxlength": passwords.LONGEST}
    return PasswordField(label, [is_filled], render_kw={**hints, **SHOWN, **STRENGTHS})


def _name_field() -> StringField:
    return StringField(
        lazy("Name"),
        [
            _filled(lazy("Tell us what to call you.")),
            Length(max=rules.LONGEST_NAME, message=lazy("Use at most 80 characters.")),
            _can_be_name,
        ],
        [trimmed],
        render_kw={"autocomplete": "name", "maxlength": rules.LONGEST_NAME},
    )


class _NewUsernameField(StringField):
    """A username that is chosen: what was typed, or what the site offered instead and was taken by its button."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed, or pressed."""
        offered = request.form.get(OFFERED)
        super().process_formdata([offered] if offered else valuelist)


def _username_field(label: Any, autocomplete: str = "username") -> _NewUsernameField:
    # No maxlength: a whole name that is pasted here is not cut, but answered with one that can be had.
    hints = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
    return _NewUsernameField(label, [_filled(lazy("Choose a username.")), _can_be_username], [trimmed], render_kw=hints)


class TimeZoneField(StringField):
    """A time zone: a place of the list, or how somebody calls it. What is stored by an old name has its present one.

    It is a text with proposals, for a list of four hundred places is searched by typing.
    """

    def process_data(self, value: Any) -> None:
        """Take what is stored."""
        super().process_data(present_name(value or ""))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed: as the place that it means, where it means one."""
        super().process_formdata([typed[: rules.FAR_TOO_LONG].strip() for typed in valuelist])
        meant = zones_meant(self.data or "", current_locale())
        if len(meant) == 1:
            [self.data] = meant

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError for what is no place, or several."""
        meant = zones_meant(self.data or "", current_locale())
        if len(meant) > 1:
            shown = _(", ").join(meant[:MOST_ZONES]) + ("…" if len(meant) > MOST_ZONES else "")
            raise ValidationError(_("There are several: %(zones)s. Choose one of them.", zones=shown))
        if self.data and self.data not in time_zones():
            raise ValidationError(
                lazy("Choose a place of the list, such as Europe/Paris, or write a city or a country.")
            )

    @property
    def places(self) -> Any:
        """What is proposed: each time zone, and how the reader calls the place."""
        return labels(current_locale()).items()

    @property
    def old_names(self) -> Any:
        """What browsers call some of them, and what they are called now."""
        return dict(names_of_browsers())


def _time_zone_field() -> TimeZoneField:
    hints = {"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
    return TimeZoneField(lazy("Time zone"), render_kw=hints)


class SignUpForm(TrapForm):
    """A new account."""

    username = _username_field(lazy("Username"))
    display_name = _name_field()
    email = email_field(lazy("E-mail (optional)"))
    password = _new_password(lazy("Password"))
    time_zone = _time_zone_field()
    language = SelectField(lazy("Language of the pages and e-mails"), choices=_language_choices)

    def validate_password(self, field: Field) -> None:
        """Judge the password together with the names that others know."""
        typed = (self.username.data or "", self.display_name.data or "", self.email.data or "")
        _object(passwords.objection(field.data, (*typed, settings().site.name)))


class SignInForm(Form):
    """A person comes back."""

    username = StringField(
        lazy("Username"),
        [_filled(lazy("Type your username."))],
        [trimmed],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _old_password(lazy("Password"))


class ProveForm(Form):
    """Somebody who is signed in shows again that it is them."""

    password = _old_password(lazy("Your password"))


class ChangePasswordForm(Form):
    """Another password, asked for by its owner."""

    password = _new_password(lazy("Your new password"))


class UsernameForm(Form):
    """Another username, asked for by its owner."""

    username = _username_field(lazy("Your new username"), autocomplete="off")


class ForgotPasswordForm(Form):
    """Asks for a letter with a reset link."""

    name = StringField(
        lazy("Username or e-mail"),
        [_filled(lazy("Type your username or your e-mail address."))],
        [trimmed],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class ResetPasswordForm(Form):
    """A new password, chosen through the link of a letter."""

    password = _new_password(lazy("Your new password"))


class EmailForm(Form):
    """Another address for letters, or none."""

    email = email_field(lazy("E-mail"))


class ProfileForm(Form):
    """Who somebody is."""

    display_name = _name_field()
    about = TextAreaField(
        lazy("About you"),
        [Length(max=rules.LONGEST_ABOUT, message=lazy("Use at most 4000 characters."))],
        [trimmed_lines],
        render_kw={"rows": 6, "maxlength": rules.LONGEST_ABOUT},
    )
    is_findable = BooleanField(lazy("Others may find me by search"))
    time_zone = _time_zone_field()
    weekly_hours = WholeNumber(
        lazy("Hours a week"),
        [Optional(), NumberRange(0, rules.MOST_WEEKLY_HOURS, lazy("Write a number from 0 to 60, or leave it empty."))],
        render_kw={"min": 0, "max": rules.MOST_WEEKLY_HOURS, "inputmode": "numeric"},
    )
    language = SelectField(lazy("Language of the pages and e-mails"), choices=_language_choices)


class PictureForm(Form):
    """A picture of one's own choice."""

    picture = FileField(
        lazy("Picture"),
        [InputRequired(lazy("Choose a file first."))],
        render_kw={"accept": "image/png,image/jpeg,image/webp", "data-square": SIDE},
    )


class SkillForm(Form):
    """A skill and how well somebody knows it."""

    skill = SelectField(lazy("Skill"), [_filled(lazy("Choose a skill."))], render_kw=WITH_ABOUT)
    level = SelectField(lazy("How well"), coerce=int, choices=LEVEL_CHOICES, render_kw=WITH_ABOUT)

    def __init__(self, skills: Skills) -> None:
        super().__init__()
        code = current_language().code
        named = [
            choice(skill.slug, skill.name_in(code), group.name_in(code))
            for group in skills.groups
            for skill in group.skills
        ]
        self.skill.choices = [choice("", _("Choose a skill")), *named]


class LanguageForm(Form):
    """A language somebody can be spoken to in."""

    spoken = SelectField(lazy("Language"), [_filled(lazy("Choose a language."))], render_kw=WITH_ABOUT)

    def __init__(self) -> None:
        super().__init__()
        named = [choice(code, name) for code, name in rules.language_names(current_locale()).items()]
        self.spoken.choices = [choice("", _("Choose a language")), *named]


class AccountForm(Form):
    """An account somewhere else."""

    service = SelectField(lazy("Where"), render_kw=WITH_ABOUT)
    account = StringField(
        lazy("Username there"),
        [
            _filled(lazy("Type the username you have there.")),
            Length(max=255, message=lazy("Use at most 255 characters.")),
            _can_be_name,
        ],
        [trimmed],
        render_kw={"autocapitalize": "none", "spellcheck": "false", "maxlength": 255, **WITH_ABOUT},
    )

    def __init__(self, services: Iterable[rules.Service]) -> None:
        super().__init__()
        self.service.choices = [choice(service.slug, str(service.label)) for service in services]
