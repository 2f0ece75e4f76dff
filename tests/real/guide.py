"""The commands of a learning track, taken from its step files: what the pages show is what the tests run.

The words behind the language of a fence say what a test does with it; a page does not show them.

- ```sh run            in the reader's folder, in the order of the track
- ```sh aside          in a clone of its own, for what is no part of the way
- ```sh run ssh        only on a walk that goes by SSH; so with https, push and git-review
- ```sh run fails      the command ends with an error, and should
- ```… after=NAME      something happens before it: the reader edits a file, a reviewer votes
- ```text              what the commands above say; … stands for anything
- ```text after=NAME   what is said when that happens
- ```text message      what the reader writes in the editor of `git commit`
- ```text words        something else to read
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.core.content import Problems, load_markdown
from portal.core.markdown import parse_markdown

WAYS = frozenset({"ssh", "https", "push", "git-review"})
HASHES_AND_NUMBERS = re.compile(r"\bI?[0-9a-f]{7,40}\b|\d+")


@dataclass(frozen=True)
class Block:
    """One fence of a step. `words` are those behind its language."""

    where: str
    language: str
    words: frozenset[str]
    text: str

    def says(self, word: str) -> bool:
        """Whether this word stands behind the language."""
        return word in self.words

    @property
    def after(self) -> str:
        """The name of what happens before, or nothing."""
        return next((word.removeprefix("after=") for word in self.words if word.startswith("after=")), "")

    def is_on(self, ways: frozenset[str]) -> bool:
        """Whether somebody who goes these ways meets it."""
        return self.words & WAYS <= ways


def steps_of(track: Path) -> list[str]:
    """The slugs of a track's steps, in their order."""
    plan = tomllib.loads((track / "track.toml").read_text(encoding="utf-8"))
    return [step["slug"] for module in plan["modules"] for step in module["steps"]]


def blocks_of(step: Path) -> Iterator[Block]:
    """Every fence of a step file with a language."""
    document = load_markdown(step, Problems())
    assert document, f"{step} cannot be read"
    for token in parse_markdown(document.body):
        if token.type == "fence" and token.info:
            language, *words = token.info.split()
            line = document.body_line + (token.map[0] if token.map else 0)
            yield Block(f"{step.name}:{line}", language, frozenset(words), token.content)


def missing_lines(shown: str, said: str) -> list[str]:
    """The lines of `shown` that are not in `said`, whatever their numbers, hashes, spaces and capitals."""
    lines = {_plain(line) for line in said.splitlines()}
    return [line for line in shown.splitlines() if not any(_fits(line, one) for one in lines)]


def _fits(shown: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in _plain(shown).split("…"))
    return bool(re.fullmatch(pattern, said))


def _plain(line: str) -> str:
    return " ".join(HASHES_AND_NUMBERS.sub("#", line).casefold().split())
