"""Migrations and races on the real thing: SQLite in a file, and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select, table

from portal import demo
from portal.app import create_app
from portal.core import migrations
from portal.core.database import make_engine
from portal.core.jobs import Portal
from tests.settings import parse_config

pytestmark = pytest.mark.real

# The second is work for the sweep that indexes: a migration may ask for it, up and down.
UNCOUNTED = {"alembic_version", "search_due"}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def open_portal(url: str, tmp_path: Path) -> Iterator[Callable[[], Portal]]:
    """Opens the portal on that database, as `portal serve` would."""
    opened: list[Portal] = []

    def open_portal() -> Portal:
        config = parse_config(f'[site]\ndata_dir = "{tmp_path}"\n[database]\nurl = "{url}"')
        app = create_app(config, environ={"PORTAL_SECRET_KEY": "test"}, in_memory_queue=True)
        opened.append(app.extensions["portal"])
        return opened[-1]

    yield open_portal
    for portal in opened:
        portal.database.dispose()


def test_tables_with_data_go_up_down_and_up_again(engine: Engine, open_portal: Callable[[], Portal]) -> None:
    migrations.upgrade(engine)
    list(demo.load(open_portal()))
    for _ in revisions():
        before = rows(engine)
        migrations.downgrade(engine, "-1")
        left = rows(engine)
        assert left == {name: before[name] for name in left}
    assert rows(engine) == {}

    migrations.upgrade(engine)
    assert migrations.drift(engine) == []
    list(demo.load(open_portal()))
    assert rows(engine)["people"] >= 40


def test_each_version_leads_to_the_next_with_data_in_the_tables(
    engine: Engine, open_portal: Callable[[], Portal]
) -> None:
    migrations.upgrade(engine)
    list(demo.load(open_portal()))
    migrations.downgrade(engine, "-1")
    before = rows(engine)
    migrations.upgrade(engine)

    after = rows(engine)
    assert {name: after[name] for name in before} == before
    assert migrations.drift(engine) == []


def test_two_upgrades_at_once_do_not_hurt_each_other(url: str) -> None:
    together = Barrier(2)

    def upgrade(_: int) -> str:
        engine = make_engine(url)
        together.wait()
        migrations.upgrade(engine)
        present = migrations.present(engine)
        engine.dispose()
        return present

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(upgrade, range(2))) == [migrations.newest()] * 2


def revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory(str(migrations.folder())).walk_revisions()]


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each of our tables has."""
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name not in UNCOUNTED]
        count = select(func.count())
        return {name: connection.scalar(count.select_from(table(name))) or 0 for name in names}
