"""What every client for other servers does alike: how much it takes, what an answer is, what a status means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult

import requests

from portal.clients.deadlines import is_overdue
from portal.clients.errors import (
    BadAnswer,
    CutShort,
    Forbidden,
    Missing,
    NotJson,
    RateLimited,
    ServerError,
    SourceError,
    TimedOut,
    TooLarge,
    Unauthorised,
)

GERRIT_PREFIX = b")]}'"
PORTS = {"http": 80, "https": 443}
REDIRECTS = 5
MB = 1024 * 1024
MOST_VALUES = 500_000
"""How many values one answer may hold: a page of a hundred long changes has some hundred thousand. Eight megabytes of
the shortest ones would become hundreds of megabytes of objects."""
MOST_DIGITS = 18
"""What the largest column certainly holds. The time to read a number grows with the square of its digits."""
_CHUNK = 64 * 1024
_ERRORS = {401: Unauthorised, 403: Forbidden, 404: Missing, 410: Missing, 429: RateLimited}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much we take from a server. Times are seconds, `size` is bytes after decompression.

    `connect` and `read` hold for one step of a request, `total` for all of it: name, connection, every redirect.

    `tries` counts the first one in. `longest_wait` caps one pause, `wait_budget` all pauses together, whoever asked
    for them: a server that wants more is left alone until the next sync.
    """

    connect: float = 10
    read: float = 30
    total: float = 120
    size: int = 8 * MB
    tries: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60
    wait_budget: float = 180


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete answer with status 200."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON, without Gerrit's prefix. Raises NotJson, CutShort, and BadAnswer for too much in it."""
        text = self.body.removeprefix(GERRIT_PREFIX)
        if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise BadAnswer(f"more than {MOST_VALUES} values")
        try:
            return json.loads(text, parse_int=_number, parse_constant=_no_constant)
        except RecursionError as error:
            raise BadAnswer("nested too deep") from error
        except ValueError as error:
            begins_as_json = text.lstrip()[:1] in (b"[", b"{")
            raise (CutShort if begins_as_json else NotJson)(self.headers.get("Content-Type", "")) from error

    def links(self) -> dict[str, str]:
        """Where the Link header leads, by relation; empty without one."""
        links = requests.utils.parse_header_links(self.headers.get("Link", ""))
        return {link["rel"]: link["url"] for link in links if "rel" in link}


def read_body(raw: Any, size: int, where: str) -> bytes:
    """The body of urllib3's response, decompressed piece by piece, for what is small may unpack to anything.

    Raises TooLarge as soon as more than `size` bytes have come, and TimedOut when the deadline of the block is over:
    what was cut off by it may look like the end of an answer.
    """
    body = bytearray()
    while chunk := raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > size:
            raise TooLarge(size)
        check_time(where)
    check_time(where)
    return bytes(body)


def _number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise BadAnswer("a number that no program should read")
    return int(digits)


def _no_constant(name: str) -> None:
    raise BadAnswer(f"{name} is no JSON")


def check_time(where: str) -> None:
    """Raises TimedOut when the deadline of the block is over."""
    if is_overdue():
        raise TimedOut(where)


def error_of(status: int) -> type[SourceError]:
    """What an answer with this status means, which is not 200."""
    return _ERRORS.get(status, ServerError if status >= 500 else BadAnswer)


def port_of(parts: SplitResult) -> int | None:
    """The port of an address, told or not. Raises ValueError for a port that is no number."""
    return parts.port or PORTS.get(parts.scheme)
