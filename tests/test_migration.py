"""A developer changes a model, and one command writes the migration."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table, inspect

from dev import migration
from portal.core import migrations
from portal.core.database import Base, Database, UtcDateTime
from tests.databases import Databases

ROOT = Path(__file__).parents[1]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations' folder, in a copy where one more may be written."""
    shutil.copytree(migrations.folder(), tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "folder", lambda: tmp_path / "migrations")
    return tmp_path / "migrations" / "versions"


@pytest.fixture
def badges() -> Iterator[Table]:
    """A model that has no migration yet."""
    columns = (
        Column("id", Integer, primary_key=True),
        Column("person_id", ForeignKey("people.id"), index=True, nullable=False),
        Column("slug", String(40), nullable=False),
        Column("given_at", UtcDateTime, nullable=False),
    )
    table = Table("badges_to_come", Base.metadata, *columns)
    yield table
    Base.metadata.remove(table)


def test_a_new_model_becomes_a_migration_that_goes_up_and_down(
    versions: Path, badges: Table, databases: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(versions.glob("*.py"))
    assert migration.main(["badges", "to come"]) == 0
    [written] = set(versions.glob("*.py")) - before
    assert str(written) in capsys.readouterr().out
    assert written.name > max(path.name for path in before)
    assert written.name.endswith("_badges_to_come.py")
    assert "UtcDateTime" not in written.read_text()
    assert "_fts" not in written.read_text(), "what a dialect keeps behind a table of words is no difference"
    database = Database(databases.empty())
    try:
        migrations.upgrade(database.engine)
        assert migrations.present(database.engine) == written.name[:13]
        assert not migrations.drift(database.engine)
        migrations.downgrade(database.engine, "-1")
        assert badges.name not in inspect(database.engine).get_table_names()
    finally:
        database.dispose()


def test_a_written_migration_passes_the_checks_of_the_house(versions: Path, badges: Table) -> None:
    assert migration.main(["badges"]) == 0
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for action in (["check", "--ignore", "N,E501"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *action, *settings, str(sorted(versions.glob("*.py"))[-1])]
        assert subprocess.run(words, check=False, capture_output=True).returncode == 0


def test_nothing_is_written_where_tables_and_models_are_equal(
    versions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(versions.glob("*.py"))
    assert migration.main(["nothing"]) == 1
    assert "change a models.py first" in capsys.readouterr().out
    assert migration.main([" "]) == 2
    assert set(versions.glob("*.py")) == before
