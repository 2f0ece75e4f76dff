"""Commands are no words to translate: what one types is the same in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import content_folder
from tests.real.guide import Block, blocks_of

TRANSLATIONS = sorted(content_folder().glob("tracks/*/*.*.md"))


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_translation_shows_the_same_commands_and_answers(translation: Path) -> None:
    english = translation.with_name(f"{translation.name.partition('.')[0]}.md")

    assert shown(translation) == shown(english)


def shown(step: Path) -> list[tuple[str, frozenset[str], str]]:
    return [(block.language, block.words, block.text) for block in blocks_of(step) if is_a_terminal(block)]


def is_a_terminal(block: Block) -> bool:
    return not block.words & {"words", "message"}
