"""What every fake server shares: a port on loopback, a list of what was asked, and ways to misbehave."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client asked. `path` is as sent, still URL-encoded; `params` are of the query, of a POST of its form."""

    path: str
    params: list[tuple[str, str]]
    headers: Mapping[str, str]
    method: str = "GET"

    def one(self, name: str, default: str = "") -> str:
        """The value of a parameter; of several the last."""
        return dict(self.params).get(name, default)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.params if key == name]


@dataclass(frozen=True)
class Reply:
    """What a server answers. `missing` bytes are promised and never sent; `hangs` answers nothing."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    hangs: bool = False


def rate_limited(seconds: int | None = None) -> Reply:
    """429, with or without the pause it asks for."""
    headers = {"Content-Type": "text/plain"} | ({} if seconds is None else {"Retry-After": str(seconds)})
    return Reply(429, b"Retry later", headers)


def unauthorised() -> Reply:
    """401 as Gerrit words it."""
    return Reply(401, b"Unauthorized", {"Content-Type": "text/plain"})


def server_error(status: int = 500) -> Reply:
    """The server fails itself."""
    return Reply(status, b"Internal server error", {"Content-Type": "text/plain"})


def html_page() -> Reply:
    """A sign-in page where JSON was asked for."""
    return Reply(200, b"<!doctype html><title>Sign in</title>", {"Content-Type": "text/html"})


def half_json() -> Reply:
    """A document that ends in the middle, though its length is right."""
    return Reply(200, b')]}\'\n[{"_number": 12, "upda', {"Content-Type": "application/json"})


def cut_short() -> Reply:
    """A connection that breaks before the promised length has come."""
    return Reply(200, b")]}'\n[", {"Content-Type": "application/json"}, missing=1000)


def hang() -> Reply:
    """No answer at all."""
    return Reply(hangs=True)


class FakeServer:
    """Base of the fakes. Subclasses say in `answer` what a request gets."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.latency = 0.0
        self.between: Callable[[Request], None] | None = None
        """Called before each answer: change the data here to let rows move between two pages."""
        self.trouble: Reply | None = None
        """Answered to everything while set."""
        self._next: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: Request) -> Reply:
        """What this request gets when nothing is wrong."""
        raise NotImplementedError

    def next(self, *replies: Reply) -> None:
        """Answer the next requests with these, whatever they ask."""
        self._next.extend(replies)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            if self.between:
                self.between(request)
            reply = self._next.popleft() if self._next else self.trouble or self.answer(request)
        self._stopping.wait(60 if reply.hangs else self.latency)
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # a class within, for it knows its server
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(Request(parts.path, parse_qsl(parts.query, keep_blank_values=True), self.headers))

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                params = parse_qsl(form, keep_blank_values=True)
                self._answer(Request(urlsplit(self.path).path, params, self.headers, "POST"))

            def _answer(self, request: Request) -> None:
                reply = server._reply(request)
                if reply.hangs or reply.missing:
                    self.close_connection = True
                if not reply.hangs:
                    self._send(reply)

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) + reply.missing))
                self.end_headers()
                self.wfile.write(reply.body)

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Tests read `requests`, not the terminal."""

        return Handler
