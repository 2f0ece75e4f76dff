"""What every client for other servers does alike: how much it takes, what an answer is, what a status means."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult

import requests

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
_CHUNK = 64 * 1024
_ERRORS = {401: Unauthorised, 403: Forbidden, 404: Missing, 410: Missing, 429: RateLimited}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much we take from a server. Times are seconds, `size` is bytes after decompression.

    `tries` counts the first one in. `longest_wait` caps one pause, `wait_budget` all pauses together, whoever asked
    for them: a server that wants more is left alone until the next sync.
    """

    connect: float = 10
    read: float = 30
    total: float = 120
    size: int = 64 * 1024 * 1024
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
        """The body as JSON, without Gerrit's prefix. Raises NotJson or CutShort."""
        text = self.body
        if text.startswith(GERRIT_PREFIX):
            text = text[len(GERRIT_PREFIX) :]
        try:
            return json.loads(text)
        except ValueError as error:
            begins_as_json = text.lstrip()[:1] in (b"[", b"{")
            raise (CutShort if begins_as_json else NotJson)(self.headers.get("Content-Type", "")) from error

    def links(self) -> dict[str, str]:
        """Where the Link header leads, by relation; empty without one."""
        links = requests.utils.parse_header_links(self.headers.get("Link", ""))
        return {link["rel"]: link["url"] for link in links if "rel" in link}


def read_body(raw: Any, size: int, deadline: float, where: str) -> bytes:
    """The body of urllib3's response, decompressed. Raises TooLarge, and TimedOut when `deadline` (monotonic) passes.

    `read1` returns what has come, so that a server which drips bytes meets the deadline as well.
    """
    body = bytearray()
    while chunk := raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > size:
            raise TooLarge(f"> {size} bytes")
        if time.monotonic() > deadline:
            raise TimedOut(where)
    return bytes(body)


def error_of(status: int) -> type[SourceError]:
    """What an answer with this status means, which is not 200."""
    return _ERRORS.get(status, ServerError if status >= 500 else BadAnswer)


def port_of(parts: SplitResult) -> int | None:
    """The port of an address, told or not. Raises ValueError for a port that is no number."""
    return parts.port or PORTS.get(parts.scheme)
