"""The quiz of a step: what makes a question sound, and its translation put over the English one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.core.line_numbers import Place
from portal.tracks.content import Answer, Question, QuestionKind
from portal.tracks.tables import (
    AnswerTable,
    QuestionTable,
    Sheet,
    TranslatedAnswer,
    TranslatedQuestion,
)


def questions(tables: Iterable[QuestionTable]) -> tuple[Question, ...]:
    """The questions as the English file has them."""
    return tuple(
        Question(table.id, table.ask, table.kind, _answers(table.answers), tuple(table.accept), table.because)
        for table in tables
    )


def translated(source: Iterable[Question], tables: Iterable[TranslatedQuestion]) -> tuple[Question, ...]:
    """The English questions in the words of a translation that has each of them."""
    by_id = {table.id: table for table in tables}
    return tuple(_translated(question, by_id[question.id]) for question in source)


def check_questions(sheet: Sheet, tables: Sequence[QuestionTable]) -> None:
    """Each question can be answered, each answer is explained, each id stands once."""
    _check_ids(sheet, "question", [table.id for table in tables], ("quiz",))
    for place, table in enumerate(tables):
        _check_ids(sheet, "answer", [answer.id for answer in table.answers], ("quiz", place, "answers"))
        if table.kind is QuestionKind.SHORT:
            _check_short(sheet, table, ("quiz", place))
        else:
            _check_choice(sheet, table, ("quiz", place))


def check_translated(sheet: Sheet, source: Sequence[Question], tables: Sequence[TranslatedQuestion]) -> bool:
    """Whether the translation has every question and answer of the English file, in its order, and no others."""
    if not _check_units(sheet, "question", [one.id for one in source], [one.id for one in tables], ("quiz",)):
        return False
    checks = [_check_unit(sheet, *pair, ("quiz", n)) for n, pair in enumerate(zip(source, tables, strict=True))]
    return all(checks)


def _check_unit(sheet: Sheet, question: Question, table: TranslatedQuestion, place: Place) -> bool:
    if question.because and not table.because.strip():
        sheet.note(place, f"the question {question.id} has no because", "translate the one of the English file")
        return False
    ours, theirs = [answer.id for answer in table.answers], [answer.id for answer in question.answers]
    return _check_units(sheet, f"answer of {question.id}", theirs, ours, (*place, "answers"))


def _check_units(sheet: Sheet, kind: str, source: list[str], ours: list[str], place: Place) -> bool:
    if source == ours:
        return True
    for missing in (one for one in source if one not in ours):
        sheet.note(place, f"the {kind} “{missing}” is not translated", "add it, with the id of the English file")
    for number, one in enumerate(ours):
        if one not in source:
            sheet.note((*place, number), f"the English file has no {kind} “{one}”", "remove it, or mend its id")
    if sorted(source) == sorted(ours):
        what = f"{', '.join(ours)} stand in another order than in the English file"
        sheet.note(place, what, f"write {', '.join(source)}")
    elif set(source) == set(ours):
        sheet.note(place, f"the id of a {kind} stands twice", f"write {', '.join(source)}, each once")
    return False


def _check_ids(sheet: Sheet, kind: str, ids: list[str], place: Place) -> None:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            mend = f"give each {kind} an id of its own"
            sheet.note((*place, number, "id"), f"the {kind} id “{one}” stands twice", mend)


def _check_short(sheet: Sheet, table: QuestionTable, place: Place) -> None:
    if table.answers:
        sheet.note((*place, "answers"), f"the short question {table.id} has answers", 'use accept: ["…"] instead')
    if not table.accept:
        sheet.note(place, f"the short question {table.id} accepts nothing", 'add accept: ["…"]')
    if not table.because.strip():
        sheet.note(place, f"the question {table.id} has no because", "say why the answer is right")


def _check_choice(sheet: Sheet, table: QuestionTable, place: Place) -> None:
    right = sum(answer.right for answer in table.answers)
    if table.accept:
        sheet.note((*place, "accept"), f"accept stands at {table.id}, which is no short question", "remove it")
    if len(table.answers) < 2:
        sheet.note(place, f"the question {table.id} has fewer than two answers", "give people something to choose from")
    elif table.kind is QuestionKind.SINGLE and right != 1:
        what = f"the question {table.id} is single and has {right} right answers"
        sheet.note(place, what, "mark exactly one with right: true, or make it kind: multiple")
    elif right == 0:
        sheet.note(place, f"the question {table.id} has no right answer", "mark at least one with right: true")


def _answers(tables: Iterable[AnswerTable]) -> tuple[Answer, ...]:
    return tuple(Answer(table.id, table.text, table.right, table.because) for table in tables)


def _translated(question: Question, table: TranslatedQuestion) -> Question:
    pairs = zip(question.answers, table.answers, strict=True)
    answers = tuple(_translated_answer(answer, words) for answer, words in pairs)
    accept = tuple(table.accept) or question.accept
    return Question(question.id, table.ask, question.kind, answers, accept, table.because)


def _translated_answer(answer: Answer, words: TranslatedAnswer) -> Answer:
    return Answer(answer.id, words.text, answer.is_right, words.because)
