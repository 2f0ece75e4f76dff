"""The named ways to say no. Each carries a sentence for people, a code for programs, and an HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WayOn:
    """The page that lets a person do what they were refused: the words of its button, and its endpoint. `is_act`: the
    button does it at once. Either leads back by `next`.
    """

    label: Any
    endpoint: str
    is_act: bool = False


class PortalError(Exception):
    """Something a person must be told. `message` is a translated (or lazy) sentence: what is wrong and what to do.

    `code` says the same to programs, such as "not_your_offer": sentences are reworded and translated, codes stay.
    """

    status = 500
    code = "internal_server_error"

    def __init__(self, message: Any, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code


def raise_if(refusal: PortalError | None) -> None:
    """Raises the refusal that a rule has given, if any: `raise_if(refuse_withdrawal(made.person_id, person.id))`."""
    if refusal:
        raise refusal


class NotAllowed(PortalError):
    """The person may not do this. `permission`, where given, is the name of what a role would have to permit, `way_on`
    where they can do what is needed for it.
    """

    status = 403
    code = "not_allowed"

    def __init__(self, message: Any, *, code: str = "", permission: str = "", way_on: WayOn | None = None) -> None:
        super().__init__(message, code=code)
        self.permission, self.way_on = permission, way_on


class NotFound(PortalError):
    """There is no such thing, or the person may not know of it."""

    status = 404
    code = "not_found"


class Conflict(PortalError):
    """Somebody else was faster, or the thing has moved on since the page was opened."""

    status = 409
    code = "conflict"


class Invalid(PortalError):
    """What was sent cannot be understood. `field` names the input at fault."""

    status = 422
    code = "invalid"

    def __init__(self, message: Any, field: str = "", *, code: str = "") -> None:
        super().__init__(message, code=code)
        self.field = field


class NeedsToken(PortalError):
    """Only a program with a token can do this. `challenge` is what WWW-Authenticate says of it (RFC 6750, 3)."""

    status = 401
    code = "needs_token"

    @property
    def challenge(self) -> str:
        """What would be taken, and what is wrong with what came."""
        return 'Bearer realm="api"'


class InvalidToken(NeedsToken):
    """There is a token, but it is wrong, has ended, or its person may not sign in."""

    code = "invalid_token"

    @property
    def challenge(self) -> str:
        """What would be taken, and what is wrong with what came."""
        return f'{super().challenge}, error="{self.code}"'


class InsufficientScope(NeedsToken):
    """The token is good, but not for this: it would need `scope`."""

    status = 403
    code = "insufficient_scope"

    def __init__(self, message: Any, scope: str) -> None:
        super().__init__(message)
        self.scope = scope

    @property
    def challenge(self) -> str:
        """What would be taken, and what is wrong with what came."""
        return f'{super().challenge}, error="{self.code}", scope="{self.scope}"'


class TooMany(PortalError):
    """Too many tries. `retry_after` is in seconds."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: Any, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
