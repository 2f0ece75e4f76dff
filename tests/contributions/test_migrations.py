"""What was counted of open changes before is counted by turn and by project from the first page on, there and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from portal.core import migrations
from portal.core.database import make_engine
from tests.databases import Databases

BEFORE, AFTER = "20261208_0900", "20261208_1000"
SOURCE = (
    "INSERT INTO sources (id, slug, kind, name, url, is_active, due_at, attempts, failure_detail, open_count,"
    " open_projects) VALUES (1, 'gerrit', 'gerrit', 'Gerrit', '', true, '2026-11-20 12:00:00', 0, '', 3, 'core\ntools')"
)
CHANGE = (
    "INSERT INTO changes (source_id, key, number, project, url, title, author_username, author_name, author_is_bot,"
    " state, work_in_progress, patchsets, created_at, updated_at, waiting_on, waiting_since, is_newcomer) VALUES"
    " (1, :key, :key, :project, '', 'Mend it', 'zoe', 'Zoe', false, :state, false, 1, '2026-11-20 12:00:00',"
    " '2026-11-20 12:00:00', :on, '2026-11-20 12:00:00', false)"
)
CHANGES = (
    ("tools", "open", "reviewer"),
    ("tools", "open", "author"),
    ("core", "open", "reviewer"),
    ("core", "merged", "nobody"),
)


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    engine = make_engine(databases.empty())
    migrations.upgrade(engine, BEFORE)
    with engine.begin() as connection:
        connection.execute(text(SOURCE))
        for number, (project, state, side) in enumerate(CHANGES):
            connection.execute(text(CHANGE), {"key": number, "project": project, "state": state, "on": side})
    yield engine
    engine.dispose()
    databases.drop(engine.url.render_as_string(hide_password=False))


def test_what_is_open_is_counted_by_turn_and_by_project_and_names_stay_on_the_way_back(engine: Engine) -> None:
    migrations.upgrade(engine, AFTER)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT on_reviewers, on_authors, open_projects FROM sources")).one()
    assert tuple(row) == (2, 1, "tools\t2\ncore\t1")
    migrations.downgrade(engine, BEFORE)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT open_projects FROM sources")) == "tools\ncore"
