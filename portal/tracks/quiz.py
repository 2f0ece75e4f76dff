"""The quiz of a step: what makes a question sound, and its translation put over the English one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.core.line_numbers import KeyPath
from portal.tracks.content import QuestionKind, QuizAnswer, QuizQuestion
from portal.tracks.tables import (
    AnswerTable,
    QuestionTable,
    TableReader,
    TranslatedAnswer,
    TranslatedQuestion,
)


def questions(tables: Iterable[QuestionTable]) -> tuple[QuizQuestion, ...]:
    """The questions as the English file has them."""
    return tuple(
        QuizQuestion(table.id, table.ask, table.kind, _answers(table.answers), tuple(table.accept), table.because)
        for table in tables
    )


def translated(source: Iterable[QuizQuestion], tables: Iterable[TranslatedQuestion]) -> tuple[QuizQuestion, ...]:
    """The English questions in the words of a translation that has each of them."""
    by_id = {table.id: table for table in tables}
    return tuple(_translated(question, by_id[question.id]) for question in source)


def check_questions(reader: TableReader, tables: Sequence[QuestionTable]) -> None:
    """Each question can be answered, each answer is explained, each id stands once."""
    _check_ids(reader, "question", [table.id for table in tables], ("quiz",))
    for index, table in enumerate(tables):
        _check_ids(reader, "answer", [answer.id for answer in table.answers], ("quiz", index, "answers"))
        if table.kind is QuestionKind.SHORT:
            _check_short(reader, table, ("quiz", index))
        else:
            _check_choice(reader, table, ("quiz", index))


def check_translated(reader: TableReader, source: Sequence[QuizQuestion], tables: Sequence[TranslatedQuestion]) -> bool:
    """Whether the translation has every question and answer of the English file, in its order, and no others."""
    if not _check_units(reader, "question", [unit.id for unit in source], [unit.id for unit in tables], ("quiz",)):
        return False
    checks = [_check_unit(reader, *pair, ("quiz", n)) for n, pair in enumerate(zip(source, tables, strict=True))]
    return all(checks)


def _check_unit(reader: TableReader, question: QuizQuestion, table: TranslatedQuestion, key_path: KeyPath) -> bool:
    if question.because and not table.because.strip():
        reader.note(key_path, f"the question {question.id} has no because", "translate the one of the English file")
        return False
    translated_ids, source_ids = [answer.id for answer in table.answers], [answer.id for answer in question.answers]
    return _check_units(reader, f"answer of {question.id}", source_ids, translated_ids, (*key_path, "answers"))


def _check_units(
    reader: TableReader, kind: str, source_ids: list[str], translated_ids: list[str], key_path: KeyPath
) -> bool:
    if source_ids == translated_ids:
        return True
    for missing in (unit_id for unit_id in source_ids if unit_id not in translated_ids):
        reader.note(key_path, f"the {kind} “{missing}” is not translated", "add it, with the id of the English file")
    for number, unit_id in enumerate(translated_ids):
        if unit_id not in source_ids:
            reader.note((*key_path, number), f"the English file has no {kind} “{unit_id}”", "remove it, or mend its id")
    if sorted(source_ids) == sorted(translated_ids):
        what = f"{', '.join(translated_ids)} stand in another order than in the English file"
        reader.note(key_path, what, f"write {', '.join(source_ids)}")
    elif set(source_ids) == set(translated_ids):
        reader.note(key_path, f"the id of a {kind} stands twice", f"write {', '.join(source_ids)}, each once")
    return False


def _check_ids(reader: TableReader, kind: str, ids: list[str], key_path: KeyPath) -> None:
    for number, unit_id in enumerate(ids):
        if unit_id in ids[:number]:
            mend = f"give each {kind} an id of its own"
            reader.note((*key_path, number, "id"), f"the {kind} id “{unit_id}” stands twice", mend)


def _check_short(reader: TableReader, table: QuestionTable, key_path: KeyPath) -> None:
    if table.answers:
        reader.note((*key_path, "answers"), f"the short question {table.id} has answers", 'use accept: ["…"] instead')
    if not table.accept:
        reader.note(key_path, f"the short question {table.id} accepts nothing", 'add accept: ["…"]')
    if not table.because.strip():
        reader.note(key_path, f"the question {table.id} has no because", "say why the answer is right")


def _check_choice(reader: TableReader, table: QuestionTable, key_path: KeyPath) -> None:
    right = sum(answer.right for answer in table.answers)
    if table.accept:
        reader.note((*key_path, "accept"), f"accept stands at {table.id}, which is no short question", "remove it")
    if len(table.answers) < 2:
        reader.note(
            key_path, f"the question {table.id} has fewer than two answers", "give people something to choose from"
        )
    elif table.kind is QuestionKind.SINGLE and right != 1:
        what = f"the question {table.id} is single and has {right} right answers"
        reader.note(key_path, what, "mark exactly one with right: true, or make it kind: multiple")
    elif right == 0:
        reader.note(key_path, f"the question {table.id} has no right answer", "mark at least one with right: true")


def _answers(tables: Iterable[AnswerTable]) -> tuple[QuizAnswer, ...]:
    return tuple(QuizAnswer(table.id, table.text, table.right, table.because) for table in tables)


def _translated(question: QuizQuestion, table: TranslatedQuestion) -> QuizQuestion:
    pairs = zip(question.answers, table.answers, strict=True)
    answers = tuple(_translated_answer(answer, translation) for answer, translation in pairs)
    accept = tuple(table.accept) or question.accept
    return QuizQuestion(question.id, table.ask, question.kind, answers, accept, table.because)


def _translated_answer(answer: QuizAnswer, translation: TranslatedAnswer) -> QuizAnswer:
    return QuizAnswer(answer.id, translation.text, answer.is_right, translation.because)
