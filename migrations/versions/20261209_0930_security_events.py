"""Security events are rows that stewards read

Revision ID: 20261209_0930
Revises: 20261209_0900
Create Date: 2026-12-01 00:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_0930"
down_revision = "20261209_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "security_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("who_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("whence", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    with op.batch_alter_table("security_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_events_about_id"), ["about_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_events_event_at"), ["event", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_events_whence_event_at"), ["whence", "event", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_events_who_id"), ["who_id"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    op.drop_table("security_events")
