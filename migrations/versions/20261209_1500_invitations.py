"""Invitations

Revision ID: 20261209_1500
Revises: 20261209_1300
Create Date: 2026-12-01 04:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261209_1500"
down_revision = "20261209_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inviter_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("most_uses", sa.SmallInteger(), nullable=False),
        sa.Column("uses", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["people.id"], name=op.f("fk_invitations_inviter_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("mark", name=op.f("uq_invitations_mark")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_inviter_id"), ["inviter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitations_ends_at"), ["ends_at"], unique=False)
    op.create_table(
        "invitation_uses",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_invitation_uses_invitation_id_invitations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitation_uses_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_invitation_uses")),
    )
    with op.batch_alter_table("invitation_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_uses_invitation_id"), ["invitation_id"], unique=False)
    op.create_table(
        "invitation_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_invitation_letters_invitation_id_invitations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_letters")),
    )
    with op.batch_alter_table("invitation_letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_letters_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_letters_state_due_at"), ["state", "due_at"], unique=False)


def downgrade() -> None:
    """Take the tables back: nobody is invited any more."""
    op.drop_table("invitation_letters")
    op.drop_table("invitation_uses")
    op.drop_table("invitations")
