"""Who asks the API: a program, by a token that a person made for it. No cookie counts there, so that no page elsewhere
can have a browser do something.

Rooms declare what tokens can be for (`Feature.api_scopes`); the guard `token_may` asks for one of these scopes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g

from portal.core.errors import InsufficientScope, NeedsToken
from portal.core.i18n import lazy

NO_TOKEN = lazy("This needs a token: send it in the header Authorization, behind the word Bearer.")
TOO_LITTLE = lazy("This token is not for that. Make one on your page of tokens that may do it.")


@dataclass(frozen=True, slots=True)
class ApiScope:
    """Something that a token can be for. `name`, "<things>:<read or write>", is stored; `label` says it in words."""

    name: str
    label: Any


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The program that asks: by which token, of whom (a Person), for what it is, and until when."""

    person: Any
    token_id: int
    token_name: str
    scopes: frozenset[str]
    ends_at: datetime


def known_caller() -> ApiCaller | None:
    """Who asks by a token; None for everybody else."""
    known: ApiCaller | None = g.get("api_caller")
    return known


def caller() -> ApiCaller:
    """Who asks by a token. Raises NeedsToken."""
    known = known_caller()
    if known is None:
        raise NeedsToken(NO_TOKEN)
    return known


def token_may(scope: ApiScope) -> Callable[[], None]:
    """A guard: only programs with a token for this. It raises NeedsToken, InsufficientScope."""

    def check() -> None:
        if scope.name not in caller().scopes:
            raise InsufficientScope(TOO_LITTLE, scope.name)

    return check
