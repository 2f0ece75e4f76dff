"""One way for mail: letters about accounts and notices have the same columns of what is due

Revision ID: 20261203_0900
Revises: 20261202_1200
Create Date: 2026-11-30 09:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203_0900"
down_revision = "20261202_1200"
branch_labels = None
depends_on = None

STATES = """
UPDATE letters SET settled_at = coalesce(sent_at, gave_up_at), state = CASE
    WHEN sent_at IS NOT NULL THEN 'sent' WHEN gave_up_at IS NOT NULL THEN 'given_up' ELSE 'waiting' END
"""
MOMENTS = """
UPDATE letters SET gave_up_at = CASE WHEN state = 'given_up' THEN settled_at END,
    sent_at = CASE WHEN state <> 'given_up' THEN settled_at END
"""


def upgrade() -> None:
    """Bring the tables forward. What waits goes on waiting, what was settled stays so."""
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="waiting"))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))
        batch_op.drop_index("ix_letters_sent_at_due_at")
        batch_op.create_index(batch_op.f("ix_letters_state_due_at"), ["state", "due_at"], unique=False)
    op.execute(STATES)
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.alter_column("state", server_default=None)
        batch_op.drop_column("sent_at")
        batch_op.drop_column("gave_up_at")
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Take the tables back. A letter that nobody wanted any more counts as sent, as it did."""
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.drop_column("lease")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("gave_up_at", sa.DateTime(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_letters_state_due_at"))
        batch_op.create_index("ix_letters_sent_at_due_at", ["sent_at", "due_at"], unique=False)
    op.execute(MOMENTS)
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_column("lease")
        batch_op.drop_column("settled_at")
        batch_op.drop_column("state")
