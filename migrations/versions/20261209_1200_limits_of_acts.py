"""How often each person did what reaches others is counted quickly, and who ran into a limit is known

Revision ID: 20261209_1200
Revises: 20261209_1105
Create Date: 2026-12-01 00:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_1200"
down_revision = "20261209_1105"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward: nobody has run into a limit yet."""
    op.create_table(
        "limit_hits",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_limit_hits_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "act", name=op.f("pk_limit_hits")),
    )
    with op.batch_alter_table("limit_hits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limit_hits_last_at"), ["last_at"], unique=False)
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_actor_id_at"), ["actor_id", "at"], unique=False)


def downgrade() -> None:
    """Take the tables back: who ran into a limit is forgotten."""
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_actor_id_at"))
    with op.batch_alter_table("limit_hits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_limit_hits_last_at"))
    op.drop_table("limit_hits")
