"""The body of a role file: fixed headings in a fixed order, so that every role can be read and compared alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.core.content import Document, Problems
from portal.core.markdown import parse_markdown

HEADINGS = (
    "## Responsibilities",
    "### Must",
    "### Should",
    "### May",
    "## How to enter",
    "## Term",
    "## How to leave and hand over",
)
PARTS = ("", "must", "should", "may", "entry", "term", "leaving")
LISTS = ("must", "should", "may")


@dataclass(frozen=True)
class RoleSection:
    """A heading with its # signs, its line, and the Markdown under it."""

    heading: str
    line: int
    text: str

    @property
    def level(self) -> int:
        """How many # signs the heading has."""
        return len(self.heading) - len(self.heading.lstrip("#"))

    @property
    def entries(self) -> int:
        """How many entries the list in it has."""
        return sum(token.type == "list_item_open" and token.level == 1 for token in parse_markdown(self.text))


def split(document: Document, problems: Problems) -> list[RoleSection]:
    """The sections of a file, and a problem when text stands before the first."""
    lines = document.body.splitlines()
    starts = list(_heading_lines(document.body))
    if lines and starts[:1] != [0]:
        mend = "begin the text with the first heading"
        problems.add(document.path, document.body_line, "there is text before the first heading", mend)
    ends = [*starts[1:], len(lines)]
    return [
        RoleSection(lines[start].strip(), document.body_line + start, "\n".join(lines[start + 1 : end]).strip())
        for start, end in zip(starts, ends, strict=False)
    ]


def _heading_lines(body: str) -> Iterator[int]:
    """Where headings stand, counted from 0. A line of code that begins with # is none."""
    for token in parse_markdown(body):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield token.map[0]


def by_part(sections: list[RoleSection]) -> dict[str, str]:
    """The text of each part of a role, of sections that were checked."""
    return {part: section.text for part, section in zip(PARTS, sections, strict=True) if part}


def check_source(document: Document, sections: list[RoleSection], problems: Problems) -> None:
    """Every heading once, in order, with something under it."""
    headings = [section.heading for section in sections]
    for heading in HEADINGS:
        if heading not in headings:
            mend = f"add it; the headings are {', '.join(HEADINGS)}"
            problems.add(document.path, document.body_line, f"the heading “{heading}” is missing", mend)
    for index, section in enumerate(sections):
        if section.heading not in HEADINGS:
            what = f"“{section.heading}” is none of the headings of a role"
            problems.add(document.path, section.line, what, f"use {', '.join(HEADINGS)}")
        elif section.heading in headings[:index]:
            problems.add(document.path, section.line, f"“{section.heading}” stands twice", "keep one of them")
    if sorted(headings) == sorted(HEADINGS):
        _check_order(document, sections, problems)


def check_translation(
    document: Document, sections: list[RoleSection], source: list[RoleSection], problems: Problems
) -> None:
    """The same headings as the English text, each with as many entries."""
    if [section.level for section in sections] != [section.level for section in source]:
        what = f"the headings are not those of {document.path.stem.partition('.')[0]}.md"
        mend = "translate every heading, with as many # and in the same order"
        problems.add(document.path, document.body_line, what, mend)
        return
    for translated, original in zip(sections, source, strict=True):
        if translated.entries != original.entries:
            what = f"“{translated.heading}” has {translated.entries} entries, the English text has {original.entries}"
            problems.add(document.path, translated.line, what, "translate entry by entry")
        elif original.text and not translated.text:
            problems.add(document.path, translated.line, f"nothing stands under “{translated.heading}”", "translate it")


def _check_order(document: Document, sections: list[RoleSection], problems: Problems) -> None:
    for section, heading in zip(sections, HEADINGS, strict=True):
        if section.heading != heading:
            what = f"“{section.heading}” stands where “{heading}” belongs"
            problems.add(document.path, section.line, what, f"keep this order: {', '.join(HEADINGS)}")
            return
    for part, section in zip(PARTS, sections, strict=True):
        if part in LISTS and not section.entries:
            mend = "write at least one entry, on a line that begins with “- ”"
            problems.add(document.path, section.line, f"the list under “{section.heading}” is empty", mend)
        elif part and not section.text:
            problems.add(document.path, section.line, f"nothing stands under “{section.heading}”", "write it")
