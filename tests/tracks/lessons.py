"""The code blocks of a learning track as its reader meets them, and a walk through them that runs every command."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import frontmatter

from portal.core.content import content_folder
from portal.core.markdown import parse_markdown
from tests.tracks.played_gitlab import PlayedGitLab, Seen


@dataclass(frozen=True)
class Block:
    """A fenced block. Its name is the step, the language, and which of this language it is in the step, from 1."""

    name: str
    language: str
    text: str


def blocks_of(track: str) -> list[Block]:
    """All blocks of a track in the order of its steps."""
    folder = content_folder() / "tracks" / track
    modules = tomllib.loads((folder / "track.toml").read_text())["modules"]
    steps = [step["slug"] for module in modules for step in module["steps"]]
    return [block for step in steps for block in _blocks_in(folder / f"{step}.md")]


def commands_within_lines_of(track: str) -> Iterator[str]:
    """Every git command that stands in a sentence of the track, as far as it is more than `git` and a verb."""
    for file in (content_folder() / "tracks" / track).glob("*.md"):
        for token in parse_markdown(frontmatter.loads(file.read_text()).content):
            for child in token.children or []:
                if child.type == "code_inline" and child.content.startswith("git ") and child.content.count(" ") > 1:
                    yield child.content.removesuffix(" ADDRESS")


def _blocks_in(file: Path) -> Iterator[Block]:
    numbers: Counter[str] = Counter()
    for token in parse_markdown(frontmatter.loads(file.read_text()).content):
        if token.type == "fence":
            numbers[token.info] += 1
            yield Block(f"{file.stem} {token.info} {numbers[token.info]}", token.info, token.content)


@dataclass(frozen=True)
class Plan:
    """What a walk has to know of the blocks of a track.

    `scenes` are what the reader does in an editor or on a page, and what others do, before a block; one may give what
    is typed into it. `fail`: commands that end with a failure, which is what the text is about. `only_read`: blocks in
    which nothing is run or printed, and why. `aside` are commands that stand in a sentence of a step: each script is
    tried after its block, in a copy of the reader's folder.
    """

    track: str
    scenes: Mapping[str, Callable[[Walk], str | None]] = field(default_factory=dict)
    fail: frozenset[str] = frozenset()
    only_read: Mapping[str, str] = field(default_factory=dict)
    aside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def named(self) -> set[str]:
        """Every block that the plan speaks of."""
        return set(self.scenes) | self.fail | set(self.only_read) | set(self.aside)

    def runs(self, command: str) -> bool:
        """Whether a line of a block or of a script begins with this command."""
        scripts = [block.text for block in blocks_of(self.track) if block.language == "sh"]
        scripts += [script for several in self.aside.values() for script in several]
        return any(line.startswith(command) for script in scripts for line in script.splitlines())


class Walk:
    """A reader's way through a track: commands are run, and what a `text` block shows must be what was just seen."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.blocks = {block.name: block for block in blocks_of(plan.track)}
        self.gitlab = PlayedGitLab(folder)
        self.done: set[str] = set()
        self._seen = Seen("")

    def to_the_end(self) -> None:
        """Every block from the first to the last. Fails where one is left over that nobody accounts for."""
        assert self.plan.named <= set(self.blocks), "the plan names blocks that are not there"
        for block in self.blocks.values():
            if block.name not in self.plan.only_read:
                self._take(block)
        assert set(self.blocks) == self.done | set(self.plan.only_read)

    def shown(self, name: str) -> str:
        """What a block shows, for a scene to put it where the reader puts it."""
        self.done.add(name)
        return self.blocks[name].text

    def edit(self, name: str, old: str, new: str) -> None:
        """The reader changes a file in their editor."""
        file = self.gitlab.here / name
        text = file.read_text()
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new))

    def _take(self, block: Block) -> None:
        if block.language == "sh":
            self._run(block)
        elif block.language == "text":
            self._compare(block)

    def _run(self, block: Block) -> None:
        scene = self.plan.scenes.get(block.name)
        typed = (scene(self) if scene else None) or ""
        self._seen = self.gitlab.run(block.text, typed, block.name in self.plan.fail)
        self.done.add(block.name)
        for script in self.plan.aside.get(block.name, ()):
            self.gitlab.try_aside(script)

    def _compare(self, block: Block) -> None:
        missing = [line for line in block.text.splitlines() if line not in self._seen]
        assert not missing, f"{block.name} shows {missing}, and the reader sees\n{self._seen.text}"
        self.done.add(block.name)
