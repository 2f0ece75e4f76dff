"""A deadline for all that is said with another server: from the search for its name to the last byte of its answer.

The timeouts of sockets hold for one step each: who drips a byte of a status line, of headers or of a greeting now and
then would keep us for good. So a watchdog shuts the connections down at the deadline, under whoever reads from them.
What cannot be interrupted, a search for a name, is left to a thread that nobody waits for any longer.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from threading import Lock, Timer
from typing import Any, TypeVar

from portal.clients.prefetch import begin

Result = TypeVar("Result")


class Overdue(TimeoutError):
    """The deadline has passed."""


class Deadline:
    """A moment, and the connections that end with it."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = Lock()
        self._watched: list[socket.socket] = []

    @property
    def left(self) -> float:
        """Seconds until then, never less than none."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether it has passed. An answer that came to its end after it may have been cut off by it."""
        return self.left == 0

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection down at the deadline, whatever is wrapped around it until then."""
        # Of its own, for TLS takes the descriptor away from the socket that it is wrapped around.
        own = socket.socket(connection.family, connection.type, fileno=socket.dup(connection.fileno()))
        with self._lock:
            self._watched.append(own)
        if self.is_over:
            self.shut_down()

    def shut_down(self) -> None:
        """Whoever reads or writes on a connection hears that it has ended."""
        with self._lock:
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Watch nothing any longer."""
        with self._lock:
            while self._watched:
                self._watched.pop().close()


_present: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """What this block says with servers ends after so many seconds. Whatever then fails in it becomes Overdue."""
    present = Deadline(seconds)
    # A moment later, so that whoever hears of the end finds the deadline over.
    watchdog = Timer(seconds + 0.01, present.shut_down)
    watchdog.daemon = True
    watchdog.start()
    before = _present.set(present)
    try:
        yield present
    except Exception as error:
        if present.is_over:
            raise Overdue(f"no complete answer within {seconds:g} s") from error
        raise
    finally:
        watchdog.cancel()
        _present.reset(before)
        present.release()


def in_time(call: Callable[[], Result]) -> Result:
    """What `call` gives, which nothing can interrupt: waited for until the deadline. Raises Overdue."""
    present = _present.get()
    if present is None:
        return call()
    coming: Future[Result] = begin(copy_context().run, call)
    try:
        return coming.result(present.left)
    except TimeoutError as error:
        if coming.done():
            raise  # its own
        coming.add_done_callback(_close)
        raise Overdue("no answer in time") from error


def connected(connect: Callable[[], Any]) -> Any:
    """The connection that `connect` makes, by the deadline, and ended by it. Raises Overdue."""
    connection = in_time(connect)
    watch(connection)
    return connection


def is_overdue() -> bool:
    """Whether the deadline of this block, if there is one, is over."""
    present = _present.get()
    return present is not None and present.is_over


def watch(connection: socket.socket | None) -> None:
    """Let the deadline of this block, if there is one, end this connection."""
    present = _present.get()
    if present is not None and connection is not None and connection.fileno() >= 0:
        present.watch(connection)


def _close(late: Future[Any]) -> None:
    if late.exception() is None and isinstance(connection := late.result(), socket.socket):
        connection.close()
