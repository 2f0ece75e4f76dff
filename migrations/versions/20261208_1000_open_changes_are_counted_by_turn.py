"""Open changes are counted by whose turn it is, and by project

Revision ID: 20261208_1000
Revises: 20261208_0900
Create Date: 2026-11-30 20:20:00
"""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "20261208_1000"
down_revision = "20261208_0900"
branch_labels = None
depends_on = None

MOST = 60
BY_PROJECT = """
SELECT source_id, project, count(*) FROM changes WHERE state = 'open'
GROUP BY source_id, project ORDER BY count(*) DESC, project
"""
BY_TURN = "SELECT source_id, waiting_on, count(*) FROM changes WHERE state = 'open' GROUP BY source_id, waiting_on"


def upgrade() -> None:
    """Bring the tables forward: what is open is counted as the next sync will count it."""
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("on_reviewers", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("on_authors", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.alter_column("on_reviewers", server_default=None)
        batch_op.alter_column("on_authors", server_default=None)
    connection = op.get_bind()
    projects: defaultdict[int, list[str]] = defaultdict(list)
    for source, project, number in connection.execute(sa.text(BY_PROJECT)):
        projects[source].append(f"{project}\t{number}")
    for source, lines in projects.items():
        _set(source, "open_projects", "\n".join(lines[:MOST]))
    for source, side, number in connection.execute(sa.text(BY_TURN)).all():
        if side in ("reviewer", "author"):
            _set(source, f"on_{side}s", number)


def downgrade() -> None:
    """Take the tables back: the names of projects stay."""
    rows = op.get_bind().execute(sa.text("SELECT id, open_projects FROM sources")).all()
    for source, lines in rows:
        _set(source, "open_projects", "\n".join(line.partition("\t")[0] for line in lines.splitlines()))
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_column("on_authors")
        batch_op.drop_column("on_reviewers")


def _set(source: int, column: str, value: str | int) -> None:
    sources = sa.table("sources", sa.column("id"), sa.column(column))
    op.get_bind().execute(sources.update().where(sources.c.id == source).values({column: value}))
