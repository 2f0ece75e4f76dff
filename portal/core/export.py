"""What people take along: rows as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def export_row(row: object, fields: Iterable[str]) -> dict[str, Any]:
    """The values of these fields of a row, under their names and in this order."""
    return {field: getattr(row, field) for field in fields}
