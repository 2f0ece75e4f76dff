"""Changes keep their Change-Id, and are found by their address

Revision ID: 20261205_1010
Revises: 20261205_1000
Create Date: 2026-11-30 13:15:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261205_1010"
down_revision = "20261205_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the table forward. A sync fills the column where a change moves; the words are made anew already."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("change_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take the column back."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("change_id")
