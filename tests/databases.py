"""A fresh database for each site under test: SQLite, or PostgreSQL where PORTAL_TEST_DATABASE=postgresql asks for it.

The tables are made once for each process of the tests and copied from then on. One PostgreSQL serves the whole run:
the process that hands out the tests starts it and tells the others its port.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from portal.core.database import Base, make_engine
from tests.servers.postgres import Postgres, running_postgres

WANTED = "PORTAL_TEST_DATABASE"
PORT = "PORTAL_TEST_POSTGRES_PORT"


class Databases(Protocol):
    """Where fresh databases come from."""

    def fresh(self) -> str:
        """The address of a database with every table and no row."""
        ...

    def empty(self) -> str:
        """The address of a database without any table."""
        ...

    def drop(self, url: str) -> None:
        """Throw a database away; nobody uses it any more."""
        ...


class SqliteDatabases:
    """A file for each database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._serial = itertools.count()
        self._template = folder / "template.db"
        _make_tables(f"sqlite:///{self._template}")

    def fresh(self) -> str:
        """A copy of the file with the tables."""
        path = self._folder / f"site{next(self._serial)}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """A file that is made when it is first opened."""
        return f"sqlite:///{self._folder / f'site{next(self._serial)}.db'}"

    def drop(self, url: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


class PostgresDatabases:
    """A database of one PostgreSQL for each."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._template = postgres.create()
        _make_tables(postgres.url(self._template))

    def fresh(self) -> str:
        """A copy of the database with the tables."""
        return self._postgres.url(self._postgres.create(self._template))

    def empty(self) -> str:
        """A new database."""
        return self._postgres.url(self._postgres.create())

    def drop(self, url: str) -> None:
        """Remove the database."""
        self._postgres.drop(url.rpartition("/")[2])


def _make_tables(url: str) -> None:
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def wants_postgres() -> bool:
    """Whether this run of the tests is one on PostgreSQL. Raises ValueError for a database nobody knows."""
    wanted = os.environ.get(WANTED, "sqlite")
    if wanted not in ("sqlite", "postgresql"):
        raise ValueError(f"{WANTED}={wanted}: choose sqlite or postgresql")
    return wanted == "postgresql"


def shared_postgres() -> Postgres | None:
    """The PostgreSQL of this run, or None where it has none."""
    return Postgres(int(os.environ[PORT])) if PORT in os.environ else None


@contextlib.contextmanager
def sharing_postgres() -> Iterator[None]:
    """A PostgreSQL for this process and all that it starts, for the time of the block."""
    with running_postgres() as postgres:
        os.environ[PORT] = str(postgres.port)
        yield
        del os.environ[PORT]
