"""A real worker is killed while it hands a letter to a real mail server: what arrives, and how often."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.activity.actions import record
from portal.activity.models import Mailing, Notice
from portal.activity.rules import link
from portal.app import create_app
from portal.core import clock, migrations
from portal.core.jobs import Portal
from portal.people.actions import PASSWORD_LETTER, write_letter
from portal.people.models import Letter
from tests import make
from tests.servers.portal import command, environment
from tests.servers.postman import Postman, running_postman
from tests.settings import parse_config

pytestmark = pytest.mark.real
SECONDS = 60


class Town:
    """A site whose workers are processes of their own, and its mail server."""

    def __init__(self, folder: Path, portal: Portal, postman: Postman) -> None:
        self.folder, self.portal, self.postman = folder, portal, postman
        self.worker: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> subprocess.Popen[bytes]:
        """`portal work`, in the folder of the site."""
        with (self.folder / "work.log").open("ab") as log:
            where = {"env": environment(self.folder), "cwd": self.folder}
            self.worker = subprocess.Popen(command("work"), stdout=log, stderr=log, **where)
        return self.worker

    def kill_worker(self) -> None:
        """SIGKILL, and it is gone."""
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Until that is so."""
        deadline = time.monotonic() + SECONDS
        while not is_so():
            assert time.monotonic() < deadline, (self.folder / "work.log").read_text()[-3000:]
            time.sleep(0.1)

    def column(self, column: Any) -> list[Any]:
        """What stands in this column."""
        with self.portal.unit_of_work() as session:
            return list(session.scalars(select(column)))

    def let_leases_end(self) -> None:
        """A quarter of an hour passes."""
        past = clock.now() - timedelta(seconds=1)
        with self.portal.unit_of_work() as session:
            session.execute(update(Mailing).where(Mailing.leased_until.is_not(None)).values(leased_until=past))
            session.execute(update(Letter).where(Letter.leased_until.is_not(None)).values(leased_until=past))

    def tell(self, username: str) -> None:
        """Something happens that this person is told of at once."""
        with self.portal.unit_of_work() as session:
            reader = make.person(session, username, email=f"{username}@example.org")
            leads = {"link": link("tools.index")}
            record(session, "mentoring.claimed", actor=None, values=leads, tell=[reader], now=clock.now())


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    with running_postman() as postman:
        toml = f'[site]\ndata_dir = "{tmp_path}"\n[database]\nurl = "{url}"\n'
        toml += f'[mail]\nhost = "127.0.0.1"\nport = {postman.port}\nsecurity = "none"\n'
        (tmp_path / "config.toml").write_text(toml)
        portal: Portal = create_app(parse_config(toml), in_memory_queue=True).extensions["portal"]
        migrations.upgrade(portal.database.engine)
        made = Town(tmp_path, portal, postman)
        yield made
        if made.worker and made.worker.poll() is None:
            made.kill_worker()
        portal.database.dispose()


def test_killed_when_the_server_had_the_letter_it_does_not_come_again(town: Town) -> None:
    town.tell("ana")
    town.postman.with_letter = lambda: town.kill_worker()
    town.start_worker()
    town.wait(lambda: len(town.postman.letters) == 1 and town.worker is not None and town.worker.poll() is not None)
    assert town.column(Mailing.state) == ["sending"]

    town.postman.with_letter = lambda: None
    town.let_leases_end()
    town.tell("ben")
    town.start_worker()
    town.wait(lambda: len(town.postman.to("ben@example.org")) == 1)
    town.wait(lambda: sorted(town.column(Mailing.state)) == ["sent", "uncertain"])
    assert len(town.postman.to("ana@example.org")) == 1
    assert town.column(Notice.read_at) == [None, None]
    assert "mail perhaps sent" in (town.folder / "work.log").read_text()


def test_killed_at_the_door_of_the_server_the_letter_comes_once(town: Town) -> None:
    town.tell("ana")
    town.postman.at_door = lambda: town.kill_worker()
    town.start_worker()
    town.wait(lambda: town.worker is not None and town.worker.poll() is not None)
    assert town.postman.letters == []
    assert town.column(Mailing.state) == ["waiting"]

    town.postman.at_door = lambda: None
    town.let_leases_end()
    town.start_worker()
    town.wait(lambda: town.column(Mailing.state) == ["sent"])
    assert len(town.postman.letters) == 1


def test_a_letter_about_an_account_comes_again_rather_than_not_at_all(town: Town) -> None:
    with town.portal.unit_of_work() as session:
        ana = make.person(session, "ana", email="ana@example.org")
        write_letter(session, ana, PASSWORD_LETTER, {}, clock.now())
    town.postman.with_letter = lambda: town.kill_worker()
    town.start_worker()
    town.wait(lambda: len(town.postman.letters) == 1 and town.worker is not None and town.worker.poll() is not None)

    town.postman.with_letter = lambda: None
    town.let_leases_end()
    town.start_worker()
    town.wait(lambda: town.column(Letter.state) == ["sent"])
    assert len({one["Message-ID"] for one in town.postman.letters}) == 1
    assert len(town.postman.letters) == 2
