"""French as it is set: the space before a mark, and within quotation marks, never lets a line end there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LOOSE = re.compile(r"«[ ]|[ ]»|[ ][:;?!](?=[\s\"”)*_»\]]|$)")
"""A space at which a line may end where French wants one that holds (Imprimerie nationale, Lexique des
règles typographiques, « Ponctuation »).
"""
CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|%\(\w+\)s|&\w+;", re.DOTALL)


def messages() -> Iterator[str]:
    """What pages and e-mails say in French."""
    with (ROOT / "portal/translations/fr/LC_MESSAGES/portal.po").open("rb") as file:
        for message in read_po(file, locale="fr"):
            yield from message.string if isinstance(message.string, tuple) else (message.string,)


def loose(text: str) -> list[str]:
    words = CODE.sub("x", text)
    return [words[max(0, found.start() - 20) : found.end() + 5] for found in LOOSE.finditer(words)]


@pytest.mark.parametrize("text", ["Ceci : cela", "« un mot\u00a0»", "Vraiment ?", "(quoi !)", "Quoi ? Non ;"])
def test_a_mark_that_could_begin_a_line_is_seen(text: str) -> None:
    assert loose(text)


@pytest.mark.parametrize("text", ["Ceci\u00a0: cela", "«\u00a0un mot\u00a0»", "à 10:30", "voir `?a=b` ici", "git:x"])
def test_what_holds_together_is_left_alone(text: str) -> None:
    assert not loose(text)


def test_no_message_lets_a_line_begin_with_a_mark() -> None:
    assert [one for text in messages() for one in loose(text)] == []


def test_nor_does_a_text_of_the_content() -> None:
    files = [*ROOT.glob("content/**/*.fr.md"), *ROOT.glob("communities/**/*.fr.md")]
    assert len(files) > 50
    assert [f"{path.name}: {one}" for path in files for one in loose(path.read_text("utf-8"))] == []
