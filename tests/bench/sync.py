"""A sync against the least anybody could do with the same pages: fetch them, and put plain rows into SQLite."""

from __future__ import annotations

import gc
import json
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from portal.app import create_app
from portal.clients.http import HttpClient
from portal.contributions import jobs
from portal.contributions.models import Change
from portal.core.config import SourceConfig
from portal.core.database import Base
from portal.core.jobs import Portal
from portal.forges.gerrit.client import GerritSource
from tests.bench.measure import Measure, best_of, quiet
from tests.bench.server import serving
from tests.memory import peak_memory
from tests.settings import parse_config

OPTIONS = [("o", option) for option in ("DETAILED_ACCOUNTS", "MESSAGES", "ALL_REVISIONS")]
COLUMNS = [column.name for column in Change.__table__.c if column.name != "id"]


class Clients:
    """The outside world of the measured site: the real Gerrit client on the server from memory."""

    def source(self, config: SourceConfig) -> GerritSource:
        """A client as the portal makes it."""
        client = HttpClient(config.url, agent="bench")
        return GerritSource(client, url=config.url, page_size=config.page_size)


@contextmanager
def site(url: str, page_size: int) -> Iterator[Portal]:
    """A portal with one source and an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        text = f'[site]\ndata_dir = "{folder}"\nlog_format = "json"\n[[sources]]\nslug = "gerrit"\nkind = "gerrit"\n'
        config = parse_config(f'{text}url = "{url}"\npage_size = {page_size}\n')
        app = create_app(config, Clients(), environ={"PORTAL_SECRET_KEY": "bench"}, in_memory_queue=True)
        quiet()
        gc.freeze()  # as the command does
        portal: Portal = app.extensions["portal"]
        Base.metadata.create_all(portal.database.engine)
        yield portal
        portal.database.dispose()


def storing() -> Iterator[Measure]:
    """Everything recorded, from a server that answers at once."""
    with serving() as url:
        ours, bare = best_of(
            3,
            lambda: _timed_sync(url, 100),
            lambda: _bare_store(url, 100),
            until=lambda times: times[0] < 2.8 * times[1],
        )
    yield Measure("storing 5,590 changes / bare fetch, decode and insert", ours / bare, 3)


def waiting() -> Iterator[Measure]:
    """The same from a server that takes half a second for a page."""
    with serving(latency=0.5) as url:
        ours, bare = best_of(1, lambda: _timed_sync(url, 200), lambda: _bare_walk(url, 200))
    yield Measure("sync with 0.5 s a page / bare walk", ours / bare, 1.2)


def memory() -> Iterator[Measure]:
    """The highest memory of a process that syncs once, and of one that walks four times as many pages."""
    once, more = (_in_a_process(_peak_memory, times) for times in (1, 4))
    yield Measure("peak memory of a sync of 5,590 changes, MB", once, 200)
    yield Measure("peak memory with four times as many pages / once", more / once, 1.15)


def unchanged() -> Iterator[Measure]:
    """Requests of a sync when nothing has changed since the one before."""
    with serving() as url, site(url, 100) as portal:
        jobs.sync(portal, full=True)
        before = _asked(url)
        jobs.sync(portal)
        yield Measure("requests when nothing changed", _asked(url) - before, 1)


def _timed_sync(url: str, page_size: int) -> float:
    with site(url, page_size) as portal:
        started = time.perf_counter()
        result = jobs.sync(portal, full=True)[0]
        took = time.perf_counter() - started
    if not result.ok or result.new_changes != 5590:
        raise RuntimeError(f"the sync went wrong: {result}")
    return took


def _pages(url: str, page_size: int) -> Iterator[list[dict[str, Any]]]:
    """Every page, one after the other."""
    session, start, more = requests.Session(), 0, True
    while more:
        params = [("q", "status:open OR status:closed"), ("n", page_size), ("S", start), *OPTIONS]
        page = json.loads(session.get(f"{url}/changes/", params=params, timeout=30).text[5:])
        yield page
        start += len(page)
        more = bool(page and page[-1].get("_more_changes"))


def _bare_walk(url: str, page_size: int) -> float:
    started = time.perf_counter()
    for _ in _pages(url, page_size):
        pass
    return time.perf_counter() - started


def _bare_store(url: str, page_size: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        connection = sqlite3.connect(Path(folder) / "bare.db")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"CREATE TABLE changes (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        slots = ", ".join("?" * len(COLUMNS))
        for page in _pages(url, page_size):
            connection.executemany(
                f"INSERT INTO changes ({', '.join(COLUMNS)}) VALUES ({slots})", [_bare_row(change) for change in page]
            )
            connection.commit()
        connection.close()
        return time.perf_counter() - started


def _bare_row(change: dict[str, Any]) -> tuple[Any, ...]:
    """As many columns as the portal stores, without any thought."""
    owner, at = change["owner"], change["updated"]
    row = (1, str(change["_number"]), change["_number"], change.get("change_id"), change["project"], change["id"])
    row += (change["subject"], owner.get("username"), owner.get("name"), 0, change["status"], 0)
    row += (len(change["revisions"]),)
    row += (change["insertions"], change["deletions"], change["created"], at, at, at, "nobody", at, None, 0, None)
    return row


def _asked(url: str) -> int:
    return int(requests.get(f"{url}/asked", timeout=30).text)


def _in_a_process(work: Callable[[int, Any], None], times: int) -> float:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(times, theirs))
    process.start()
    answer: float = ours.recv()
    process.join()
    return answer


def _peak_memory(times: int, pipe: Any) -> None:
    with serving(times=times) as url, site(url, 100) as portal:
        jobs.sync(portal, full=True)
        pipe.send(peak_memory())
