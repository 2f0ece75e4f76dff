"""Search in the database: the words of rows, folded in Python, in SQLite's FTS5 or behind PostgreSQL's GIN index.

A feature keeps the words of its rows in a table of its own (`words_table`), filled behind its writes by the sweep of
core/indexing.py. The words only say which rows to look at: what is shown, and whether it may be, the rows decide. A
question walks along `place`, the greatest first, until it has enough: among a million rows as fast as among a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    CompoundSelect,
    ForeignKey,
    Index,
    Integer,
    Row,
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
from portal.core.search_text import SearchQuery, title_key_of

ROW_BITS = 32
MOST_COUNTED = 100
"""Beyond so many, a page says that there are more, not how many: to count a million takes a second."""

LOOKED_THROUGH = 2000
"""How many rows PostgreSQL looks through before it asks its index: some milliseconds."""

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
_WORDS = "search words"


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
        info={_WORDS: True},
    )
    for statement in SQLITE_UP:
        _run_on(made, "after_create", "sqlite", statement)
    _run_on(made, "before_drop", "sqlite", SQLITE_DOWN)
    _run_on(made, "after_create", "postgresql", POSTGRESQL_UP)
    return made


def _run_on(words: Table, moment: str, dialect: str, statement: str) -> None:
    made: Any = DDL
    event.listen(words, moment, made(statement.format(words.name)).execute_if(dialect=dialect))


def is_inner(name: str) -> bool:
    """Whether a table or an index of this name is what the dialect keeps behind a table of words."""
    tables = [table.name for table in Base.metadata.tables.values() if _WORDS in table.info]
    return any(name.startswith(f"{known}_fts") or name == f"ix_{known}_words" for known in tables)


def place_of(row_id: int, rank: int = 0) -> int:
    """Where a row stands: by its rank (from 0 to 2 ** 30), and among equals the later row first."""
    return rank << ROW_BITS | row_id


@dataclass(frozen=True)
class Part:
    """Some of what is looked for: rows that have all that is `wanted`, or whose title is the very question.

    `shown` makes a statement of rows that are given as `row_id` and `place`; it shows the place, and leaves out what
    may not be seen. At most so many rows are told, with `before` only those behind that place.
    """

    shown: Callable[[Subquery], Select[Any]]
    most: int
    wanted: Sequence[Sequence[Term]] = ()
    title: SearchQuery | None = None
    before: int | None = None


def terms(
    query: SearchQuery, fields: Collection[str] = ("",), also: Mapping[str, Collection[str]] | None = None
) -> list[list[Term]]:
    """What must be found, each in one of these ways: a word's beginning in one of these fields, or a whole word that
    `also` names for it."""
    return [
        [*((field + word, True) for field in fields), *((token, False) for token in (also or {}).get(word, ()))]
        for word in query.tokens
    ]


def found(session: Session, words: Table, *parts: Part) -> Sequence[Row[Any]]:
    """The rows of every part, in the order of the parts and of their places; `part` is its number. One statement."""
    rows = session.execute(statement(session.get_bind().dialect.name, words, parts))
    ordered = sorted(rows, key=lambda row: (row.part, -row.place))
    each = (list(group) for _number, group in groupby(ordered, key=lambda row: row.part))
    return [row for group in each for row in group[: parts[group[0].part].most]]


def statement(dialect: str, words: Table, parts: Sequence[Part]) -> CompoundSelect[Any]:
    """One statement for all parts. It may give more rows than a part wants, and in any order."""
    numbered = [(number, one) for number, part in enumerate(parts) for one in _selects(dialect, words, part)]
    told = [one.add_columns(literal(number).label("part")) for number, one in numbered]
    return union_all(*(select(one.subquery()) for one in told))


def _selects(dialect: str, words: Table, part: Part) -> list[Select[Any]]:
    if part.title:
        very = words.c.title_key == literal(title_key_of(part.title.text))
        return [_along(part, select(words.c.row_id, words.c.place).where(very))]
    return _in_sqlite(words, part) if dialect == "sqlite" else _in_postgresql(words, part)


def _in_sqlite(words: Table, part: Part) -> list[Select[Any]]:
    place: Any = table(f"{words.name}_fts", column("rowid", Integer)).c.rowid
    hits = select(place.bitwise_and(2**ROW_BITS - 1).label("row_id"), place.label("place"))
    hits = hits.where(literal_column(f"{words.name}_fts").op("MATCH")(_fts5(part.wanted)))
    return [_along(part, _behind(hits, place, part.before))]


def _in_postgresql(words: Table, part: Part) -> list[Select[Any]]:
    """First a look through the next places, which is enough for a word that many rows have; the index only when it
    is not. For the index gathers all rows that fit before it gives one, and the planner cannot know which is shorter.
    """
    wanted = cast(literal(_tsquery(part.wanted), Text), TSQUERY)
    near = _behind(select(words), words.c.place, part.before).order_by(words.c.place.desc())
    next_places = near.limit(LOOKED_THROUGH).subquery()
    fitting = select(next_places.c.row_id, next_places.c.place).where(_vector(next_places).op("@@")(wanted))
    first = _along(part, fitting).cte()
    edge = near.with_only_columns(words.c.place).offset(LOOKED_THROUGH).limit(1).scalar_subquery()
    indexed = select(words.c.row_id, words.c.place).where(words.c.place <= edge, _vector(words).op("@@")(wanted))
    # The offset is a fence: without it the planner would walk all places, hoping to meet enough rows soon.
    rest = _along(part, indexed.order_by(words.c.place.desc()).offset(0))
    is_short = select(func.count()).select_from(first).scalar_subquery() < part.most
    return [select(first), rest.where(is_short)]


def _along(part: Part, hits: Select[Any]) -> Select[Any]:
    shown = part.shown(hits.subquery())
    return shown.order_by(shown.selected_columns.place.desc()).limit(part.most)


def _behind(hits: Select[Any], place: Any, before: int | None) -> Select[Any]:
    return hits if before is None else hits.where(place < before)


def _vector(words: Any) -> Any:
    return func.array_to_tsvector(func.string_to_array(words.c.words, literal_column("' '")))


def _fts5(wanted: Sequence[Sequence[Term]]) -> str:
    """In FTS5's language, each word quoted: no word can be taken for an operator."""
    ways = [" OR ".join(f'"{word}"{" *" if is_begun else ""}' for word, is_begun in group) for group in wanted]
    return " AND ".join(f"({way})" for way in ways)


def _tsquery(wanted: Sequence[Sequence[Term]]) -> str:
    """The same in PostgreSQL's language. Words hold letters and digits only, so nothing in them needs escaping."""
    ways = [" | ".join(f"'{word}'{':*' if is_begun else ''}" for word, is_begun in group) for group in wanted]
    return " & ".join(f"({way})" for way in ways)
