"""Pictures that people choose for themselves

Revision ID: 20261208_0900
Revises: 20261207_1100
Create Date: 2026-11-30 16:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261208_0900"
down_revision = "20261207_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward: nobody has a picture yet."""
    op.create_table(
        "portraits",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_portraits_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_portraits")),
    )
    with op.batch_alter_table("portraits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portraits_mark"), ["mark"], unique=False)
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("picture", sa.String(length=32), server_default="", nullable=False))
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.alter_column("picture", server_default=None)


def downgrade() -> None:
    """Take the tables back: the pictures are lost, initials stand in for them."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("picture")
    with op.batch_alter_table("portraits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portraits_mark"))
    op.drop_table("portraits")
