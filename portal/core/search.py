"""Search in the database: the tokens of rows, folded in Python, in SQLite's FTS5 or behind PostgreSQL's GIN index.

A feature keeps the tokens of its rows in a table of its own (`search_table`), filled behind its writes by the sweep of
core/indexing.py. The tokens only say which rows to look at: what is shown, and whether it may be, the rows decide. A
query walks along `position`, the greatest first, until it has enough: among a million rows as fast as among a thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from portal.core.search_text import STEM, SearchQuery, title_key_of

ROW_ID_BITS = 32
MOST_COUNTED = 100
"""Beyond so many, a page says that there are more, not how many: to count a million takes a second."""

SCAN_FIRST = 2000
"""How many rows PostgreSQL looks through before it asks its index: some milliseconds."""

SAMPLED = 20_000
"""From so many rows of each index words are proposed."""

SIGNS = "=+#-"
"""What stands before a word to say in which field it is, or that it is a stem or a name of the program's own."""

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
_IS_SEARCH_TABLE = "search table"


def search_table(name: str, of: str) -> Table:
    """A table for the tokens of the rows whose key is `of`, such as "tools.id". Its rows are replaced, never updated.

    The last 32 bits of `position` are the id of the row, what stands before them is its rank (see `position_of`).
    """
    index = Table(
        name,
        Base.metadata,
        Column(
            "place", BigInteger().with_variant(Integer, "sqlite"), key="position", primary_key=True, autoincrement=False
        ),
        Column("row_id", ForeignKey(of, ondelete="CASCADE"), nullable=False, unique=True),
        Column("title_key", BigInteger, nullable=False),
        Column("words", Text, nullable=False),
        Index(None, "title_key", "position"),
        info={_IS_SEARCH_TABLE: True},
    )
    for statement in SQLITE_UP:
        _run_on(index, "after_create", "sqlite", statement)
    _run_on(index, "before_drop", "sqlite", SQLITE_DOWN)
    _run_on(index, "after_create", "postgresql", POSTGRESQL_UP)
    return index


def _run_on(index: Table, moment: str, dialect: str, statement: str) -> None:
    ddl: Any = DDL
    event.listen(index, moment, ddl(statement.format(index.name)).execute_if(dialect=dialect))


def is_inner(name: str) -> bool:
    """Whether a table or an index of this name is what the dialect keeps behind such a table."""
    tables = [table.name for table in Base.metadata.tables.values() if _IS_SEARCH_TABLE in table.info]
    return any(name.startswith(f"{known}_fts") or name == f"ix_{known}_words" for known in tables)


def position_of(row_id: int, rank: int = 0) -> int:
    """Where a row stands: by its rank (from 0 to 2 ** 30), and among equals the later row first."""
    return rank << ROW_ID_BITS | row_id


@dataclass(frozen=True)
class SearchPart:
    """Some of what is looked for: rows that have all that is `wanted`, or whose title is the very question.

    `shown` makes a statement of rows that are given as `row_id` and `position`; it shows the position, and leaves out
    what may not be seen. At most so many rows are told, with `before` only those behind that position.
    """

    shown: Callable[[Subquery], Select[Any]]
    most: int
    wanted: Sequence[Sequence[Term]] = ()
    title: SearchQuery | None = None
    before: int | None = None


def terms(
    query: SearchQuery, fields: Collection[str] = ("",), also: Mapping[str, Collection[str]] | None = None
) -> list[list[Term]]:
    """What must be found, each in one of these ways: a word's beginning or its stem in one of these fields, a compound
    that it is a part of, or a whole word that `also` names for it."""
    return [
        [
            *((field + beginning, True) for field in fields for beginning in (word.token, *word.wholes)),
            *((field + form, False) for field in fields for stem in word.stems for form in (stem, STEM + stem)),
            *((token, False) for token in (also or {}).get(word.token, ())),
        ]
        for word in query.words
    ]


def whole_terms(query: SearchQuery, fields: Collection[str] = ("",)) -> list[list[Term]]:
    """What must be found of those who have the very words: each as it is, not only its beginning or its stem."""
    return [
        [(field + token, False) for field in fields for token in (word.token, *word.wholes)] for word in query.words
    ]


def find_rows(session: Session, index: Table, *parts: SearchPart) -> Sequence[Row[Any]]:
    """The rows of every part, in the order of the parts and of their positions; `part` is its number. One statement."""
    rows = session.execute(statement(session.get_bind().dialect.name, index, parts))
    ordered = sorted(rows, key=lambda row: (row.part, -row.position))
    by_part = (list(group) for _number, group in groupby(ordered, key=lambda row: row.part))
    return [row for group in by_part for row in group[: parts[group[0].part].most]]


