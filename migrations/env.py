"""Alembic's entry: runs the migrations on the connection that core/migrations.py hands over."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy.types import TypeDecorator


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write what a column really holds into a migration, not our own type, which may change or go later."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite cannot alter a column: Alembic copies the table instead.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_object=context.config.attributes["include_object"],
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
