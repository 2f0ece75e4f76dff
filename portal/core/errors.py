"""The named ways to say no. Each carries a sentence for the reader and the HTTP status it is answered with."""

from __future__ import annotations

from typing import Any


class PortalError(Exception):
    """Something a person must be told. `message` is a translated (or lazy) sentence: what is wrong and what to do."""

    status = 500

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(PortalError):
    """The person may not do this."""

    status = 403


class NotFound(PortalError):
    """There is no such thing, or the person may not know of it."""

    status = 404


class Conflict(PortalError):
    """Somebody else was faster, or the thing has moved on since the page was opened."""

    status = 409


class Invalid(PortalError):
    """What was sent cannot be understood. `field` names the input at fault."""

    status = 422

    def __init__(self, message: Any, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooMany(PortalError):
    """Too many tries. `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: Any, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
