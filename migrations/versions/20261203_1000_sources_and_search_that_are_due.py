"""Sources and what search must look at have the same columns of what is due as everything else

Revision ID: 20261203_1000
Revises: 20261203_0900
Create Date: 2026-11-30 10:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203_1000"
down_revision = "20261203_0900"
branch_labels = None
depends_on = None

LONG_AGO = "2026-01-01 00:00:00"


def upgrade() -> None:
    """Bring the tables forward. What waits to be indexed is due at once."""
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.alter_column(
            "failures", new_column_name="attempts", existing_type=sa.Integer(), type_=sa.SmallInteger()
        )
    with op.batch_alter_table("search_due", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(), nullable=False, server_default=LONG_AGO))
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("leased_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="waiting"))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_search_due_state_due_at"), ["state", "due_at"], unique=False)
    with op.batch_alter_table("search_due", schema=None) as batch_op:
        for column in ("due_at", "attempts", "state"):
            batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    """Take the tables back. What was given up would be tried again for ever: it goes."""
    op.execute("DELETE FROM search_due WHERE settled_at IS NOT NULL")
    with op.batch_alter_table("search_due", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_due_state_due_at"))
        for column in ("settled_at", "state", "attempts", "leased_until", "lease", "due_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.alter_column(
            "attempts", new_column_name="failures", existing_type=sa.SmallInteger(), type_=sa.Integer()
        )
