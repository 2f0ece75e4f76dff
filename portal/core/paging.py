"""Pages by cursor: where the last page ended, so that no row is lost or shown twice when others come or go.

A cursor of "" asks for the first page; where there is no next page its cursor is None. A cursor also tells how many
rows were passed on the way, so that a page can say which of how many it shows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Select, TypeDecorator, literal, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core.errors import Invalid
from portal.core.i18n import lazy

Row = TypeVar("Row")
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Value = datetime | str | int
_OF_NO_LIST = lazy("This link to a page of the list is not valid. Start again from the first page.")


class Page(NamedTuple, Generic[Row]):
    """Some rows of a list, and the cursor of those that follow (None: these were the last)."""

    rows: list[Row]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Keyset:
    """What a list is sorted by: by the value `by` (none: by the id alone), then by the unique id of the row.

    The value is a moment, a text, a whole number or yes and no, and never NULL. Both go the same way, unless
    `newest_first` says that of equal values the highest id comes first.
    """

    row_id: Column
    by: Column | None = None
    descending: bool = False
    newest_first: bool = False

    @property
    def columns(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The value and the id, as SQL."""
        return literal(0) if self.by is None else self.by, self.row_id  # type: ignore[return-value]  # both are columns

    def order(self) -> list[ColumnElement[Any]]:
        """What ORDER BY says."""
        value, row_id = self.columns
        ids = row_id.desc() if self.descending or self.newest_first else row_id
        return [ids] if self.by is None else [value.desc() if self.descending else value, ids]

    def beyond(self, cursor: str) -> ColumnElement[bool]:
        """The condition that a row comes after the one of the cursor. Raises Invalid for one that is none of ours."""
        value, row_id = self.columns
        cursor_value, cursor_id = read_cursor(cursor, _kind_of(value))
        if isinstance(cursor_value, int) and abs(cursor_value) > _largest(value):
            raise Invalid(_OF_NO_LIST, "cursor")
        if self.by is None:
            return row_id < cursor_id if self.descending else row_id > cursor_id
        last = literal(bool(cursor_value) if value.type.python_type is bool else cursor_value, value.type)
        if self.newest_first and not self.descending:
            return or_(value > last, (value == last) & (row_id < cursor_id))
        keys = tuple_(value, row_id), tuple_(last, literal(cursor_id))
        return keys[0] < keys[1] if self.descending else keys[0] > keys[1]


def page_of(session: Session, query: Select[*tuple[Any, ...]], keyset: Keyset, cursor: str, limit: int) -> Page[Any]:
    """A page of what this query finds, in the order of the keyset: one statement.

    Rows are objects where the query asks for one thing, else rows with a field for each. Raises Invalid for a cursor
    that is none of ours.
    """
    is_one_thing = len(query.column_descriptions) == 1
    value, row_id = keyset.columns
    wanted = query.where(keyset.beyond(cursor)) if cursor else query
    wanted = wanted.add_columns(value.label("sorted_by"), row_id.label("sorted_id"))
    rows = session.execute(wanted.order_by(*keyset.order()).limit(limit + 1)).all()
    page = cut(rows, limit, lambda row: (row.sorted_by, row.sorted_id), passed_by(cursor))
    return Page([row[0] for row in page.rows], page.next_cursor) if is_one_thing else page


def page_in(rows: Iterable[Row], key: Callable[[Row], tuple[str, int]], cursor: str, limit: int) -> Page[Row]:
    """A page of rows that are in memory, in the order of their keys, which are unique.

    Raises Invalid for a cursor that is none of ours.
    """
    last = read_cursor(cursor, str) if cursor else None
    following = sorted((row for row in rows if last is None or key(row) > last), key=key)
    return cut(following, limit, key, passed_by(cursor))


def cut(
    rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[Value, int]], passed: int | None = None
) -> Page[Row]:
    """The page that begins these rows, of which there is one more than `limit` or more where others follow.

    `passed` is how many rows stand before them, if anybody knows.
    """
    if len(rows) <= limit:
        return Page(list(rows), None)
    return Page(list(rows[:limit]), cursor_of(*key(rows[limit - 1]), None if passed is None else passed + limit))


def cursor_of(value: Value, row_id: int, passed: int | None = None) -> str:
    """A cursor for the row with this sort value and id, the last of so many: opaque, safe in a URL."""
    plain = value.isoformat() if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value
    parts = [plain, row_id] if passed is None else [plain, row_id, passed]
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def passed_by(cursor: str) -> int | None:
    """How many rows were passed before this page; None for a cursor from before cursors said so, or none of ours."""
    if not cursor:
        return 0
    try:
        _value, _row_id, passed = _parts(cursor)
        return _row_number(passed)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def read_cursor(text: str, kind: type[Value]) -> tuple[Any, int]:
    """The sort value and id in a cursor. Raises Invalid naming the cursor when it is none of ours."""
    try:
        value, row_id, *_passed = _parts(text)
        return _typed(value, kind), _row_number(row_id)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Invalid(_OF_NO_LIST, "cursor") from error


def _largest(column: ColumnElement[Any]) -> int:
    # PostgreSQL fails over a number that the column, whose type the number is given, cannot hold.
    return 2**63 - 1 if isinstance(column.type, BigInteger) else 2**31 - 1


def _kind_of(column: ColumnElement[Any]) -> type[Value]:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return int if kind.python_type is bool else kind.python_type


def _typed(value: object, kind: type[Value]) -> Value:
    if kind is datetime:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(UTC)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError("wrong kind of sort value")
    if isinstance(value, str):
        _must_be_storable(value)
    return value


def _must_be_storable(text: str) -> None:
    # A cursor can hold what no row does: half a character, or the one that PostgreSQL refuses.
    if "\0" in text:
        raise ValueError("no text in a database holds this")
    text.encode()


def _parts(text: str) -> list[Any]:
    padded = text + "=" * (-len(text) % 4)
    parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if not isinstance(parts, list) or len(parts) not in {2, 3}:
        raise ValueError("a value, an id and perhaps a number")
    return parts


def _row_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise TypeError("wrong kind of number")
    return value


def walk(page: Callable[[str], tuple[Iterable[Row], str | None]]) -> Iterator[Row]:
    """Every row of a list that is read page by page: `page` takes a cursor and gives rows and the next cursor."""
    cursor: str | None = ""
    while cursor is not None:
        rows, cursor = page(cursor)
        yield from rows
