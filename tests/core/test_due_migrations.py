"""Sources, what search must index, and sweeps keep what they were when they came under one rule, there and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.core import migrations
from portal.core.database import make_engine
from tests.databases import Databases

BEFORE, AFTER = "20261203_0900", "20261203_1200"
SOURCE = (
    "INSERT INTO sources (id, slug, kind, name, url, is_active, due_at, failures, failure_detail, open_count,"
    " open_projects) VALUES (1, 'gerrit', 'gerrit', 'Gerrit', '', true, '2026-11-20 12:00:00', 3, '', 0, '')"
)
SWEEPS = (
    "INSERT INTO sweep_runs (name, finished_at, failed) VALUES"
    " ('a.fine', '2026-11-20 12:00:00', false), ('a.failed', '2026-11-20 12:00:00', true)"
)


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    engine = make_engine(databases.empty())
    migrations.upgrade(engine, BEFORE)
    yield engine
    engine.dispose()
    databases.drop(engine.url.render_as_string(hide_password=False))


def rows(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_what_was_due_is_due_and_what_failed_has_failed_as_often(engine: Engine) -> None:
    with engine.begin() as connection:
        for statement in (SOURCE, SWEEPS):
            connection.execute(text(statement))
    before = rows(engine, "SELECT kind FROM search_due ORDER BY id")
    assert before
    migrations.upgrade(engine, AFTER)
    assert rows(engine, "SELECT slug, attempts FROM sources") == [("gerrit", 3)]
    waiting = (
        "SELECT kind FROM search_due WHERE state = 'waiting' AND attempts = 0 AND due_at < '2026-11-20' ORDER BY id"
    )
    assert rows(engine, waiting) == before
    assert rows(engine, "SELECT name FROM sweep_runs WHERE succeeded_at IS NOT NULL") == [("a.fine",)]
    assert rows(engine, "SELECT count(*) FROM sweep_runs WHERE due_at = finished_at") == [(2,)]
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sweep_runs (name, due_at, failed, attempts) VALUES ('b', '2026-11-20', false, 0)")
        )
        connection.execute(text("UPDATE search_due SET state = 'given_up', settled_at = due_at WHERE kind = 'tools'"))
    migrations.downgrade(engine, BEFORE)
    assert rows(engine, "SELECT slug, failures FROM sources") == [("gerrit", 3)]
    assert rows(engine, "SELECT name, failed FROM sweep_runs ORDER BY name") == [("a.failed", True), ("a.fine", False)]
    assert rows(engine, "SELECT kind FROM search_due ORDER BY id") == [one for one in before if one != ("tools",)]
