"""The same thing has one name on every page: the glossary says which, and no message says another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
OTHER_NAMES = {
    "Requests that fit you": (
        "requests for you",
        "who waits for you",
        "requests, best fit first",
        "look at the requests",
    ),
    "Review queue": (r"^reviews$", "queue of reviews", "list of reviews"),
    "notice": ("notification", r"\bmessage from the portal"),
    "e-mail": (r"\bletters? (you|that|leave|did|about|comes?)\b", r"which letters", r"^letters?$"),
    "waiting": (r"\bwaits since\b", r"\bwaiting since\b(?!$)"),
    "looks for an owner": ("needs? an owner", "wants? an owner", "owner wanted"),
}
"""For each name, what else the thing was called or could be: as it would stand in a message."""


def messages() -> list[str]:
    """What pages and e-mails say, in English."""
    with (ROOT / "portal/translations/fr/LC_MESSAGES/portal.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    texts = (message.id for message in catalogue if message.id)
    return [one for text in texts for one in (text if isinstance(text, (list, tuple)) else (text,))]


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_nothing_is_called_by_another_name(name: str) -> None:
    others = re.compile("|".join(OTHER_NAMES[name]), re.IGNORECASE)
    assert [text for text in messages() if others.search(text)] == []


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_the_glossary_has_each_name(name: str) -> None:
    glossary = (ROOT / "docs/architecture.md").read_text().partition("## Glossary")[2]
    assert f"*{name}*" in glossary
