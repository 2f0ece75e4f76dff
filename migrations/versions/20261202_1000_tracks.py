"""What people did of learning tracks

Revision ID: 20261202_1000
Revises: 20261201_1300
Create Date: 2026-11-25 19:21:08.412207
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261202_1000"
down_revision = "20261201_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "track_enrolments",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_track_enrolments_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "track_id", name=op.f("pk_track_enrolments")),
    )
    with op.batch_alter_table("track_enrolments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_track_enrolments_state_track_id"), ["state", "track_id"], unique=False)

    op.create_table(
        "track_progress",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_track_progress_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "step_id", name=op.f("pk_track_progress")),
    )


def downgrade() -> None:
    """Take the tables back."""
    op.drop_table("track_progress")
    with op.batch_alter_table("track_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_enrolments_state_track_id"))

    op.drop_table("track_enrolments")
