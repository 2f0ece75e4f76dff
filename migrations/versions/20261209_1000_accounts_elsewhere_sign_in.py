"""Accounts elsewhere sign in

Revision ID: 20261209_1000
Revises: 20261209_0930
Create Date: 2026-12-01 00:25:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_1000"
down_revision = "20261209_0930"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_linked_identities_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identities")),
        sa.UniqueConstraint("provider", "issuer", "subject", name=op.f("uq_linked_identities_provider_issuer_subject")),
    )
    with op.batch_alter_table("linked_identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_linked_identities_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Take the tables back: who has no password needs a letter to come in."""
    with op.batch_alter_table("linked_identities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_linked_identities_person_id"))
    op.drop_table("linked_identities")
