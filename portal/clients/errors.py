"""Why another server could not be read. Each kind has a stable `code`; the words for people are the reader's."""

from __future__ import annotations

from typing import ClassVar


class SourceError(Exception):
    """An outside server gave no usable answer.

    `code` names the kind for good, `detail` is the server's own words or address (at most 200 characters, never a
    secret), `status` the HTTP status where one came, `retry_after` the seconds the server asks us to wait.
    """

    code: ClassVar[str] = "bad_answer"
    passes: ClassVar[bool] = False
    """Whether the same request may well succeed in a moment."""

    def __init__(self, detail: str = "", *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


class BadAnswer(SourceError):
    """It answered something we cannot read or did not ask for."""


class Unauthorised(SourceError):
    """It does not accept our name and password or token, or they have expired (401)."""

    code = "unauthorised"


class Forbidden(SourceError):
    """It knows us and says no (403)."""

    code = "forbidden"


class Missing(SourceError):
    """There is nothing at that address, or it is hidden from us (404)."""

    code = "not_found"


class RateLimited(SourceError):
    """We ask too often (429)."""

    code = "rate_limited"
    passes = True


class ServerError(SourceError):
    """It failed itself (5xx)."""

    code = "server_error"
    passes = True


class NotJson(SourceError):
    """It sent a web page or plain text, most likely a sign-in page or a proxy's notice."""

    code = "not_json"


class CutShort(SourceError):
    """Its answer ended before it was complete."""

    code = "cut_short"
    passes = True


class TooLarge(SourceError):
    """Its answer is larger than we are ready to hold: `limit` bytes, counted unpacked."""

    code = "too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit / 1024 / 1024:.3g} MB")
        self.limit = limit


class TimedOut(SourceError):
    """It did not answer, or not to the end, in the time it has."""

    code = "timeout"


class Unreachable(SourceError):
    """No connection: the name is unknown, the port closed, the certificate wrong."""

    code = "unreachable"
    passes = True


class Elsewhere(SourceError):
    """It sends us to another host, where our credentials must not go."""

    code = "redirected"
