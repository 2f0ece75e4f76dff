"""Fetching what will be asked for next, while the caller works on what came.

On threads that do not keep the process alive: who presses Ctrl-C waits for no slow server, which Python's own pools of
threads would do when the process ends.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def prefetch(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, one of them got ready beforehand. An error is raised where its item would have come.

    `items` runs on other threads, never on two at once. Who stops early waits for nothing.
    """
    coming = begin(next, items, _END)
    while (item := coming.result()) is not _END:
        coming = begin(next, items, _END)
        yield item


def in_batches(items: Iterator[Item], most: int, seconds: float) -> Iterator[list[Item]]:
    """The same items, those together that come quickly one after the other: at most `most`, begun within `seconds`.

    Whatever came before an error comes before the error.
    """
    batch: list[Item] = []
    began = time.monotonic()
    try:
        for item in items:
            batch.append(item)
            if len(batch) >= most or time.monotonic() - began >= seconds:
                yield batch
                batch, began = [], time.monotonic()
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def prefetch_each(fetch: Callable[[Item], Result], items: Iterable[Item], at_once: int) -> Iterator[Result]:
    """What `fetch` gives for each item, in their order; so many are fetched at once. Errors and ends as `prefetch`."""
    coming: deque[Future[Result]] = deque()
    for item in items:
        coming.append(begin(fetch, item))
        if len(coming) == at_once:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()


_END = object()


def begin(call: Callable[..., Result], *arguments: object) -> Future[Result]:
    """What this call gives, once a thread of its own has run it."""
    coming: Future[Result] = Future()

    def run() -> None:
        try:
            coming.set_result(call(*arguments))
        except BaseException as error:
            coming.set_exception(error)

    Thread(target=run, name="prefetch", daemon=True).start()
    return coming
