"""Letters that waited, were sent or given up when mail became one room stay so, there and back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from portal.core import migrations
from portal.core.database import make_engine

BEFORE, AFTER = "20261202_1200", "20261203_0900"
NOON = "2026-11-20 12:00:00.000000"
PERSON = (
    "INSERT INTO people (id, username, display_name, password_hash, session_epoch, language, time_zone, about,"
    " is_findable, created_at) VALUES (1, 'ana', 'Ana', '-', 0, '', '', '', false, '2026-11-20 12:00:00')"
)
LETTER = (
    'INSERT INTO letters (id, person_id, template, "values", due_at, attempts, sent_at, gave_up_at)'
    " VALUES (:id, 1, 'people.password_changed', '{}', '2026-11-20 12:00:00.000000', 1, :sent_at, :gave_up_at)"
)


def letters(connection: Connection, columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM letters ORDER BY id"))]


def test_letters_keep_where_they_stand_there_and_back(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrations.upgrade(engine, BEFORE)
    old = [(None, None), (NOON, None), (None, NOON)]
    with engine.begin() as connection:
        connection.execute(text(PERSON))
        for number, (sent_at, gave_up_at) in enumerate(old, 1):
            connection.execute(text(LETTER), {"id": number, "sent_at": sent_at, "gave_up_at": gave_up_at})
    migrations.upgrade(engine, AFTER)
    with engine.begin() as connection:
        found = letters(connection, "state, settled_at, attempts")
        assert found == [("waiting", None, 1), ("sent", NOON, 1), ("given_up", NOON, 1)]
    migrations.downgrade(engine, BEFORE)
    with engine.begin() as connection:
        assert letters(connection, "sent_at, gave_up_at") == old
    engine.dispose()
