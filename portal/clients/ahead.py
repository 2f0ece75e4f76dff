"""Reading ahead: the next page is asked for while the caller works on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Request = TypeVar("Request")
Page = TypeVar("Page")


def read_ahead(
    first: Request,
    fetch: Callable[[Request], Page],
    following: Callable[[Request, Page], Request | None],
) -> Iterator[Page]:
    """Pages one after the other; only `fetch` runs beside the caller, and at most one page waits.

    `following` says what to ask for after a page, None at the end. An error of `fetch` is raised where its page would
    have come. Who stops early waits for nothing.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
    try:
        request: Request | None = first
        coming: Future[Page] | None = pool.submit(fetch, first)
        while coming is not None and request is not None:
            page = coming.result()
            request = following(request, page)
            coming = None if request is None else pool.submit(fetch, request)
            yield page
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
