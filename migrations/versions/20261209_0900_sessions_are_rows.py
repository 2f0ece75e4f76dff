"""Sessions are rows

Revision ID: 20261209_0900
Revises: 20261208_1000
Create Date: 2026-11-30 23:55:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_0900"
down_revision = "20261208_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward: everybody signs in anew. What repeats of a sign-in were answered with is forgotten."""
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("proved_at", sa.DateTime(), nullable=False),
        sa.Column("proofs", sa.String(length=80), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_user_sessions_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("mark", name=op.f("uq_user_sessions_mark")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_sessions_last_seen_at"), ["last_seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_sessions_person_id"), ["person_id"], unique=False)
    _forget_repeats()


def downgrade() -> None:
    """Take the tables back: everybody signs in anew."""
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sessions_person_id"))
        batch_op.drop_index(batch_op.f("ix_user_sessions_last_seen_at"))
    op.drop_table("user_sessions")
    _forget_repeats()


def _forget_repeats() -> None:
    submissions = sa.table("submissions", sa.column("new_session"))
    op.get_bind().execute(submissions.delete().where(submissions.c.new_session.is_not(None)))
