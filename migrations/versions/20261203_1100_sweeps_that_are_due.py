"""When each sweep is due, and when it last went well

Revision ID: 20261203_1100
Revises: 20261203_1000
Create Date: 2026-11-30 10:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203_1100"
down_revision = "20261203_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. Every sweep that ran before is due once at once."""
    with op.batch_alter_table("sweep_runs", schema=None) as batch_op:
        batch_op.alter_column("finished_at", existing_type=sa.DateTime(), nullable=True)
        batch_op.add_column(sa.Column("succeeded_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("leased_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE sweep_runs SET due_at = finished_at, succeeded_at = CASE WHEN failed THEN NULL ELSE finished_at END"
    )
    with op.batch_alter_table("sweep_runs", schema=None) as batch_op:
        batch_op.alter_column("due_at", existing_type=sa.DateTime(), nullable=False)
        batch_op.alter_column("attempts", server_default=None)


def downgrade() -> None:
    """Take the tables back. Sweeps that never ran have no row there."""
    op.execute("DELETE FROM sweep_runs WHERE finished_at IS NULL")
    with op.batch_alter_table("sweep_runs", schema=None) as batch_op:
        for column in ("attempts", "leased_until", "lease", "due_at", "succeeded_at"):
            batch_op.drop_column(column)
        batch_op.alter_column("finished_at", existing_type=sa.DateTime(), nullable=False)
