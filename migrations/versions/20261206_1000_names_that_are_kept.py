"""Usernames that nobody gets any more are kept, as hashes, and when somebody changed theirs

Revision ID: 20261206_1000
Revises: 20261206_0900
Create Date: 2026-11-30 14:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261206_1000"
down_revision = "20261206_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. What those were called who have left already stands nowhere, so it cannot be kept."""
    op.create_table(
        "kept_usernames",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kept_since", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_kept_usernames_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_kept_usernames")),
    )
    with op.batch_alter_table("kept_usernames", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_usernames_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("username_changed_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Take the tables back. Names that somebody had before can be had again."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("username_changed_at")
    op.drop_table("kept_usernames")
