"""The code blocks of a learning track, as its reader meets them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from portal.core.content import content_folder

BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block. `number` counts the blocks of one language in a step, from 1."""

    step: str
    language: str
    number: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.step} {self.language} {self.number}"


def blocks_of(track: str) -> list[Block]:
    """All blocks of a track in the order of its steps."""
    folder = content_folder() / "tracks" / track
    modules = tomllib.loads((folder / "track.toml").read_text())["modules"]
    steps = [step["slug"] for module in modules for step in module["steps"]]
    return [block for step in steps for block in _blocks_of(folder / f"{step}.md")]


def _blocks_of(file: Path) -> list[Block]:
    numbers: dict[str, int] = {}
    found = []
    for match in BLOCK.finditer(file.read_text()):
        language = match["language"]
        numbers[language] = numbers.get(language, 0) + 1
        found.append(Block(file.stem, language, numbers[language], match["text"]))
    return found
