"""What keeps no site from starting, but no reader should meet: sentences still to be written, ids that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it.token import Token

from portal.authoring import skeletons
from portal.core.content import Document, Problems, load_markdown, load_toml
from portal.core.content_files import ContentFiles
from portal.core.line_numbers import toml_lines
from portal.core.markdown import parse_with_labels

SENTENCE = re.compile(r'Write: [^"\n]*')
UNWRITTEN = re.compile(
    "|".join(
        re.escape(sentence)
        for skeleton in (skeletons.TRACK, skeletons.STEP, skeletons.PROVE, skeletons.QUIZ, skeletons.ROLE)
        for sentence in SENTENCE.findall(skeleton)
    )
)
"""What `portal content new` wrote, word for word. Authors may well begin a sentence of their own with “Write:”."""
MOST_SHOWN = 60
CODE = {"fence", "code_block"}
SKILLS = "skills.toml"


def check_unfinished(files: ContentFiles, problems: Problems) -> None:
    """Look through every file of the content."""
    for path in (path for name, path in files.paths.items() if name.endswith(".md")):
        # What cannot be read has been told by the feature that the file belongs to.
        document = load_markdown(path, Problems())
        if document:
            _check_words(path, _lines_of(document), problems)
            _check_labels(document, problems)
    for path in (path for name, path in files.paths.items() if name.endswith(".toml")):
        _check_words(path, enumerate(path.read_text("utf-8", "replace").splitlines(), 1), problems)
    _check_groups(files, problems)


def _check_words(path: Path, lines: Iterator[tuple[int, str]], problems: Problems) -> None:
    for number, line in lines:
        if match := UNWRITTEN.search(line):
            words = match[0]
            what = words if len(words) <= MOST_SHOWN else f"{words[:MOST_SHOWN].rstrip()}…"
            problems.add(path, number, f"still to be written: “{what}”", "put your own words in place of it")


def _lines_of(document: Document) -> Iterator[tuple[int, str]]:
    """The lines of the file with their numbers, without those of code: there a word may stand for itself."""
    tokens = parse_with_labels(document.body)[0]
    code = {document.body_line + line for token in tokens if token.type in CODE for line in _lines_in(token)}
    lines = document.path.read_text(encoding="utf-8").splitlines()
    return ((number, line) for number, line in enumerate(lines, 1) if number not in code)


def _lines_in(token: Token) -> range:
    return range(*token.map) if token.map else range(0)


def _check_labels(document: Document, problems: Problems) -> None:
    tokens, labels = parse_with_labels(document.body)
    used = {str(child.meta.get("label")) for token in tokens for child in token.children or ()}
    for label, line in labels.items():
        if label not in used:
            what = f"the address [{label.lower()}] is named, and no link uses it"
            mend = f"write [words][{label.lower()}] where it belongs, or remove the line"
            problems.add(document.path, document.body_line + line, what, mend)


def _check_groups(files: ContentFiles, problems: Problems) -> None:
    tables = {path: load_toml(path, Problems()) for path in files.layers(SKILLS)}
    used = {skill.get("group") for data in tables.values() for skill in _tables(data.get("skills"))}
    for path, data in tables.items():
        _check_groups_of(path, data, used, problems)


def _check_groups_of(path: Path, data: dict[str, object], used: set[object], problems: Problems) -> None:
    lines = toml_lines(path.read_text("utf-8", "replace")) if data else None
    for index, group in enumerate(_tables(data.get("groups"))):
        if lines and group.get("slug") not in used:
            what = f"the group {group.get('slug')} has no skill"
            problems.add(path, lines.of(("groups", index, "slug")), what, "put a skill into it, or remove the group")


def _tables(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
