"""The web server of `portal serve`: gunicorn with threads, and the worker inside the same process."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

if TYPE_CHECKING:
    from flask import Flask


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
            "threads": 8,
            "worker_class": "gthread",
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