def count_words(session: Session, indexes: Iterable[Table]) -> Counter[str]:
    """The words of the rows that stand first in each index, and in how many of them each is. One statement.

    So many rows are enough to know the words of a community, and read in a moment, however many there are.
    """
    samples = (select(index.c.words).order_by(index.c.position.desc()).limit(SAMPLED).subquery() for index in indexes)
    texts = session.scalars(union_all(*(select(sample.c.words) for sample in samples)))
    return Counter(word for text in texts for word in dict.fromkeys(text.split(" ")) if word[:1] not in SIGNS)


def statement(dialect: str, index: Table, parts: Sequence[SearchPart]) -> CompoundSelect[Any]:
    """One statement for all parts. It may give more rows than a part wants, and in any order."""
    numbered = [(number, query) for number, part in enumerate(parts) for query in _selects(dialect, index, part)]
    selects = [query.add_columns(literal(number).label("part")) for number, query in numbered]
    return union_all(*(select(query.subquery()) for query in selects))


def _selects(dialect: str, index: Table, part: SearchPart) -> list[Select[Any]]:
    if part.title:
        is_same_title = index.c.title_key == literal(title_key_of(part.title.text))
        return [_along(part, select(index.c.row_id, index.c.position).where(is_same_title))]
    return _in_sqlite(index, part) if dialect == "sqlite" else _in_postgresql(index, part)


def _in_sqlite(index: Table, part: SearchPart) -> list[Select[Any]]:
    position: Any = table(f"{index.name}_fts", column("rowid", Integer)).c.rowid
    hits = select(position.bitwise_and(2**ROW_ID_BITS - 1).label("row_id"), position.label("position"))
    hits = hits.where(literal_column(f"{index.name}_fts").op("MATCH")(_fts5(part.wanted)))
    return [_along(part, _behind(hits, position, part.before))]


def _in_postgresql(index: Table, part: SearchPart) -> list[Select[Any]]:
    """First a look through the next rows, which is enough for a word that many rows have; the index only when it
    is not. For the index gathers all rows that fit before it gives one, and the planner cannot know which is shorter.
    """
    tsquery = cast(literal(_tsquery(part.wanted), Text), TSQUERY)
    near = _behind(select(index), index.c.position, part.before).order_by(index.c.position.desc())
    next_rows = near.limit(SCAN_FIRST).subquery()
    fitting = select(next_rows.c.row_id, next_rows.c.position).where(_vector(next_rows).op("@@")(tsquery))
    nearest = _along(part, fitting).cte()
    edge = near.with_only_columns(index.c.position).offset(SCAN_FIRST).limit(1).scalar_subquery()
    indexed = select(index.c.row_id, index.c.position).where(index.c.position <= edge, _vector(index).op("@@")(tsquery))
    # The offset is a fence: without it the planner would walk all rows, hoping to meet enough rows soon.
    farther = _along(part, indexed.order_by(index.c.position.desc()).offset(0))
    is_short = select(func.count()).select_from(nearest).scalar_subquery() < part.most
    return [select(nearest), farther.where(is_short)]


def _along(part: SearchPart, hits: Select[Any]) -> Select[Any]:
    rows = part.shown(hits.subquery())
    return rows.order_by(rows.selected_columns.position.desc()).limit(part.most)


def _behind(hits: Select[Any], position: Any, before: int | None) -> Select[Any]:
    return hits if before is None else hits.where(position < before)


def _vector(index: Any) -> Any:
    return func.array_to_tsvector(func.string_to_array(index.c.words, literal_column("' '")))


def _fts5(wanted: Sequence[Sequence[Term]]) -> str:
    """In FTS5's language, each word quoted: no word can be taken for an operator."""
    ways = [" OR ".join(f'"{word}"{" *" if is_begun else ""}' for word, is_begun in group) for group in wanted]
    return " AND ".join(f"({way})" for way in ways)


def _tsquery(wanted: Sequence[Sequence[Term]]) -> str:
    """The same in PostgreSQL's language. Words hold letters and digits only, so nothing in them needs escaping."""
    ways = [" | ".join(f"'{word}'{':*' if is_begun else ''}" for word, is_begun in group) for group in wanted]
    return " & ".join(f"({way})" for way in ways)
