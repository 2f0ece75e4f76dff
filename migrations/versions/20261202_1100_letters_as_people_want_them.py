"""Which notices come by mail, and when: chosen by people, sent at most once

Revision ID: 20261202_1100
Revises: 20261202_1000
Create Date: 2026-11-25 19:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261202_1100"
down_revision = "20261202_1000"
branch_labels = None
depends_on = None

# A notice was told by a letter of its own, written at the same moment. One that still waits for its first try moves.
TAKE_OVER = """
INSERT INTO mailings (notice_id, person_id, cadence, state, due_at, attempts)
SELECT notices.id, notices.person_id, 'now', 'waiting', notices.created_at, 0
FROM notices JOIN events ON events.id = notices.event_id
WHERE notices.read_at IS NULL AND EXISTS (
    SELECT 1 FROM letters
    WHERE letters.person_id = notices.person_id AND letters.template = events.verb AND letters.due_at = events.at
    AND letters.attempts = 0 AND letters.sent_at IS NULL AND letters.gave_up_at IS NULL
)
"""
# What is tried again and again would go on without its notice: it stands on the site.
NO_LETTERS_OF_NOTICES = (
    "DELETE FROM letters WHERE sent_at IS NULL AND gave_up_at IS NULL AND template NOT LIKE 'people.%'"
)


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "mail_choices",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cadence", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mail_choices_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_mail_choices")),
    )
    op.create_table(
        "mailings",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cadence", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_mailings_notice_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mailings_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_mailings")),
    )
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailings_person_id_state"), ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_mailings_state_due_at"), ["state", "due_at"], unique=False)
    op.execute(TAKE_OVER)
    op.execute(NO_LETTERS_OF_NOTICES)


def downgrade() -> None:
    """Take the tables back. What waited to be mailed stands on the site alone."""
    with op.batch_alter_table("mailings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailings_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_mailings_person_id_state"))

    op.drop_table("mailings")
    op.drop_table("mail_choices")
