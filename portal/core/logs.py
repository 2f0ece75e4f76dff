"""Structured logs: one line an event, with the request's id. Secrets are never passed to a log call."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs(form: str) -> None:
    """Write logs to standard error, as text for people or as JSON for machines."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        # Plain: the pretty traceback would print local variables, and with them whatever secret is at hand.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if form == "json" else _leave,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _leave(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event
