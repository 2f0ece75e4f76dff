"""How many rows a list has, and which of them a page shows. No count costs more the more rows there are."""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from portal.core.paging import Page, passed_by

MOST_COUNTED = 5_000
"""Beyond so many rows a list says that there are more, not how many: to count a million takes a second."""


class Total(NamedTuple):
    """How many there are: just so many, or more than that."""

    number: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class ListCount:
    """What a page says of its list. `shown` rows stand on it, of those which the filters `found`.

    `first` is the place of the first of them, counted from 1; None where the address does not tell. `everything` is
    what the list holds without filters; None where none is set.
    """

    shown: int
    first: int | None
    found: Total
    everything: Total | None = None

    @property
    def last(self) -> int:
        """The place of the last row on the page, where the first is known."""
        return (self.first or 1) + self.shown - 1

    @property
    def is_whole(self) -> bool:
        """Whether the page shows all that was found."""
        return self.shown == self.found.number and not self.found.is_more


def whole(rows: Sized) -> ListCount:
    """The count of a list that stands on one page and has no filters."""
    return ListCount(len(rows), 1, Total(len(rows)))


def count_rows(session: Session, query: Select[*tuple[Any, ...]], most: int = MOST_COUNTED) -> Total:
    """How many rows a query finds, as far as they are counted: one statement. It must ask for columns only."""
    some = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(most + 1).subquery()
    number = session.scalar(select(func.count()).select_from(some)) or 0
    return Total(min(number, most), number > most)


def count_page(
    page: Page[Any], cursor: str, found: Callable[[], Total], everything: Callable[[], Total] | None = None
) -> ListCount:
    """What this page, which begins at the cursor, says of its list. With filters, `everything` counts without them.

    `found` is asked only where the page does not tell by itself: on the last one all is known.
    """
    passed, shown = passed_by(cursor), len(page.rows)
    is_last = page.next_cursor is None and passed is not None
    least = (passed or 0) + shown + (page.next_cursor is not None)
    total = Total(least) if is_last else _at_least(found(), least)
    return ListCount(
        shown, None if passed is None else passed + 1, total, everything and _at_least(everything(), total.number)
    )


def _at_least(total: Total, least: int) -> Total:
    # Rows come and go while somebody reads, and some counts are as old as the last sync.
    return Total(max(total.number, least), total.is_more)
