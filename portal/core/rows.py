"""Races settled by the row: a conditional UPDATE hits or not, a key is free or taken. The database decides, nobody asks
first: that would leave a moment in which somebody else is faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import CursorResult, Dialect, Executable, Insert, Table, Update, insert
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


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add some hundred rows that name the same columns, two of them or more. Defaults of the model are not looked at.

    SQLite gets its values as they are, column by column: what SQLAlchemy does for each row would take longer than
    SQLite does. Others get them from SQLAlchemy, which knows how to hand them over.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), rows)
        return
    names, quote = list(rows[0]), connection.dialect.identifier_preparer
    columns = zip(*map(itemgetter(*names), rows), strict=True)
    written = (
        _as_written(table, name, values, connection.dialect) for name, values in zip(names, columns, strict=True)
    )
    into = f"{quote.format_table(table)} ({', '.join(map(quote.quote, names))})"
    statement = f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # names of our own columns
    connection.exec_driver_sql(statement, list(zip(*written, strict=True)))


def _as_written(table: Table, name: str, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
    """The values of a column as its type hands them to the driver."""
    write = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return values if write is None else map(write, values)


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
