"""Load: as much as the site can bear, to find its peak; then a part of it, at moments that do not wait for answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Queue

from tests.soak.visitors import Answer, Visitor

THREADS = 24


@dataclass
class Log:
    """What came of the requests: seconds by kind, and everything that should not have happened."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    refusals: int = 0

    def note(self, answer: Answer, seconds: float) -> None:
        """One more request is done."""
        self.seconds.setdefault(answer.kind, []).append(seconds)
        if answer.status >= 500 or answer.status == 404:
            self.errors.append(f"{answer.kind}: {answer.status}")
        elif answer.status == 429:
            self.refusals += 1

    def fail(self, error: Exception) -> None:
        """One more request came to nothing."""
        self.errors.append(f"{type(error).__name__}: {error}")

    @property
    def many(self) -> int:
        """How many were answered."""
        return sum(map(len, self.seconds.values()))


def peak(visitors: list[Visitor], seconds: float) -> float:
    """How many requests a second the site answers when everybody asks again at once."""
    log, until = Log(), time.monotonic() + seconds
    _in_threads(visitors, log, lambda: time.monotonic() if time.monotonic() < until else None)
    return log.many / seconds


def steady(visitors: list[Visitor], rate: float, seconds: float) -> Log:
    """Ask `rate` times a second, whether the site answers or not: who comes late has waited since then."""
    log, lock, began = Log(), threading.Lock(), time.monotonic()
    places = iter(range(int(rate * seconds)))

    def next_moment() -> float | None:
        with lock:
            place = next(places, None)
        if place is None:
            return None
        moment = began + place / rate
        time.sleep(max(0.0, moment - time.monotonic()))
        return moment

    _in_threads(visitors, log, next_moment)
    return log


def _in_threads(visitors: list[Visitor], log: Log, next_moment: Callable[[], float | None]) -> None:
    idle: Queue[Visitor] = Queue()
    for visitor in visitors:
        idle.put(visitor)

    def run() -> None:
        while (moment := next_moment()) is not None:
            visitor = idle.get()
            try:
                answer = visitor.act()
                log.note(answer, time.monotonic() - moment)
            except Exception as error:
                log.fail(error)
            finally:
                idle.put(visitor)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
