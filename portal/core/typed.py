"""Columns with words that people typed. Whoever leaves takes their own words out of them, and their name out of the
words of others: so a room marks such a column with `TYPED`, and its `erase` empties what is by or about who leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column

from portal.core.database import Base

TYPED: dict[Any, Any] = {"typed": True}
"""For `mapped_column(…, info=TYPED)`: text, or JSON with text in it."""


def typed_columns() -> Iterator[Column[Any]]:
    """Every such column of every table."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if column.info.get("typed"))
