"""Structured logs: one line an event, with the request's id. Secrets are never passed to a log call.

What an error says goes into the log, except where a database says it: PostgreSQL repeats the values that people typed
(`DETAIL:  Key (email_key)=(…) already exists.`). `message_of` leaves them out, in our lines and in those of libraries.

A line cannot be forged: whatever is not printable (controls, line ends such as U+2028, marks of direction) is written
as an escape, in our lines and in those of libraries and of gunicorn. JSON escapes all that is not ASCII anyway.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType

import structlog
from sqlalchemy.exc import SQLAlchemyError, StatementError
from structlog.typing import EventDict, Processor

_LED_TO_ANOTHER = "\nDuring handling of the above exception, another exception occurred:\n\n"
_OUR_LINES = frozenset({"exception", "stack"})
_LOGS_OF_GUNICORN = ("gunicorn.error", "gunicorn.access")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up_logs(form: str) -> None:
    """Write logs to standard error, as text for people or as JSON for machines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(lambda exc_info: traceback_of(exc_info[1])),
            *([structlog.processors.JSONRenderer()] if form == "json" else _text_for_people()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _set_up_logs_of_libraries()


def escaped(text: str) -> str:
    """The text in one line that reads as it is written: what cannot be seen stands as an escape, such as \\u2028."""
    return text if text.isprintable() else "".join(map(_escaped_letter, text))


class _Shown:
    """A value in a line of text: quoted, with escapes for what cannot be seen."""

    def __init__(self, value: object) -> None:
        self._text = repr(value) if isinstance(value, str) else escaped(repr(value))

    def __repr__(self) -> str:
        return self._text


def _escaped_letter(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def _text_for_people() -> list[Processor]:
    # Tracebacks come written already. The pretty ones hold local variables, and with them whatever is at hand.
    plain = structlog.dev.plain_traceback
    return [_escape_values, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _escape_values(_logger: object, _method: str, line: EventDict) -> EventDict:
    return {
        escaped(name): value if name in _OUR_LINES else escaped(str(value)) if name == "event" else _in_one_line(value)
        for name, value in line.items()
    }


def _in_one_line(value: object) -> object:
    return value if isinstance(value, str) and value.isprintable() else _Shown(value)


def message_of(error: BaseException) -> str:
    """What an error says. One of the database: its first line, without values, and the statement with placeholders."""
    if not (isinstance(error, SQLAlchemyError) or hasattr(error, "sqlstate")):
        return str(error)
    sentence = str(error).partition("\n")[0].partition(': "')[0]
    statement = error.statement if isinstance(error, StatementError) else None
    return f"{sentence} [SQL: {statement}]" if statement else sentence


def traceback_of(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, as Python writes it, each with its `message_of`."""
    return _LED_TO_ANOTHER.join(_one_traceback(step) for step in reversed(list(_chain(error))))


def _one_traceback(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    lines = "".join(format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{lines}{name}: {escaped(message_of(error))}\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)


class _Formatter(logging.Formatter):
    """Lines of libraries, which log the standard way."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging calls it so)
        """What is said, in one line."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: ExcInfo | tuple[None, None, None]) -> str:  # noqa: N802  (logging calls it so)
        """The traceback, as in our own lines."""
        return traceback_of(ei[1]) if ei[1] else ""


def _set_up_logs_of_libraries() -> None:
    """Warnings and worse go to standard error, as they do when nobody sets anything up."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])  # changes nothing where handlers are set already
    for log in map(logging.getLogger, _LOGS_OF_GUNICORN):
        for theirs in log.handlers:
            _escape_lines_of(theirs)


def _escape_lines_of(handler: logging.Handler) -> None:
    """Let a handler that gunicorn has set up write the lines it writes, escaped."""
    form = handler.formatter or logging.Formatter()
    if not isinstance(form, _Formatter):
        handler.setFormatter(_Formatter(form._fmt, form.datefmt))
