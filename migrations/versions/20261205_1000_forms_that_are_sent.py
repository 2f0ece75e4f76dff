"""Forms that were sent, known by their key, and what people typed while they were signed out

Revision ID: 20261205_1000
Revises: 20261205_0900
Create Date: 2026-11-30 13:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261205_1000"
down_revision = "20261205_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. A form that was sent before is not known."""
    op.create_table(
        "submissions",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("flashes", sa.JSON(), nullable=False),
        sa.Column("new_session", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submissions")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submissions_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_done_at"), ["done_at"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_browser"), ["browser"], unique=False)
        batch_op.create_index(batch_op.f("ix_drafts_kept_at"), ["kept_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_drafts_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Take the tables back. What people typed while they were signed out is lost."""
    op.drop_table("drafts")
    op.drop_table("submissions")
