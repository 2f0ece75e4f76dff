"""The catalogue of tools

Revision ID: 20261201_1300
Revises: 20261201_1200
Create Date: 2026-11-23 06:34:16.075970
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201_1300"
down_revision = "20261201_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "tool_terms",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("tools", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_tool_terms")),
    )
    with op.batch_alter_table("tool_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tool_terms_kind_tools"), ["kind", "tools"], unique=False)

    op.create_table(
        "tools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("title_key", sa.String(length=255), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("tool_type", sa.String(length=32), nullable=False),
        sa.Column("is_deprecated", sa.Boolean(), nullable=False),
        sa.Column("is_experimental", sa.Boolean(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=500), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("wanted_since", sa.DateTime(), nullable=True),
        sa.Column("wanted_reason", sa.Text(), nullable=False),
        sa.Column("wanted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["wanted_by_id"], ["people.id"], name=op.f("fk_tools_wanted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tools")),
        sa.UniqueConstraint("name", name=op.f("uq_tools_name")),
    )
    with op.batch_alter_table("tools", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tools_title_key_id"), ["title_key", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_tools_wanted_since_title_key_id"), ["wanted_since", "title_key", "id"], unique=False
        )

    op.create_table(
        "tool_facets",
        sa.Column("tool_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name=op.f("fk_tool_facets_tool_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tool_id", "kind", "value", name=op.f("pk_tool_facets")),
    )
    with op.batch_alter_table("tool_facets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tool_facets_kind_value_tool_id"), ["kind", "value", "tool_id"], unique=False
        )

    op.create_table(
        "tool_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tool_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("open_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tool_offers_person_id")),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name=op.f("fk_tool_offers_tool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_offers")),
        sa.UniqueConstraint("open_key", name=op.f("uq_tool_offers_open_key")),
    )
    with op.batch_alter_table("tool_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tool_offers_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tool_offers_tool_id_state"), ["tool_id", "state"], unique=False)

    op.create_table(
        "tool_people",
        sa.Column("tool_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("wiki_username", sa.String(length=255), nullable=False),
        sa.Column("developer_username", sa.String(length=255), nullable=False),
        sa.Column("url", sa.String(length=2047), nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name=op.f("fk_tool_people_tool_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tool_id", "place", name=op.f("pk_tool_people")),
    )
    with op.batch_alter_table("tool_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tool_people_developer_username"), ["developer_username"], unique=False)
        batch_op.create_index(batch_op.f("ix_tool_people_wiki_username"), ["wiki_username"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("tool_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tool_people_wiki_username"))
        batch_op.drop_index(batch_op.f("ix_tool_people_developer_username"))

    op.drop_table("tool_people")
    with op.batch_alter_table("tool_offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tool_offers_tool_id_state"))
        batch_op.drop_index(batch_op.f("ix_tool_offers_person_id"))

    op.drop_table("tool_offers")
    with op.batch_alter_table("tool_facets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tool_facets_kind_value_tool_id"))

    op.drop_table("tool_facets")
    with op.batch_alter_table("tools", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tools_wanted_since_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_tools_title_key_id"))

    op.drop_table("tools")
    with op.batch_alter_table("tool_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tool_terms_kind_tools"))

    op.drop_table("tool_terms")
