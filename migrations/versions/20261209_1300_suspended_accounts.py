"""Accounts can be suspended for a while, and what servers answered is kept for stewards

Revision ID: 20261209_1300
Revises: 20261209_1200
Create Date: 2026-12-01 00:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_1300"
down_revision = "20261209_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward: nobody is suspended."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspended_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("suspended_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("suspended_because", sa.String(length=300), server_default="", nullable=False))
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.alter_column("suspended_because", server_default=None)
    op.create_table(
        "site_checks",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("mend", sa.String(length=500), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site_checks")),
    )


def downgrade() -> None:
    """Take the tables back: who was suspended can sign in."""
    op.drop_table("site_checks")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("suspended_because")
        batch_op.drop_column("suspended_until")
        batch_op.drop_column("suspended_at")
