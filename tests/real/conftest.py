"""The real servers. One that cannot be started fails every test which needs it: nothing is skipped here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import shared_postgres
from tests.real.gerrit_maker import GerritMaker
from tests.servers.gerrit import Gerrit, running_gerrit
from tests.servers.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def gerrit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gerrit]:
    """One Gerrit for all tests: each makes its own projects in it."""
    with running_gerrit(tmp_path_factory.mktemp("gerrit")) as server:
        yield server


@pytest.fixture(scope="session")
def maker(gerrit: Gerrit, tmp_path_factory: pytest.TempPathFactory) -> GerritMaker:
    """Nora and Olaf write changes, Rita reviews, Mara maintains; Zuul is a robot, and so is Lint, unknown as such."""
    maker = GerritMaker(gerrit, tmp_path_factory.mktemp("clones"))
    for username in ("nora", "olaf", "rita", "lint"):
        maker.person(username)
    maker.maintainer("mara")
    maker.robot("zuul")
    return maker


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL of this run, else one of our own."""
    if shared := shared_postgres():
        yield shared
        return
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)
