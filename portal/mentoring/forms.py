"""What newcomers, mentors and coordinators type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as Part
from wtforms.validators import DataRequired, InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.formats import duration
from portal.core.forms import Form, Length, WholeNumber, choice, text_of, trimmed, trimmed_lines, with_number
from portal.core.i18n import _, current_language, current_locale, current_zone, lazy, ngettext
from portal.mentoring import labels, rules
from portal.mentoring.models import EndReason, Need, Request
from portal.mentoring.queries.mentors import DirectoryFilters, SkillSupply
from portal.mentoring.queries.requests import RequestDemand, RequestFilters
from portal.mentoring.rules import Ask
from portal.people.content import Skills
from portal.people.rules import language_names

NAME_LENGTH = 80
"""So many characters of a name are looked for."""
CODE_LENGTH = 16


def _text(label: Any, needed: Any = None, *, shortest: int = 0, longest: int, **render: Any) -> TextAreaField:
    lengths = Length(
        min=shortest or -1,
        max=longest,
        message=lazy("Write at least %(min)d characters, and %(max)d at most.")
        if shortest
        else lazy("Write %(max)d characters at most."),
    )
    checks = [DataRequired(needed), lengths] if needed else [lengths]
    return TextAreaField(label, checks, [trimmed_lines], render_kw={"rows": 4, "maxlength": longest, **render})


class NeedPart(Part):
    """One skill that is asked for; an empty one is left out."""

    skill = StringField(lazy("Skill"), filters=[trimmed], render_kw={"list": "skills", "autocomplete": "off"})
    need = SelectField(
        lazy("How much"), choices=[choice(*need) for need in labels.NEEDS.items()], validate_choice=False
    )


class AskForm(Form):
    """What a newcomer asks for."""

    goal = _text(
        lazy("Your goal"),
        lazy("Say what you want to reach: mentors read this first."),
        shortest=rules.GOAL_SHORTEST,
        longest=rules.GOAL_LONGEST,
        rows=6,
    )
    needs = FieldList(
        FormField(NeedPart), lazy("Skills"), min_entries=rules.NEEDS_AT_MOST, max_entries=rules.NEEDS_AT_MOST
    )
    languages = SelectMultipleField(
        lazy("Languages"),
        [InputRequired(lazy("Choose at least one language in which a mentor can speak to you."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, skills: Skills, spoken: Iterable[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self._skills = skills
        self.languages.choices = [choice(code, label) for code, label in spoken]

    def validate_needs(self, field: Any) -> None:
        """At least one skill, each known here, each once."""
        chosen: list[str] = []
        for part in field:
            if typed := text_of(part.form.skill):
                self._check(part.form.skill, typed, chosen)
        if any(part.form.skill.errors for part in field):
            raise ValidationError(lazy("Look at the skills again: one of them needs another name."))
        if not chosen:
            raise ValidationError(lazy("Name at least one skill. This page lists all that the portal knows."))

    def ask(self) -> Ask:
        """What was asked for, once it has been checked."""
        needs = {}
        for part in self.needs:
            if skill := self._skills.find(text_of(part.form.skill)):
                needs[skill.slug] = Need.WANT if part.form.need.data == Need.WANT else Need.MUST
        return Ask(text_of(self.goal), needs, frozenset(self.languages.data or ()))

    def _check(self, field: Field, typed: str, chosen: list[str]) -> None:
        skill = self._skills.find(typed)
        if skill is None:
            field.errors = [*field.errors, self._unknown(typed)]
        elif skill.slug in chosen:
            field.errors = [*field.errors, lazy("This skill is here twice. Leave one of the two empty.")]
        else:
            chosen.append(skill.slug)

    def _unknown(self, typed: str) -> Any:
        near = get_close_matches(typed.casefold(), self._skills.words, n=1, cutoff=0.6)
        if near:
            name = self._skills.name(self._skills.words[near[0]], current_language().code)
            return lazy("The portal has no skill of this name. Did you mean %(name)s?", name=name)
        return lazy("The portal has no skill of this name. Choose one that this page lists.")


def values_of(request: Request, skills: Skills) -> dict[str, Any]:
    """A request as the form shows it, to be changed."""
    code = current_language().code
    needs = [{"skill": skills.name(need.skill, code), "need": need.need} for need in request.needs]
    return {"goal": request.goal, "needs": needs, "languages": [language.code for language in request.languages]}


class DirectoryForm(Part):
    """What the directory is narrowed to: a name, skills and languages that some mentor has, or a free seat."""

    name = StringField(lazy("Name"), filters=[trimmed], render_kw={"type": "search", "maxlength": NAME_LENGTH})
    skill = SelectField(lazy("Skill"), validate_choice=False)
    language = SelectField(lazy("Language"), validate_choice=False)
    free = BooleanField(lazy("with a free seat"))

    def __init__(self, skills: Skills, offered: SkillSupply, typed: Any) -> None:
        super().__init__(typed)
        code, names = current_language().code, language_names(current_locale())
        self._skill = skills.find(text_of(self.skill))
        known = [skill for group in skills.groups for skill in group.skills if skill.slug in offered.by_skill]
        spoken = sorted(offered.by_language, key=lambda code_spoken: names.get(code_spoken, code_spoken))
        by_skill = ((skill.slug, with_number(skill.name_in(code), offered.by_skill[skill.slug])) for skill in known)
        by_language = ((one, with_number(names.get(one, one), offered.by_language[one])) for one in spoken)
        self.skill.choices = [choice("", _("any")), *(choice(*one) for one in by_skill)]
        self.language.choices = [choice("", _("any")), *(choice(*one) for one in by_language)]

    @property
    def filters(self) -> DirectoryFilters:
        """What was asked for, as the query takes it."""
        skill = self._skill.slug if self._skill else ""
        return DirectoryFilters(skill, text_of(self.language), bool(self.free.data), text_of(self.name)[:NAME_LENGTH])

    @property
    def in_use(self) -> list[tuple[str, str]]:
        """The filters that are set, by key, with what they are called."""
        language = text_of(self.language)
        skill = self._skill.name_in(current_language().code) if self._skill else ""
        named = language_names(current_locale()).get(language, language)
        free = _("with a free seat") if self.free.data else ""
        name = _("“%(text)s”", text=self.filters.name) if self.filters.name else ""
        labels_in_use = (("name", name), ("skill", skill), ("language", named), ("free", free))
        return [(key, label) for key, label in labels_in_use if label]


class RequestsForm(Part):
    """What a list of requests is narrowed to: a skill that some request asks for, words of a name or a goal."""

    text = StringField(lazy("Name or goal"), filters=[trimmed], render_kw={"type": "search", "maxlength": NAME_LENGTH})
    skill = SelectField(lazy("Skill"), validate_choice=False)

    def __init__(self, skills: Skills, asked: Mapping[str, int], typed: Any) -> None:
        super().__init__(typed)
        self._skills = skills
        self.skill.data = chosen_skill(skills, typed)
        # A shared address may name one that nobody asks for any more.
        by_skill = {**({self.skill.data: 0} if self.skill.data else {}), **asked}
        named = sorted((self._name(slug), slug, number) for slug, number in by_skill.items())
        offered = (choice(slug, with_number(name, number)) for name, slug, number in named)
        self.skill.choices = [choice("", _("any")), *offered]

    @property
    def filters(self) -> RequestFilters:
        """What was asked for, as the query takes it."""
        return RequestFilters(self.skill.data, text_of(self.text)[:NAME_LENGTH])

    @property
    def in_use(self) -> list[tuple[str, str]]:
        """The filters that are set, by key, with what they are called."""
        text = _("“%(text)s”", text=self.filters.text) if self.filters.text else ""
        skill = _("Skill: %(name)s", name=self._name(self.skill.data)) if self.skill.data else ""
        return [(key, label) for key, label in (("text", text), ("skill", skill)) if label]

    def _name(self, slug: str) -> str:
        return self._skills.name(slug, current_language().code)


class AllRequestsForm(RequestsForm):
    """What the coordinators' list is narrowed to: a language, how long they wait, those that have expired, too."""

    language = SelectField(lazy("Language"), validate_choice=False)
    wait = SelectField(lazy("Waiting"), validate_choice=False)

    def __init__(self, skills: Skills, asked: RequestDemand, patience: timedelta, now: datetime, typed: Any) -> None:
        super().__init__(skills, asked.by_skill, typed)
        self._late_since = now - patience
        names = language_names(current_locale())
        by_language = {**({self._language: 0} if self._language else {}), **asked.by_language}
        spoken = sorted((names.get(code, code), code, number) for code, number in by_language.items())
        any_of_them = choice("", _("any"))
        self.language.choices = [any_of_them, *(choice(code, with_number(name, n)) for name, code, n in spoken)]
        self._waits = {"late": _("longer than %(time)s", time=duration(patience)), "expired": _("expired")}
        numbers = {"late": asked.late, "expired": asked.expired}
        waits = (choice(key, with_number(label, numbers[key])) for key, label in self._waits.items())
        self.wait.choices = [any_of_them, *waits]

    @property
    def filters(self) -> RequestFilters:
        """What was asked for, as the query takes it."""
        wait = text_of(self.wait)
        return replace(
            super().filters,
            language=self._language,
            asked_before=self._late_since if wait == "late" else None,
            has_expired=wait == "expired",
        )

    @property
    def in_use(self) -> list[tuple[str, str]]:
        """The filters that are set, by key, with what they are called."""
        wait, language = self._waits.get(text_of(self.wait), ""), self._language
        named = language_names(current_locale()).get(language, language)
        more = (("language", named), ("wait", _("Waiting: %(text)s", text=wait) if wait else ""))
        return [*super().in_use, *((key, label) for key, label in more if label)]

    @property
    def _language(self) -> str:
        return text_of(self.language)[:CODE_LENGTH]


