"""Search in the database: the words of rows, folded in Python, in SQLite's FTS5 or behind PostgreSQL's GIN index.

A feature keeps the words of its rows in a table of its own (`words_table`), filled behind its writes by the sweep of
core/indexing.py. The words only say which rows to look at: what a page shows, and whether it may, comes from the rows
themselves. Every question is a walk along the index in the order of `place`, the greatest first, that ends after as
many rows as are shown: it takes as long among a million rows as among a thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    CompoundSelect,
    ForeignKey,
    Index,
    Integer,
    Select,
    Subquery,
    Table,
    Text,
    cast,
    column,
    event,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.schema import DDL

from portal.core.database import Base
from portal.core.words import Question, key_of

ROW_BITS = 32
MOST_COUNTED = 100
"""Beyond so many, a page says that there are more, not how many: to count a million takes a second."""

Term = tuple[str, bool]
"""A word, and whether it is only the beginning of one."""

# Each length of a beginning has an index of its own: so even "a…" is a walk along one list, not a merge of thousands.
# What is compared is folded, so the simplest tokenizer will do; = + # tell in which field a word stands.
SQLITE_UP = (
    "CREATE VIRTUAL TABLE {0}_fts USING fts5(words, content='{0}', content_rowid='place', columnsize=0, detail=none, "
    "prefix='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', tokenize=\"ascii tokenchars '=+#-'\")",
    "CREATE TRIGGER {0}_come AFTER INSERT ON {0} BEGIN "
    "INSERT INTO {0}_fts (rowid, words) VALUES (new.place, new.words); END",
    "CREATE TRIGGER {0}_go AFTER DELETE ON {0} BEGIN "
    "INSERT INTO {0}_fts ({0}_fts, rowid, words) VALUES ('delete', old.place, old.words); END",
)
SQLITE_DOWN = "DROP TABLE IF EXISTS {0}_fts"
POSTGRESQL_UP = "CREATE INDEX ix_{0}_words ON {0} USING gin (array_to_tsvector(string_to_array(words, ' ')))"
WORDS_TABLES: list[str] = []


def words_table(name: str, of: str) -> Table:
    """A table for the words of the rows whose key is `of`, such as "tools.id". Its rows are replaced, never updated.

    The last 32 bits of `place` are the id of the row, what stands before them is its rank (see `place_of`).
    """
    made = Table(
        name,
        Base.metadata,
        Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
        Column("row_id", ForeignKey(of, ondelete="CASCADE"), nullable=False, unique=True),
        Column("title_key", BigInteger, nullable=False),
        Column("words", Text, nullable=False),
        Index(None, "title_key", "place"),
    )
    for statement in SQLITE_UP:
        _run_on(made, "after_create", "sqlite", statement)
    _run_on(made, "before_drop", "sqlite", SQLITE_DOWN)
    _run_on(made, "after_create", "postgresql", POSTGRESQL_UP)
    WORDS_TABLES.append(name)
    return made


def _run_on(words: Table, moment: str, dialect: str, statement: str) -> None:
    made: Any = DDL
    event.listen(words, moment, made(statement.format(words.name)).execute_if(dialect=dialect))


def is_inner(name: str) -> bool:
    """Whether a table or an index of this name is what the dialect keeps behind a table of words."""
    return any(name.startswith(f"{known}_fts") or name == f"ix_{known}_words" for known in WORDS_TABLES)


def place_of(row_id: int, rank: int = 0) -> int:
    """Where a row stands: by its rank (from 0 to 2 ** 30), and among equals the later row first."""
    return rank << ROW_BITS | row_id


def terms(
    asked: Question, fields: Collection[str] = ("",), also: Mapping[str, Collection[str]] | None = None
) -> list[list[Term]]:
    """What must be found, each in one of these ways: a word's beginning in one of these fields, or a whole word that
    `also` names for it."""
    return [
        [*((field + word, True) for field in fields), *((token, False) for token in (also or {}).get(word, ()))]
        for word in asked.words
    ]


def hits(session: Session, words: Table, wanted: list[list[Term]], before: int | None = None) -> Subquery:
    """The rows that have all that is wanted, as `row_id` and `place`; with `before` only those behind that place."""
    if session.get_bind().dialect.name == "sqlite":
        index = table(f"{words.name}_fts", column("rowid", Integer))
        place: Any = index.c.rowid
        row_id = place.bitwise_and(2**ROW_BITS - 1)
        condition = literal_column(f"{words.name}_fts").op("MATCH")(_fts5(wanted))
    else:
        place, row_id = words.c.place, words.c.row_id
        vector = func.array_to_tsvector(func.string_to_array(words.c.words, literal_column("' '")))
        condition = vector.op("@@")(cast(literal(_tsquery(wanted), Text), TSQUERY))
    found = select(row_id.label("row_id"), place.label("place")).where(condition)
    return (found.where(place < before) if before is not None else found).subquery()


def titled(words: Table, asked: Question) -> Subquery:
    """The rows whose title is just what was asked for, as `row_id` and `place`."""
    return select(words.c.row_id, words.c.place).where(words.c.title_key == literal(key_of(asked.text))).subquery()


def in_turn(*parts: tuple[Select[Any], int]) -> CompoundSelect[Any]:
    """One statement of several, each with the number of its rows; `part` tells where a row comes from.

    Each part must have a column `place`, and is read along it.
    """
    limited = [
        part.add_columns(literal(number).label("part")).order_by(part.selected_columns.place.desc()).limit(most)
        for number, (part, most) in enumerate(parts)
    ]
    return union_all(*(select(one.subquery()) for one in limited))


def _fts5(wanted: list[list[Term]]) -> str:
    """In FTS5's language, each word quoted: no word can be taken for an operator."""
    ways = [" OR ".join(f'"{word}"{" *" if is_begun else ""}' for word, is_begun in group) for group in wanted]
    return " AND ".join(f"({way})" for way in ways)


def _tsquery(wanted: list[list[Term]]) -> str:
    """The same in PostgreSQL's language. Words hold letters and digits only, so nothing in them needs escaping."""
    ways = [" | ".join(f"'{word}'{':*' if is_begun else ''}" for word, is_begun in group) for group in wanted]
    return " & ".join(f"({way})" for way in ways)
