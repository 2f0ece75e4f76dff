"""What every test stands on: a site with its own database, and a network that ends at this machine."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from jinja2 import FileSystemBytecodeCache

from portal.app import FEATURES, create_app, load_content
from portal.core import config_file
from portal.core.content import Library
from portal.core.i18n import SHIPPED, use_languages
from portal.core.jobs import Portal, run_sweep
from portal.forges.table import FORGES
from portal.people import passwords
from tests.databases import (
    Databases,
    PostgresDatabases,
    SqliteDatabases,
    shared_postgres,
    sharing_postgres,
    wants_postgres,
)

LOOPBACK = ("127.", "::1", "localhost")
PORT_OF_A_SITE = 8000
CONTENTS_KEPT = 6
"""How many contents stay read at a time: the shipped one, and those of the test files that copy and change it."""
LIMIT_WITH_SERVERS = 900
"""Seconds for a test that starts a Gerrit, a PostgreSQL or a browser: the first one of a run waits for it."""


def pytest_configure(config: pytest.Config) -> None:
    """Start the one PostgreSQL of a run that wants it, before the run spreads over several processes."""
    if wants_postgres() and not hasattr(config, "workerinput"):
        stack = contextlib.ExitStack()
        stack.enter_context(sharing_postgres())
        config.add_cleanup(stack.close)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give tests with real servers more time than [tool.pytest.ini_options] timeout says."""
    if item.get_closest_marker("real") or item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.timeout(LIMIT_WITH_SERVERS))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database is tried: the rest would be the run on SQLite once more."""
    if wants_postgres():
        touching = [item for item in items if "databases" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(touching)])
        items[:] = touching


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach out: a forgotten real address fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def only_free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may listen where the portal does unless told otherwise: a developer's own site may run there."""
    bind = socket.socket.bind

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[1] == PORT_OF_A_SITE:
            raise AssertionError(f"a test wants port {PORT_OF_A_SITE}, which may be taken: give it free_port()")
        bind(self, address)

    monkeypatch.setattr(socket.socket, "bind", guarded)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes take a tenth of a second on purpose: tests take the same road with the smallest ones."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(autouse=True)
def speaking_english() -> None:
    """Each test begins in English: what was spoken last stays in its thread."""
    use_languages(SHIPPED)


def digest_of(folder: Path) -> str:
    """What tells two folders apart in which not all files are the same."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    told = (part for path in files for part in (str(path.relative_to(folder)).encode(), path.read_bytes()))
    return hashlib.sha256(b"\0".join(told)).hexdigest()


class SharedLibrary(Library):
    """A library of several sites, until one of them puts something else into it: from then on that one has its own."""

    def __init__(self, shared: Library) -> None:
        self._shelf, self._derived = shared._shelf, shared._derived

    def put(self, thing: object) -> None:
        """As a library does, leaving those of the other sites alone."""
        self._shelf, self._derived = {**self._shelf, type(thing): thing}, {}


class Site:
    """A whole portal under test: `site.client()` is a browser, `site.work()` runs the sweeps in the open."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.app = portal.app
        self.nudged: list[str] = []

    def client(self) -> Any:
        """A browser without cookies."""
        return self.app.test_client()

    def unit_of_work(self) -> Any:
        """A session that commits at the end of the block."""
        return self.portal.unit_of_work()

    def work(self, *names: str) -> None:
        """Run these sweeps now, or all of them."""
        for name in names or tuple(self.portal.features.sweeps):
            run_sweep(self.portal, name)


_number = itertools.count()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Where this process of the tests gets its databases."""
    postgres = shared_postgres()
    return PostgresDatabases(postgres) if postgres else SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(autouse=True, scope="session")
def content_is_read_once() -> Iterator[None]:
    """Most sites have the same content; reading it anew for each was most of the suite's time.

    Neither is it kept under each site's data_dir: tests/core/test_content_cache.py does that.
    """
    known: dict[Any, Any] = {}

    def read(
        folder: Path | None = None, features: Any = FEATURES, forges: Any = FORGES, own: Path | None = None
    ) -> Any:
        if tuple(features) != FEATURES or forges is not FORGES:
            return load_content(folder, features, forges, own)
        same_bytes = tuple(digest_of(one) if one else "" for one in (folder, own))
        library = known.pop(same_bytes, None) or load_content(folder, own=own)
        known[same_bytes] = library
        if len(known) > CONTENTS_KEPT:
            del known[next(iter(known))]
        return SharedLibrary(library)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("portal.app.load_content", read)
        patch.setattr("portal.app.open_library", lambda _folder, read, *_, **__: read())
        yield


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all sites, not anew for each."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@contextlib.contextmanager
def making_sites(folder: Path, databases: Databases, compiled_templates: FileSystemBytecodeCache) -> Iterator[Any]:
    """Gives a maker of sites: `make(toml="…", clients=…)`; each has a database of its own, dropped at the end."""
    made: list[Site] = []

    def make(toml: str = "", clients: Any = None, **options: Any) -> Site:
        config = config_file.parse_config(toml, options.get("forges", FORGES).settings)
        data = folder / f"site{next(_number)}"
        data.mkdir()
        config = config.model_copy(
            update={
                "site": config.site.model_copy(update={"data_dir": data}),
                # No test waits as people do: tests/people/test_traps.py says what happens to those who do not.
                **(
                    {}
                    if "sign_up_seconds" in toml
                    else {"limits": config.limits.model_copy(update={"sign_up_seconds": 0})}
                ),
                "database": config.database.model_copy(update={"url": databases.fresh()}),
            }
        )
        usual = {"in_memory_queue": True, "environ": {"PORTAL_SECRET_KEY": "test"}}
        app = create_app(config, clients, **{**usual, **options})
        app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        app.jinja_env.bytecode_cache = compiled_templates
        site = Site(app.extensions["portal"])
        made.append(site)
        return site

    yield make
    for site in made:
        site.portal.database.dispose()
        databases.drop(site.portal.config.database.url)


@pytest.fixture
def make_site(tmp_path: Path, databases: Databases, compiled_templates: FileSystemBytecodeCache) -> Iterator[Any]:
    """Makes sites for one test."""
    with making_sites(tmp_path, databases, compiled_templates) as make:
        yield make


@pytest.fixture
def site(make_site: Any) -> Site:
    """A portal with the default settings and an empty database."""
    return make_site()
