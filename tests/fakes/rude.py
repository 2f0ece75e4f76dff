"""A server that keeps to a protocol and never comes to an end: what each kind of it sends."""

from __future__ import annotations

import itertools
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

PAUSE = 0.05
"""Seconds between two drops: far less than any timeout of one step."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = 60_000_000
"""Bytes that some 59,000 of gzip unpack to."""


def drops(text: bytes) -> Iterator[bytes]:
    """This text a byte at a time, then its last byte again and again."""
    yield from (bytes([byte]) for byte in text)
    yield from itertools.repeat(text[-1:])


def begun(text: bytes, then: Iterable[bytes]) -> Iterator[bytes]:
    """This text at once, and then drops."""
    yield text
    yield from then


def status_line() -> Iterable[bytes]:
    """A reason phrase without an end (RFC 9112, 4: it has no greatest length)."""
    return drops(b"HTTP/1.1 200 OKKKK")


def header() -> Iterable[bytes]:
    """A field line without an end (RFC 9112, 5; servers and clients choose their own limits: RFC 9110, 5.4)."""
    return begun(OK + b"X: ", itertools.repeat(b"a"))


def early_answers() -> Iterable[bytes]:
    """Any number of interim responses may come before the final one (RFC 9110, 15.2)."""
    return itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")


def body() -> Iterable[bytes]:
    """A body of the length that was told, a byte now and then."""
    return begun(OK + b"Content-Length: 100000\r\n\r\n[", itertools.repeat(b" "))


def body_until_close() -> Iterable[bytes]:
    """A body that ends with its connection (RFC 9112, 6.3, 8): cut off, it looks complete."""
    return begun(OK + b"\r\n[1]", itertools.repeat(b" "))


def chunk_extension() -> Iterable[bytes]:
    """The extension of a chunk without an end (RFC 9112, 7.1.1)."""
    return begun(CHUNKED + b"1;", itertools.repeat(b"a"))


def chunks() -> Iterable[bytes]:
    """Chunks without an end (RFC 9112, 7.1)."""
    return begun(CHUNKED, itertools.repeat(b"1\r\n \r\n"))


def trailers() -> Iterable[bytes]:
    """A trailer section without an end (RFC 9112, 7.1.2)."""
    return begun(CHUNKED + b"3\r\n[1]\r\n0\r\n", itertools.repeat(b"X: y\r\n"))


def silence() -> Iterable[bytes]:
    """Nothing: of TLS it is a handshake that never goes on (RFC 8446, 4)."""
    return itertools.repeat(b"")


DRIPS: dict[str, Callable[[], Iterable[bytes]]] = {
    made.__name__: made
    for made in (status_line, header, early_answers, body, body_until_close, chunk_extension, chunks, trailers)
}


def packed(text: bytes) -> bytes:
    """The same as gzip packs it."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packing.compress(text) + packing.flush()


def complete(body: bytes, more: bytes = b"") -> Iterable[bytes]:
    """A whole answer."""
    return [OK + more + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body]


class RudeServer:
    """Sends every caller what `says` gives, drop after drop, without listening to a word."""

    def __init__(self, says: Callable[[], Iterable[bytes]], pause: float = PAUSE) -> None:
        self._says, self._pause = says, pause
        self._ends = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._ends.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._talk, args=[connection]))
            self._threads[-1].start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                for drop in self._says():
                    connection.sendall(drop)
                    if self._ends.wait(self._pause):
                        return
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                return
