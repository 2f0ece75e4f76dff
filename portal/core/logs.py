"""Structured logs: one line an event, with the request's id. Secrets are never passed to a log call.

What an error says goes into the log, except where a database says it: PostgreSQL repeats the values that people typed
(`DETAIL:  Key (email_key)=(…) already exists.`). `message_of` leaves them out, in our lines and in those of libraries.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType

import structlog
from sqlalchemy.exc import SQLAlchemyError, StatementError

_LED_TO_ANOTHER = "\nDuring handling of the above exception, another exception occurred:\n\n"
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up_logs(form: str) -> None:
    """Write logs to standard error, as text for people or as JSON for machines."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Tracebacks come written already. The pretty ones hold local variables, and with them whatever is at hand.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(lambda exc_info: traceback_of(exc_info[1])),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _set_up_logs_of_libraries()


def message_of(error: BaseException) -> str:
    """What an error says. One of the database: its first line, without values, and the statement with placeholders."""
    if not (isinstance(error, SQLAlchemyError) or hasattr(error, "sqlstate")):
        return str(error)
    sentence = str(error).partition("\n")[0].partition(': "')[0]
    statement = error.statement if isinstance(error, StatementError) else None
    return f"{sentence}\n[SQL: {statement}]" if statement else sentence


def traceback_of(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, as Python writes it, each with its `message_of`."""
    return _LED_TO_ANOTHER.join(_one_traceback(step) for step in reversed(list(_chain(error))))


def _one_traceback(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    lines = "".join(format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{lines}{name}: {message_of(error)}\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)


class _Formatter(logging.Formatter):
    """Lines of libraries, which log the standard way."""

    def formatException(self, ei: ExcInfo | tuple[None, None, None]) -> str:  # noqa: N802  (logging calls it so)
        """The traceback, as in our own lines."""
        return traceback_of(ei[1]) if ei[1] else ""


def _set_up_logs_of_libraries() -> None:
    """Warnings and worse go to standard error, as they do when nobody sets anything up."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])  # changes nothing where handlers are set already
