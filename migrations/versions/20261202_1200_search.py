"""Search: the words of people, tools and changes, and who agreed to be found

Revision ID: 20261202_1200
Revises: 20261202_1100
Create Date: 2026-11-25 19:33:12.402518
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261202_1200"
down_revision = "20261202_1100"
branch_labels = None
depends_on = None

WORDS = {"change_words": "changes", "people_words": "people", "tool_words": "tools"}


def upgrade() -> None:
    """Bring the tables forward. The worker fills the words of what is there already."""
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_findable", sa.Boolean(), nullable=False, server_default=sa.false()))
    due = op.create_table(
        "search_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_due")),
    )
    for name, of in WORDS.items():
        op.create_table(
            name,
            sa.Column(
                "place",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                autoincrement=False,
                nullable=False,
            ),
            sa.Column("row_id", sa.Integer(), nullable=False),
            sa.Column("title_key", sa.BigInteger(), nullable=False),
            sa.Column("words", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["row_id"], [f"{of}.id"], name=op.f(f"fk_{name}_row_id"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("place", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint("row_id", name=op.f(f"uq_{name}_row_id")),
        )
        op.create_index(op.f(f"ix_{name}_title_key_place"), name, ["title_key", "place"], unique=False)
        _index_words(name)
    op.bulk_insert(due, [{"kind": kind, "about": {"after": 0}} for kind in WORDS.values()])


SQLITE = (
    "CREATE VIRTUAL TABLE {0}_fts USING fts5(words, content='{0}', content_rowid='place', columnsize=0, detail=none, "
    "prefix='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', tokenize=\"ascii tokenchars '=+#-'\")",
    "CREATE TRIGGER {0}_come AFTER INSERT ON {0} BEGIN "
    "INSERT INTO {0}_fts (rowid, words) VALUES (new.place, new.words); END",
    "CREATE TRIGGER {0}_go AFTER DELETE ON {0} BEGIN "
    "INSERT INTO {0}_fts ({0}_fts, rowid, words) VALUES ('delete', old.place, old.words); END",
)
POSTGRESQL = ("CREATE INDEX ix_{0}_words ON {0} USING gin (array_to_tsvector(string_to_array(words, ' ')))",)


def _index_words(name: str) -> None:
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement.format(name))


def downgrade() -> None:
    """Take the tables back."""
    for name in WORDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {name}_fts")
        op.drop_table(name)
    op.drop_table("search_due")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("is_findable")
