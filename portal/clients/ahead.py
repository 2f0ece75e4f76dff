"""Reading ahead: the next page is asked for while the caller works on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Request = TypeVar("Request")
Page = TypeVar("Page")
STALE_PAGES = 500
"""After so many pages in a row that brought nothing new, a walk gives up: the server leads it round in a circle."""


def read_ahead(
    first: Request,
    fetch: Callable[[Request], Page],
    following: Callable[[Request, Page], Request | None],
) -> Iterator[Page]:
    """Pages one after the other; only `fetch` runs beside the caller, and at most one page waits.

    `following` says what to ask for after a page, None at the end. An error of `fetch` is raised where its page would
    have come. Who stops early waits for nothing.
    """
    request, coming = first, _begin(fetch, first)
    while True:
        page = coming.result()
        next_request = following(request, page)
        if next_request is None:
            yield page
            return
        request, coming = next_request, _begin(fetch, next_request)
        yield page


def _begin(fetch: Callable[[Request], Page], request: Request) -> Future[Page]:
    """Fetch on a thread that does not keep the process alive: Ctrl-C need not wait for a slow server."""
    coming: Future[Page] = Future()

    def run() -> None:
        try:
            coming.set_result(fetch(request))
        except BaseException as error:
            coming.set_exception(error)

    Thread(target=run, name="read-ahead", daemon=True).start()
    return coming
