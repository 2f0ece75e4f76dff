"""Pages by cursor: where the last page ended, so that no row is lost or shown twice when others come or go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from portal.core.errors import Invalid
from portal.core.i18n import lazy

Row = TypeVar("Row")


def cursor_of(value: datetime | str | int, row_id: int) -> str:
    """A cursor for the row with this sort value and id: opaque, safe in a URL."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    text = json.dumps([plain, row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, kind: type[datetime] | type[str] | type[int]) -> tuple[datetime | str | int, int]:
    """The sort value and id in a cursor. Raises Invalid naming the cursor when it is none of ours."""
    try:
        padded = text + "=" * (-len(text) % 4)
        value, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return _typed(value, kind), _row_id(row_id)
    except (ValueError, TypeError, binascii.Error, OverflowError, RecursionError) as error:
        raise Invalid(lazy("The cursor is not one of ours. Start again from the first page."), "cursor") from error


def _typed(value: object, kind: type[datetime] | type[str] | type[int]) -> datetime | str | int:
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


def _row_id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise TypeError("wrong kind of id")
    return value


def walk(page: Callable[[str], tuple[Iterable[Row], str | None]]) -> Iterator[Row]:
    """Every row of a list that is read page by page: `page` takes a cursor and gives rows and the next cursor."""
    cursor: str | None = ""
    while cursor is not None:
        rows, following = page(cursor)
        yield from rows
        cursor = following or None
