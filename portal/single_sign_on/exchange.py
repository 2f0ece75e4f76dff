"""Where signing in talks to the outside: called by the view before anything is written, and while no row is held.

Somebody waits for the answer, so it cannot be left to a job. The clients bound its time and size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from portal.clients.errors import SourceError
from portal.clients.identities import Begun, IdentityRefused
from portal.core.jobs import Portal
from portal.single_sign_on.rules import KnownIdentity

log = structlog.get_logger()
NO_ANSWER = "no_answer"


class ExchangeFailed(Exception):
    """It did not say who that is. `reason` is a word of IdentityRefused, or NO_ANSWER."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def begin(portal: Portal, provider: str, *, again: bool) -> Begun:
    """Where the browser goes, and what it must bring back. Raises ExchangeFailed."""
    try:
        begun: Begun = portal.clients.sign_in[provider].begin(again=again)
    except (SourceError, IdentityRefused) as error:
        raise _failed(provider, error) from error
    return begun


def finish(portal: Portal, provider: str, kept: Mapping[str, Any], answer: Mapping[str, str]) -> KnownIdentity:
    """Who came back to the browser that `kept` what begin gave. Raises ExchangeFailed."""
    begun = Begun("", kept["state"], kept["nonce"], kept["verifier"], kept.get("since", 0))
    try:
        said = portal.clients.sign_in[provider].finish(begun, answer)
    except (SourceError, IdentityRefused) as error:
        raise _failed(provider, error) from error
    return KnownIdentity(provider, said.issuer, said.subject, said.username, said.name, said.email)


def _failed(provider: str, error: SourceError | IdentityRefused) -> ExchangeFailed:
    reason = error.code if isinstance(error, IdentityRefused) else NO_ANSWER
    # Of an answer of theirs only our word for it: the rest may be anything, and secret.
    log.warning("sign-in elsewhere failed", provider=provider, reason=reason, trouble=error.code)
    return ExchangeFailed(reason)
