"""Text filters of lists: what is typed may be the beginning of a word, or any other part of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

MOST_WORDS = 8
"""So many words of what was typed are looked for: each costs a look at every row."""


def has_words(text: str, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition that every word of this text stands in one of these columns, large or small, whole or in part.

    No sign in it means anything but itself.
    """
    return and_(true(), *(_has(word, columns) for word in text.split()[:MOST_WORDS]))


def _has(word: str, columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(way, autoescape=True) for column in columns for way in _ways(word)))


def _ways(word: str) -> list[str]:
    # SQLite, and PostgreSQL without a locale, tell large from small in ASCII only.
    return [word] if word.isascii() else list(dict.fromkeys((word, word.lower(), word.upper(), word.capitalize())))
