"""A backup is taken while people write, holds everything of one moment, and comes back whole or not at all."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal import backup
from portal.core.config import Config, secret_key
from portal.core.database import Base, Database
from portal.core.errors import Conflict
from portal.people.models import Person
from tests import make
from tests.databases import Databases
from tests.settings import parse_config

NO_ENVIRONMENT: dict[str, str] = {}


@pytest.fixture
def elsewhere(tmp_path: Path, databases: Databases) -> Any:
    """Another site, with nothing in it, as one that is set up after a fire."""
    made: list[tuple[Config, Database]] = []

    def build() -> tuple[Config, Database]:
        folder = tmp_path / f"elsewhere{len(made)}"
        folder.mkdir()
        text = f'[site]\ndata_dir = "{folder}"\n[database]\nurl = "{databases.empty()}"\n'
        config = parse_config(text)
        made.append((config, Database(config.database.url)))
        return made[-1]

    yield build
    for config, database in made:
        database.dispose()
        databases.drop(config.database.url)


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.session(read_only=True) as session:
        tables = Base.metadata.sorted_tables
        return {one.name: session.execute(select(one).order_by(*one.primary_key)).all() for one in tables}


def test_what_is_restored_is_what_was_there_and_sessions_go_on(site: Any, elsewhere: Any, tmp_path: Path) -> None:
    with site.unit_of_work() as session:
        ana = make.speaker(session, "ana", python=3)
        ana.about = "é \U0001f5fa " * 1000
    key = secret_key(site.portal.config, NO_ENVIRONMENT)
    file = tmp_path / "backup.tar.gz"
    about = backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT, with_secret_key=True)
    assert about["database"] == site.portal.database.engine.dialect.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as packed:
        assert {member.mode for member in packed} == {0o600}
    config, database = elsewhere()
    backup.restore(config, database, file, NO_ENVIRONMENT)
    assert everything(database) == everything(site.portal.database)
    assert secret_key(config, NO_ENVIRONMENT) == key
    assert stat.S_IMODE((config.site.data_dir / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_key_that_comes_from_the_environment_stays_out(site: Any, tmp_path: Path) -> None:
    secret_key(site.portal.config, NO_ENVIRONMENT)
    file = tmp_path / "backup.tar.gz"
    environ = {"PORTAL_SECRET_KEY": "elsewhere"}
    backup.create(site.portal.config, site.portal.database, file, environ, with_secret_key=True)
    with tarfile.open(file) as archive:
        assert "secret_key" not in archive.getnames()


def test_the_key_lies_beside_what_it_opens_only_where_that_is_asked_for(site: Any, tmp_path: Path) -> None:
    key = secret_key(site.portal.config, NO_ENVIRONMENT)
    file = tmp_path / "backup.tar.gz"
    backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT)
    with tarfile.open(file) as archive:
        assert "secret_key" not in archive.getnames()
        contents = [archive.extractfile(member) for member in archive]
        assert not any(key.encode() in content.read() for content in contents if content)


def test_people_write_on_while_a_backup_is_taken(site: Any, elsewhere: Any, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        # Two rows at a time: a backup of one moment never holds one without the other.
        while not stop.is_set():
            with site.unit_of_work() as session:
                make.person(session, f"left{len(written)}")
                make.person(session, f"right{len(written)}")
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [tmp_path / f"{number}.tar.gz" for number in range(3)]
        for file in files:
            backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT)
    finally:
        stop.set()
        writer.join()
    for file in files:
        config, database = elsewhere()
        backup.restore(config, database, file, NO_ENVIRONMENT)
        with database.session(read_only=True) as session:
            names = session.scalars(select(Person.username)).all()
        lefts = {name.removeprefix("left") for name in names if name.startswith("left")}
        assert lefts == {name.removeprefix("right") for name in names if name.startswith("right")}


def test_a_database_that_holds_something_is_never_written_over(site: Any, make_site: Any, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT)
    other = make_site()
    with other.unit_of_work() as session:
        make.person(session, "ben")
    with pytest.raises(Conflict, match="tables in the database already"):
        backup.restore(other.portal.config, other.portal.database, file, NO_ENVIRONMENT)
    with other.unit_of_work() as session:
        assert session.scalars(select(Person.username)).all() == ["ben"]


def archive(path: Path, **files: bytes) -> Path:
    """An archive with these files."""
    with tarfile.open(path, "w:gz") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name.replace("_json", ".json"))
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return path


def test_what_is_no_backup_changes_nothing(site: Any, elsewhere: Any, tmp_path: Path) -> None:
    good = tmp_path / "good.tar.gz"
    backup.create(site.portal.config, site.portal.database, good, NO_ENVIRONMENT)
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    text = tmp_path / "text.tar.gz"
    text.write_text("hello")
    foreign = archive(tmp_path / "foreign.tar.gz", about_json=json.dumps({"database": "oracle"}).encode())
    strange = archive(tmp_path / "strange.tar.gz", hello=b"x")
    config, database = elsewhere()
    for file in (cut, text, foreign, strange):
        with pytest.raises(Conflict):
            backup.restore(config, database, file, NO_ENVIRONMENT)
    assert list(config.site.data_dir.iterdir()) == []
    backup.restore(config, database, good, NO_ENVIRONMENT)


def test_a_backup_that_fails_leaves_the_one_before_it(site: Any, tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "backup.tar.gz"
    backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT)
    before = file.read_bytes()
    nowhere = site.portal.config.model_copy(
        update={"database": site.portal.config.database.model_copy(update={"url": "postgresql://127.0.0.1:1/none"})}
    )
    if site.portal.database.engine.dialect.name == "postgresql":
        with pytest.raises(Conflict, match="pg_dump says"):
            backup.create(nowhere, site.portal.database, file, NO_ENVIRONMENT)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Conflict, match="postgresql-client"):
        backup.create(nowhere, site.portal.database, file, NO_ENVIRONMENT)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if "portal-backup" in path.name) == []
