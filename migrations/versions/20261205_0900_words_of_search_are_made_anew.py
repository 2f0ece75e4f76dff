"""Search takes words apart anew: everything that is stored is indexed again

Revision ID: 20261205_0900
Revises: 20261203_1200
Create Date: 2026-11-30 13:00:00
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "20261205_0900"
down_revision = "20261203_1200"
branch_labels = None
depends_on = None

KINDS = ("changes", "people", "tools")
LONG_AGO = datetime(2026, 1, 1)  # noqa: DTZ001  # the column holds UTC without saying so
DUE = sa.table(
    "search_due",
    sa.column("kind", sa.String()),
    sa.column("about", sa.JSON()),
    sa.column("due_at", sa.DateTime()),
    sa.column("attempts", sa.SmallInteger()),
    sa.column("state", sa.String()),
)


def upgrade() -> None:
    """Ask the worker for it. Until it has come to a row, that row is found by its old words."""
    _index_again()


def downgrade() -> None:
    """Ask for the old words again."""
    _index_again()


def _index_again() -> None:
    fresh = {"about": {"after": 0}, "due_at": LONG_AGO, "attempts": 0, "state": "waiting"}
    op.bulk_insert(DUE, [{"kind": kind, **fresh} for kind in KINDS])
