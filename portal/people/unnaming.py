"""Taking the name of somebody who leaves out of what others wrote: a sign stands in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Text, cast, func, select, update
from sqlalchemy.orm import Session

from portal.core.indexing import reindex, remove_from_index
from portal.core.typed import typed_columns
from portal.people.models import PEOPLE_SEARCH, Person

IN_PLACE = "…"
PEOPLE = "people"
"""The kind under which search knows people, and the table that they stand in."""


def names_of(person: Person) -> re.Pattern[str]:
    """What this person is called: by username, with @ or without, by the whole name, by a word of it with a capital.

    Only for what was written to or about them: elsewhere the same words mean somebody or something else.
    """
    shown = person.display_name
    words = {shown, *(word for word in shown.split() if word[0].isupper() and len(word) > 1)}
    called = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<![\w.-])(?i:@?{re.escape(person.username)})(?!\.?[\w-])|(?<![\w-])(?:{called})(?![\w-])")


def mention_of(person: Person) -> re.Pattern[str]:
    """This person as "@ana": nobody else is ever meant by that."""
    return re.compile(rf"(?<![\w.-])@{re.escape(person.username)}(?!\.?[\w-])", re.IGNORECASE)


def unnamed(value: Any, names: re.Pattern[str]) -> Any:
    """A text, or the texts in a JSON value, without these names."""
    if isinstance(value, str):
        return names.sub(IN_PLACE, value)
    if isinstance(value, list):
        return [unnamed(one, names) for one in value]
    return {key: unnamed(one, names) for key, one in value.items()} if isinstance(value, dict) else value


def forget_mentions(session: Session, person: Person) -> None:
    """Take "@ana" out of all that anybody typed. It looks through every row of these columns."""
    mention = mention_of(person)
    session.flush()
    for column in typed_columns():
        changed = list(_unnamed_rows(session, column, f"@{person.username}", mention))
        if changed and column.table.name == PEOPLE:
            remove_from_index(session, PEOPLE_SEARCH, changed)
            reindex(session, PEOPLE, changed)


def _unnamed_rows(session: Session, column: Column[Any], word: str, mention: re.Pattern[str]) -> Iterator[Any]:
    """Write the rows that mention them anew; the first part of the key of each."""
    table = column.table
    keys = list(table.primary_key.columns)
    with_word = func.lower(cast(column, Text)).contains(word, autoescape=True)
    for *key, value in session.connection().execute(select(*keys, column).where(with_word)).all():
        if (fresh := unnamed(value, mention)) != value:
            this_row = (one == part for one, part in zip(keys, key, strict=True))
            session.connection().execute(update(table).where(*this_row).values({column: fresh}))
            yield key[0]