def chosen_skill(skills: Skills, typed: Any) -> str:
    """The slug of the skill that an address narrows a list to; empty for none, or one that is not known here."""
    skill = skills.find(typed.get("skill", ""))
    return skill.slug if skill else ""


class MentorForm(Form):
    """What a mentor offers."""

    pitch = _text(
        lazy("What you can help with"),
        lazy("Write a sentence or two: newcomers read this first."),
        longest=rules.PITCH_LENGTH,
    )
    capacity = WholeNumber(
        lazy("How many people you mentor at once"),
        [InputRequired(lazy("Type a number.")), NumberRange(0, rules.CAPACITY_AT_MOST)],
    )


class AwayForm(Form):
    """Until when a mentor is away."""

    until = DateField(lazy("Away until"), [InputRequired(lazy("Choose the day on which you are back."))])

    def moment(self) -> datetime:
        """The beginning of that day where the mentor lives."""
        day: Any = self.until.data
        return datetime.combine(day, time(), current_zone()).astimezone(UTC)


class MentoringReasonForm(Form):
    """A reason that somebody else will read."""

    reason = _text(lazy("Reason"), lazy("Say why, in a sentence that helps."), longest=500)


class SkipForm(Form):
    """Why a request is not for this mentor, if they want to say."""

    reason = _text(lazy("Why (optional)"), longest=240, rows=2)


