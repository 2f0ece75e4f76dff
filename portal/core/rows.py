"""Races settled by the row: a conditional UPDATE hits or not, a key is free or taken. The database decides, nobody asks
first: that would leave a moment in which somebody else is faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Insert, Update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

_SQLITE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}
_POSTGRESQL = "23505"
_MARIADB = 1062


def run_prepared(session: Session, statement: Executable, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that was built once, when its module was loaded: no time goes into putting it together, nor into
    making objects of its rows. As with every query, what waits in the session is written first.
    """
    session.flush()
    return session.connection().execute(statement, values)


class _TakenError(Exception):
    pass


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a key was taken: a race that somebody lost. Any other broken constraint is a fault of the program."""
    driver: Any = error.orig
    return (
        getattr(driver, "sqlite_errorname", None) in _SQLITE
        or getattr(driver, "sqlstate", None) == _POSTGRESQL
        or next(iter(getattr(driver, "args", ())), None) == _MARIADB
    )


@contextmanager
def insert_unless_taken(session: Session, refusal: Exception) -> Iterator[None]:
    """Add or change rows inside the block. Raises `refusal` when a unique key of theirs is taken; the session goes on.

    Every other broken constraint is raised as it came.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        if is_unique_violation(error):
            raise refusal from error
        raise


def inserted(session: Session, row: Insert) -> bool:
    """Add a row unless its key is there already: somebody may press twice."""
    try:
        with insert_unless_taken(session, _TakenError()):
            session.execute(row)
    except _TakenError:
        return False
    return True


def updated_rows(session: Session, statement: Update) -> int:
    """Run a conditional UPDATE; how many rows still met its condition.

    Objects of these rows that the session holds stay as they were read: refresh those you go on with.
    """
    done = session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], done).rowcount


def updated_one_row(session: Session, statement: Update) -> bool:
    """Run a conditional UPDATE of one row; False when its condition no longer held, for somebody else was faster.

    An object of this row that the session holds stays as it was read, as with `updated_rows`.
    """
    return updated_rows(session, statement) == 1
