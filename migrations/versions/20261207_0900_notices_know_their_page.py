"""Notices know the page of what they tell of, so that reading that page is reading them

Revision ID: 20261207_0900
Revises: 20261206_1000
Create Date: 2026-11-30 16:00:00
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261207_0900"
down_revision = "20261206_1000"
branch_labels = None
depends_on = None

BATCH = 500
NOTICES = sa.table("notices", sa.column("id"), sa.column("event_id"), sa.column("read_at"), sa.column("page"))
EVENTS = sa.table("events", sa.column("id"), sa.column("values", sa.JSON()))


def upgrade() -> None:
    """Bring the tables forward. Notices that are unread get the page that their link leads to."""
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("page", sa.String(length=255), nullable=False, server_default=""))
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.alter_column("page", server_default=None)
        batch_op.create_index(batch_op.f("ix_notices_event_id"), ["event_id"], unique=False)
    last = 0
    while rows := _unread_after(last):
        pages = [{"notice": row.id, "now": page} for row in rows if (page := _page_of(row[1].get("link")))]
        if pages:
            mine = sa.update(NOTICES).where(NOTICES.c.id == sa.bindparam("notice"))
            op.get_bind().execute(mine.values(page=sa.bindparam("now")), pages)
        last = rows[-1].id


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_event_id"))
        batch_op.drop_column("page")


def _unread_after(last: int) -> list[Any]:
    joined = sa.select(NOTICES.c.id, EVENTS.c["values"]).join(EVENTS, EVENTS.c.id == NOTICES.c.event_id)
    unread = joined.where(NOTICES.c.read_at.is_(None), NOTICES.c.id > last)
    return list(op.get_bind().execute(unread.order_by(NOTICES.c.id).limit(BATCH)))


def _page_of(link: Any) -> str:
    """As portal/activity/rules.py says it."""
    if not link:
        return ""
    args = [f"{name}={value}" for name, value in sorted(link["args"].items()) if not name.startswith("_")]
    return " ".join([link["endpoint"], *args])[:255]
