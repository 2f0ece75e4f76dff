"""The Markdown files of a step: English, and the translations made from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from portal.core.content import Document, Problems, fingerprint
from portal.core.content_files import ContentFiles
from portal.core.headings import (
    check_levels,
    check_same_headings,
    headings_of,
    render_under_anchors,
    under_anchors,
)
from portal.core.i18n import SOURCE_LANGUAGE
from portal.core.markdown import parse_markdown
from portal.tracks.content import Evidence, QuizQuestion, StepText
from portal.tracks.quiz import check_questions, check_translated, questions, translated
from portal.tracks.tables import StepFrontMatter, TableReader, TranslatedFrontMatter


def read_texts(
    source: Path, translations: Mapping[str, Path], evidence: Evidence, content: ContentFiles, problems: Problems
) -> dict[str, StepText]:
    """The step in every language in which it can be read; empty when the English file cannot."""
    document = content.read_markdown(source, problems)
    english = _english(document, evidence, problems) if document else None
    if document is None or english is None:
        return {}
    read = {code: content.read_markdown(path, problems) for code, path in translations.items()}
    others = {code: _translation(code, one, document, english, problems) for code, one in read.items() if one}
    return {SOURCE_LANGUAGE: english, **{code: text for code, text in others.items() if text}}


def _english(document: Document, evidence: Evidence, problems: Problems) -> StepText | None:
    reader = _reader(document, problems)
    check_levels(document, problems)
    front_matter = reader.read(StepFrontMatter, document.meta)
    if front_matter is None:
        return None
    check_questions(reader, front_matter.quiz)
    _check_evidence(reader, front_matter, evidence)
    return _text(SOURCE_LANGUAGE, document, document, front_matter, questions(front_matter.quiz))


def _check_evidence(reader: TableReader, front_matter: StepFrontMatter, evidence: Evidence) -> None:
    if evidence is Evidence.QUIZ and not front_matter.quiz:
        mend = 'add quiz: with its questions, or write evidence = "self-declared" in track.toml'
        reader.note(("quiz",), "the step asks for a quiz and has none", mend)
    if evidence is not Evidence.QUIZ and front_matter.quiz:
        what = f"there is a quiz, but the step asks for {evidence}"
        reader.note(("quiz",), what, 'write evidence = "quiz" in track.toml, or remove the quiz')
    if evidence is Evidence.QUIZ and front_matter.prove:
        reader.note(("prove",), "prove stands at a step with a quiz", "remove it: only self-declared steps ask for it")


def _translation(
    language: str, document: Document, source: Document, english: StepText, problems: Problems
) -> StepText | None:
    reader = _reader(document, problems)
    front_matter = reader.read(TranslatedFrontMatter, document.meta)
    if front_matter is None:
        return None
    if front_matter.translates != fingerprint(source.path.read_text(encoding="utf-8")):
        # English is shown in its place until somebody brings it up to date: its units need not fit until then.
        return _text(language, document, source, front_matter, english.quiz, is_stale=True)
    check_levels(document, problems)
    check_same_headings(document, source, problems)
    _check_prove(reader, front_matter, english)
    if not check_translated(reader, english.quiz, front_matter.quiz):
        return None
    return _text(language, document, source, front_matter, translated(english.quiz, front_matter.quiz))


def _check_prove(reader: TableReader, front_matter: TranslatedFrontMatter, english: StepText) -> None:
    if bool(front_matter.prove.strip()) != bool(english.prove.strip()):
        mend = "translate it" if english.prove else "remove it"
        reader.note(("prove",), "prove stands in only one of this file and the English one", mend)


def _text(
    language: str,
    document: Document,
    source: Document,
    front_matter: StepFrontMatter | TranslatedFrontMatter,
    quiz: tuple[QuizQuestion, ...],
    is_stale: bool = False,
) -> StepText:
    anchors = [heading.id for heading in headings_of(source.body)]
    return StepText(
        language=language,
        title=front_matter.title,
        summary=front_matter.summary,
        prove=front_matter.prove,
        html=render_under_anchors(document.body, anchors),
        headings=under_anchors(headings_of(document.body), anchors),
        word_count=_count_words(document.body),
        quiz=quiz,
        is_stale=is_stale,
    )


def _count_words(body: str) -> int:
    """What there is to read, commands and output too."""
    return sum(len(token.content.split()) for token in parse_markdown(body) if token.type in {"inline", "fence"})


def _reader(document: Document, problems: Problems) -> TableReader:
    return TableReader(document.path, document.lines, problems)
