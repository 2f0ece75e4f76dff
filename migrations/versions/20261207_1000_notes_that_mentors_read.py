"""Notes of steps say whether a mentor may read them

Revision ID: 20261207_1000
Revises: 20261207_0900
Create Date: 2026-11-30 16:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261207_1000"
down_revision = "20261207_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. Whoever wrote a note until now was told that nobody else sees it: so it stays."""
    with op.batch_alter_table("track_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_note_shared", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("track_progress", schema=None) as batch_op:
        batch_op.alter_column("is_note_shared", server_default=None)


def downgrade() -> None:
    """Take the tables back: every note is for its writer alone again."""
    with op.batch_alter_table("track_progress", schema=None) as batch_op:
        batch_op.drop_column("is_note_shared")
