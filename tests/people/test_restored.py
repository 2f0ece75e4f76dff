"""A backup from before somebody left brings them back; the command deletes them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.authenticators.models import CodeApp
from portal.authenticators.sealing import opened as unsealed
from portal.authenticators.sealing import seal
from portal.core import clock
from portal.people import actions, erasures
from portal.people.models import Person
from tests.databases import Databases
from tests.test_cli import configure, run

PASSWORD = ("--password", "correct horse battery")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases) -> Path:
    """A folder with a site in it, which Ana has left since it was backed up and was then lost."""
    monkeypatch.chdir(tmp_path)
    for name in ("PORTAL_CONFIG", "PORTAL_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    configure(tmp_path, databases.empty())
    ok("db", "upgrade")
    ok("user", "create", "ana", *PASSWORD)
    ok("user", "create", "bo", *PASSWORD)
    ok("db", "backup", "before.tar.gz")
    portal = opened()
    with portal.unit_of_work() as session:
        actions.leave(portal, session, person(session, "ana"), clock.now())
    erasures.complete_erasures(portal)
    portal.database.dispose()
    configure(tmp_path, databases.empty())
    return tmp_path


def opened() -> Any:
    """The site that the settings of this folder name."""
    return create_app().extensions["portal"]


def ok(*words: str) -> str:
    answer = run(*words)
    assert answer.exit_code == 0, answer.output
    return str(answer.output)


def person(session: Any, username: str) -> Any:
    return session.scalars(select(Person).where(Person.username == username)).one_or_none()


def here() -> set[str]:
    """Who has an account."""
    portal = opened()
    with portal.unit_of_work() as session:
        found = set(session.scalars(select(Person.username).where(Person.deleted_at.is_(None))))
    portal.database.dispose()
    return found


def test_a_restore_says_what_to_do_and_the_command_deletes_anew(folder: Path) -> None:
    assert "user erase-again" in ok("db", "restore", "before.tar.gz")
    assert here() == {"ana", "bo"}
    assert "gone again: 1" in ok("user", "erase-again")
    assert here() == {"bo"}
    assert "gone again: 0" in ok("user", "erase-again")


def test_a_list_from_elsewhere_does_as_well(folder: Path) -> None:
    saved = next(folder.rglob("erased-people.txt")).rename(folder / "saved.txt")
    ok("db", "restore", "before.tar.gz")
    ok("user", "erase-again")
    assert here() == {"ana", "bo"}
    assert "gone again: 1" in ok("user", "erase-again", str(saved))
    assert here() == {"bo"}


def test_without_its_secret_key_a_restore_tells_what_is_needed(folder: Path) -> None:
    (next(folder.rglob("secret_key"))).unlink()
    told = ok("db", "restore", "before.tar.gz")
    assert "There is no secret key." in told
    assert "PORTAL_SECRET_KEY" in told


def test_a_new_secret_key_takes_over_what_the_old_one_sealed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ok("db", "restore", "before.tar.gz")
    old = next(folder.rglob("secret_key")).read_text()
    portal = opened()
    with portal.unit_of_work() as session:
        for username, key in (("ana", old), ("bo", "lost")):
            app = {"sealed_secret": seal("JBSWY3DPEHPK3PXP", key), "last_step": 0, "added_at": clock.now()}
            session.add(CodeApp(person_id=person(session, username).id, **app))
    portal.database.dispose()
    monkeypatch.setenv("PORTAL_SECRET_KEY", "new")
    monkeypatch.setenv("PORTAL_OLD_SECRET_KEY", old)
    for _ in range(2):
        told = ok("user", "seal-anew")
        assert "Opened by neither key: 1" in told
    portal = opened()
    with portal.unit_of_work() as session:
        sealed = session.get_one(CodeApp, person(session, "ana").id).sealed_secret
    portal.database.dispose()
    assert unsealed(sealed, "new") == "JBSWY3DPEHPK3PXP"