class MessageForm(Form):
    """A word in a pairing."""

    text = _text(lazy("Your message"), lazy("Write something first."), longest=rules.MESSAGE_LENGTH)


class CompleteForm(Form):
    """A few words of thanks at the end."""

    thanks = _text(lazy("A few words to the other person (optional)"), longest=1000)


class EndForm(Form):
    """Why a pairing ends before its goal."""

    reason = SelectField(
        lazy("Reason"), choices=[choice(str(reason), labels.END_REASONS[reason]) for reason in labels.CHOSEN_REASONS]
    )
    note = _text(lazy("A few words about it (optional)"), longest=1000)
    ask_again = BooleanField(lazy("Put my request back in the mentors’ lists"), default=True)

    @property
    def chosen(self) -> EndReason:
        """The reason that was chosen."""
        return EndReason(self.reason.data)


class OverseeForm(Form):
    """A coordinator ends a pairing, or moves the mentee to another mentor."""

    mentor = SelectField(lazy("Who goes on as mentor"))
    note = _text(lazy("What both will read about it"), lazy("Say why, in a sentence that helps."), longest=1000)

    def __init__(self, mentors: Mapping[str, str], **values: Any) -> None:
        super().__init__(**values)
        nobody = choice("", _("Nobody for now: the request goes back to the mentors’ lists"))
        self.mentor.choices = [nobody, *(choice(*mentor) for mentor in mentors.items())]


class ProposeForm(Form):
    """A coordinator asks a mentor to take a request."""

    mentor = SelectField(lazy("Whom to ask"))
    note = _text(lazy("A few words to the mentor (optional)"), longest=1000, rows=2)

    def __init__(self, mentors: Iterable[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.mentor.choices = [choice(*mentor) for mentor in mentors]


class AdviceForm(Form):
    """What a coordinator writes to somebody who waits."""

    text = _text(lazy("Your message"), lazy("Write something first."), longest=1000)


def mentors_count(count: int) -> str:
    """How many mentors, in words; said kindly where there is none."""
    return ngettext("%(num)s mentor", "%(num)s mentors", count) if count else _("no mentor yet")
