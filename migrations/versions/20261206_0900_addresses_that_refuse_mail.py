"""Addresses for which a mail server takes no mail are known, with its words

Revision ID: 20261206_0900
Revises: 20261205_1010
Create Date: 2026-11-30 13:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261206_0900"
down_revision = "20261205_1010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. Of no address anything is known yet."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("refused_because", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("refused_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Take the tables back. What refused mail is tried again."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("refused_at")
        batch_op.drop_column("refused_because")
        batch_op.drop_column("refused_email")
