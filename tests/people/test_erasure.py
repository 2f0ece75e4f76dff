"""Whoever leaves is gone from every file as well: a mark that stood in every field is found nowhere afterwards."""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import session as cookie
from sqlalchemy import event, make_url, select

from portal import backup
from portal.core import clock, drafts
from portal.core.database import Base
from portal.core.wiping import wipe
from portal.people import actions, erased_list, erasures
from portal.people.models import PEOPLE_SEARCH, Person, PersonSkill
from tests import make
from tests.people.conftest import Postbox

MARK = "quokkamark"
NO_ENVIRONMENT: dict[str, str] = {}


@pytest.fixture
def site(make_site: Any) -> Any:
    """A site whose queue is a file, too."""
    return make_site(clients=SimpleNamespace(mailer=Postbox()), in_memory_queue=False)


@pytest.fixture
def ana(site: Any) -> Person:
    """Somebody whom search finds, with a mark in everything that they can say of themselves."""
    with site.unit_of_work() as session:
        person = make.person(session, f"{MARK}-ana", email=f"{MARK}@example.org")
        actions.describe(person, f"Ana {MARK}", f"I like {MARK}s. " * 200, "Europe/Paris", 5)
        actions.let_be_found(person, True)
        person.skills = [PersonSkill(skill="python", level=3)]
        steward = make.person(session, "steward")
        make.role(session, steward, "portal-steward")
    for number in range(3):  # earlier words of theirs, and several segments of the index
        with site.unit_of_work() as session:
            actions.describe(session.get_one(Person, person.id), f"Ana {MARK}", f"{MARK}{number} " * 300, "", 5)
        site.work("search.index")
    return person


def files_of(site: Any) -> list[Path]:
    """Every file that the site has: in its folder, and its database with what SQLite keeps beside it."""
    config = site.portal.config
    files = [file for file in config.site.data_dir.rglob("*") if file.is_file()]
    if site.portal.database.engine.dialect.name == "sqlite":
        database = Path(make_url(config.database_url({})).database or "")
        files += database.parent.glob(f"{database.name}*")
    return files


def marked(site: Any) -> set[str]:
    """The tables and the files in which the mark stands."""
    with site.portal.database.session(read_only=True) as session:
        tables = {one.name for one in Base.metadata.sorted_tables if MARK in str(session.execute(select(one)).all())}
    site.portal.database.dispose()
    return tables | {file.name for file in files_of(site) if MARK.encode() in file.read_bytes()}


def leave(site: Any, person: Person) -> None:
    """They delete their account by its form, in a browser in which they typed something before they signed in."""
    browser = site.client()
    with browser.session_transaction() as kept:
        kept[drafts.BROWSER] = "this browser"
    with site.app.test_request_context(), site.unit_of_work() as session:
        cookie[drafts.BROWSER] = "this browser"
        mark = drafts._this_browser()
        draft = drafts.Draft(id="1", browser=mark, page="/mentoring/ask", fields=[["goal", MARK]], kept_at=clock.now())
        session.add(draft)
    assert make.sign_in(browser, person).post("/people/me/delete").status_code == 303


def test_nothing_of_them_is_left_in_any_row_or_file(site: Any, ana: Person, tmp_path: Path) -> None:
    before = marked(site)
    assert {"people", "people_words"} <= before
    leave(site, ana)
    site.work()
    assert marked(site) == set()
    assert list(unpacked(site, tmp_path)) == []


def unpacked(site: Any, folder: Path) -> Iterator[str]:
    """The files in a backup that is made now, and have the mark."""
    file = folder / "backup.tar.gz"
    backup.create(site.portal.config, site.portal.database, file, NO_ENVIRONMENT, with_secret_key=True)
    with tarfile.open(file) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and MARK.encode() in content.read():
                yield member.name


def test_the_deletion_itself_asks_for_it(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get_one(Person, ana.id), clock.now())
        assert actions.COMPLETE_ERASURES in session.info["nudges"]


def test_while_somebody_reads_the_log_of_sqlite_waits(site: Any, ana: Person) -> None:
    has_log = site.portal.database.engine.dialect.name == "sqlite"
    if has_log:
        hurry = ("checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=1"))
        event.listen(site.portal.database.engine, *hurry)
    with site.portal.database.session(read_only=True) as reader:
        reader.scalars(select(Person)).all()
        leave(site, ana)
        assert wipe(site.portal.database, PEOPLE_SEARCH) is not has_log
    assert wipe(site.portal.database, PEOPLE_SEARCH)


def test_who_has_left_stands_in_a_list_without_names(site: Any, ana: Person) -> None:
    leave(site, ana)
    for _ in range(2):
        site.work(actions.COMPLETE_ERASURES)
    path = erasures.list_of(site.portal)
    assert path.read_text() == f"{ana.id} {ana.created_at.isoformat()}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_came_back_with_a_backup_goes_again_and_nobody_else(site: Any, ana: Person) -> None:
    path = erasures.list_of(site.portal)
    with site.unit_of_work() as session:
        bo = make.person(session, "bo")
        steward = session.scalars(select(Person).where(Person.username == "steward")).one()
    earlier = bo.created_at - timedelta(days=1)  # the number of Bo belonged to somebody else before the restore
    erased_list.add(path, [(ana.id, ana.created_at), (bo.id, earlier), (steward.id, steward.created_at), (99, earlier)])
    with path.open("a") as file:
        file.write("7\nno line of ours\n8 2026-11")
    assert erasures.erase_again(site.portal, path) == (1, [steward.id])
    with site.unit_of_work() as session:
        left = session.scalars(select(Person.id).where(Person.deleted_at.is_not(None))).all()
    assert left == [ana.id]
    site.work()
    assert marked(site) == set()
