"""The web server of `portal serve`: gunicorn with threads, and the worker inside the same process."""

from __future__ import annotations

import gc
import io
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore, Timer
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from flask import Flask


ANSWERING, WAITING = 8, 128
"""How many requests are answered at once, and how many threads wait for requests to come to their end."""
GATHER_SECONDS = 10.0
"""So long a request may take to come."""
LARGEST_BODY = 1_500_000
"""Bytes of a body that are waited for: more than any form may have."""


def make_served_app() -> Flask:
    """The application as a web process serves it: `gunicorn "portal.server:make_served_app()"`.

    What a start loads stays until the process ends. The collector of garbage does not look through it while it is
    loaded (a third of a start), nor ever again: each of its full rounds would hold up all the threads.
    """
    gc.disable()
    try:
        from portal.app import create_app  # here, for what it imports is most of what is loaded

        return create_app()
    finally:
        gc.freeze()
        gc.enable()  # whoever called: what requests leave behind is to be collected


def listening_problem(host: str, port: int) -> str:
    """Why nobody can listen on this address now; empty when it is free."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


class GatheringWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers a request once all of it is there: who sends a byte now and then holds nobody up, and not for long."""

    def init_process(self) -> None:
        """Begin to serve."""
        self._answering = BoundedSemaphore(ANSWERING)
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Wait for a request on this connection, and answer it."""
        conn.gathering = Timer(GATHER_SECONDS, _shut_down, [conn.sock])
        conn.gathering.daemon = True
        conn.gathering.start()
        try:
            return super().handle(conn)
        finally:
            conn.gathering.cancel()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has come."""
        if any(name == "EXPECT" for name, _value in req.headers):
            conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            req.headers = [(name, value) for name, value in req.headers if name != "EXPECT"]
        body = req.body.read(LARGEST_BODY)
        conn.gathering.cancel()
        # What is longer is refused for its length, and the rest of it read by nobody: the connection ends there.
        is_whole = len(body) < LARGEST_BODY
        req.body = io.BytesIO(body)
        with self._answering:
            return super().handle_request(req, conn) and is_whole


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves the portal on one address until it is stopped. `announce` is called once it listens."""

    def __init__(self, host: str, port: int, *, with_worker: bool, announce: Callable[[], None]) -> None:
        self._bind = f"{f'[{host}]' if ':' in host else host}:{port}"
        self._with_worker = with_worker
        self._announce = announce
        self._consumer: Any = None
        super().__init__()

    def load_config(self) -> None:
        """One process, for the worker lives in it; threads answer the requests."""
        options = {
            "bind": self._bind,
            "workers": 1,
            "threads": WAITING,
            "worker_class": GatheringWorker,
            # No header tells who asks, or where the site lives: behind proxies the application reads it itself.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "graceful_timeout": 10,
            "loglevel": "warning",
            "when_ready": lambda _server: self._announce(),
            "post_worker_init": self._start_worker,
            "worker_exit": self._stop_worker,
            # Newer gunicorns can be steered through a file in the home folder, which an account for services has not.
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made after the fork so that no connection is shared."""
        self._app = make_served_app()
        return self._app

    def _start_worker(self, _worker: Any) -> None:
        if not self._with_worker:
            return
        queue = self._app.extensions["portal.queue"]
        self._consumer = queue.consumer(self._app.extensions["portal"].config.jobs.workers)
        self._consumer.start()
        queue.catch_up()

    def _stop_worker(self, _server: Any, _worker: Any) -> None:
        if self._consumer:
            self._consumer.stop(graceful=True)
