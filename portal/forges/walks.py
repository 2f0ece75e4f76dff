"""What the walks through the lists of all servers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import structlog

from portal.clients.responses import MB

CHANGE_SIZE = 2 * MB
"""Bytes of one change with all that was said of it. One that has more is left out, and stays as it is stored."""
Request = TypeVar("Request")
Page = TypeVar("Page")
STALE_PAGES = 500
"""After so many pages in a row that brought nothing new, a walk gives up: the server leads it round in a circle."""


def leave_out(url: str, change: str) -> None:
    """Say in the log that a change is too large to be read, while the others go on."""
    structlog.get_logger().warning("change left out", server=url, change=change, limit=f"{CHANGE_SIZE // MB} MB")


def pages_from(
    first: Request, fetch: Callable[[Request], Page], following: Callable[[Request, Page], Request | None]
) -> Iterator[Page]:
    """Pages one after the other; `following` says what to ask for after a page, None at the end.

    It looks at a page before anybody else: what it raises hides the page at fault.
    """
    request: Request | None = first
    while request is not None:
        page = fetch(request)
        request = following(request, page)
        yield page
