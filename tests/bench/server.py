"""A Gerrit that answers from memory, in a process of its own: what it costs must not count as ours."""

from __future__ import annotations

import bisect
import json
import lzma
import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.demo.recorded import RECORDING

_BEFORE = re.compile(r'before:"([^"]*)"')
_AFTER = re.compile(r'after:"([^"]*)"')
_YEAR = re.compile(r'"20(\d\d)-')
_MERGED_BEFORE = re.compile(r"mergedbefore:")


@cache
def recorded() -> tuple[dict[str, Any], ...]:
    """The recorded changes, the last updated first, as Gerrit lists them."""
    with lzma.open(RECORDING, "rt") as lines:
        changes = [json.loads(line) for line in lines]
    return tuple(sorted(changes, key=lambda change: (change["updated"], change["_number"]), reverse=True))


def copies(times: int) -> Iterator[dict[str, Any]]:
    """The recorded changes several times over: each copy a year older, with numbers of its own."""
    for copy in range(times):
        for change in recorded():
            text = json.dumps({**change, "_number": change["_number"] + copy * 1_000_000})
            yield json.loads(_YEAR.sub(lambda year, back=copy: f'"20{int(year[1]) - back:02}-', text))


class _Answers:
    """Pages put together from changes that were encoded once."""

    def __init__(self, times: int) -> None:
        rows = sorted(copies(times), key=lambda change: (change["updated"], change["_number"]), reverse=True)
        self._moments = [row["updated"][:23] for row in reversed(rows)]
        self._bodies = [json.dumps(row, separators=(",", ":")).encode() for row in rows]

    def page(self, query: str, start: int, length: int) -> bytes:
        """The changes updated up to `before:` and from `after:` on, as Gerrit's JSON."""
        if _MERGED_BEFORE.search(query):
            return b")]}'\n[]"
        before, after = _BEFORE.search(query), _AFTER.search(query)
        total = len(self._bodies)
        first = total - bisect.bisect_right(self._moments, before[1]) if before else 0
        last = total - bisect.bisect_left(self._moments, after[1]) if after else total
        bodies = self._bodies[first + start : min(first + start + length, last)]
        if bodies and first + start + length < last:
            bodies[-1] = bodies[-1][:-1] + b',"_more_changes":true}'
        return b")]}'\n[" + b",".join(bodies) + b"]"


def _serve(pipe: Connection, times: int, latency: float) -> None:
    answers, asked = _Answers(times), [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/asked":
                body = str(asked[0]).encode()
            else:
                asked[0] += 1
                params = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                body = answers.page(params.get("q", ""), int(params.get("S", 0)), int(params.get("n", 100)))
                time.sleep(latency)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


@contextmanager
def serving(*, times: int = 1, latency: float = 0.0) -> Iterator[str]:
    """The address of such a server, which ends with the block. `latency` is in seconds a page."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, times, latency), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
