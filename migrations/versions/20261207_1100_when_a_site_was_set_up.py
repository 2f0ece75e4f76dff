"""It is noted when a backup was made, and when a site was set up whole

Revision ID: 20261207_1100
Revises: 20261207_1000
Create Date: 2026-11-30 16:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261207_1100"
down_revision = "20261207_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward. Of backups before now nothing is known."""
    op.create_table(
        "milestones",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_milestones")),
    )


def downgrade() -> None:
    """Take the tables back."""
    op.drop_table("milestones")
