"""What people write and choose to show that a step is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.forms import Form, Length, choice, trimmed, trimmed_lines
from portal.core.i18n import lazy
from portal.tracks.content import QuestionKind, QuizQuestion
from portal.tracks.models import NOTE_LENGTH

ANSWER_LENGTH = 300
PREFIX = "q-"


class NoteForm(Form):
    """What shows that a step is done, for one's mentor; the step itself says what to write. Nobody has to."""

    note = TextAreaField(
        lazy("Your note"),
        [Length(max=NOTE_LENGTH)],
        filters=[trimmed_lines],
        render_kw={"rows": 4, "maxlength": NOTE_LENGTH},
    )

    def __init__(self, prove: str, **values: Any) -> None:
        super().__init__(**values)
        if prove:
            self.note.label.text = prove


class LearntForm(Form):
    """The skills that a finished track taught: those to take over into one's profile, all of them at first."""

    track = HiddenField()
    skills = SelectMultipleField(
        lazy("Skills"),
        [DataRequired(lazy("Choose at least one."))],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, offered: Mapping[str, str], **values: Any) -> None:
        """`offered` leads from a skill's slug to its name with the level."""
        super().__init__(**values)
        self.skills.choices = [choice(slug, label) for slug, label in offered.items()]


class QuizForm(Form):
    """The parent of each quiz: its questions are fields, in their order."""

    @property
    def answers(self) -> dict[str, list[str]]:
        """What was answered, by the question's id."""
        return {
            field.name.removeprefix(PREFIX): [field.data] if isinstance(field.data, str) else list(field.data or ())
            for field in self
            if field.name.startswith(PREFIX)
        }


def quiz_form(questions: Sequence[QuizQuestion], before: Mapping[str, Sequence[str]]) -> QuizForm:
    """The form of this quiz, with the answers given `before`."""
    fields = {PREFIX + question.id: _field(question) for question in questions}
    kind = type("ThisQuizForm", (QuizForm,), fields)
    known = {question.id: question for question in questions}
    data = {PREFIX + name: _as_data(known[name], answers) for name, answers in before.items() if name in known}
    form: QuizForm = kind(data=data)
    return form


def _field(question: QuizQuestion) -> Any:
    choices = [choice(answer.id, answer.text) for answer in question.answers]
    if question.kind is QuestionKind.SINGLE:
        return RadioField(question.ask, [_answered], choices=choices, validate_choice=False)
    if question.kind is QuestionKind.MULTIPLE:
        widgets: Any = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
        return SelectMultipleField(question.ask, [_answered], choices=choices, **widgets)
    typing: Any = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "maxlength": ANSWER_LENGTH}
    return StringField(question.ask, [_answered, Length(max=ANSWER_LENGTH)], filters=[trimmed], render_kw=typing)


def _answered(_form: Form, field: Field) -> None:
    if not field.data:
        raise ValidationError(lazy("Answer this question too."))


def _as_data(question: QuizQuestion, answers: Sequence[str]) -> Any:
    return list(answers) if question.kind is QuestionKind.MULTIPLE else (answers[0] if answers else "")
