"""HTTP by a deadline, for urllib3 and for requests: every connection that a block makes or uses ends with it."""

from __future__ import annotations

import io
import socket
from contextlib import closing
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.clients.deadlines import connected, watch
from portal.clients.responses import read_body


class _Punctual:
    """A connection of urllib3 that heeds the deadline of the block in which it is used."""

    sock: socket.socket | None

    def _new_conn(self) -> Any:
        return connected(super()._new_conn)  # type: ignore[misc]  # urllib3's, beside which this stands

    def getresponse(self) -> Any:
        """The answer, as far as its body, which is read later."""
        watch(self.sock)  # one that was kept open since an earlier request
        return super().getresponse()  # type: ignore[misc]


class PunctualHTTP(_Punctual, HTTPConnection):
    """HTTP by a deadline."""


class PunctualHTTPS(_Punctual, HTTPSConnection):
    """HTTP over TLS by a deadline."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = PunctualHTTP


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = PunctualHTTPS


class PunctualAdapter(HTTPAdapter):
    """Lets a session of requests heed deadlines, also behind a proxy."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make what hands out connections."""
        super().init_poolmanager(*arguments, **options)
        _make_punctual(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """The same through a proxy."""
        manager = super().proxy_manager_for(*arguments, **options)
        _make_punctual(manager)
        return manager


def _make_punctual(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class BoundedAdapter(PunctualAdapter):
    """The same for libraries that read whatever comes: a body is read here, up to `size` bytes once unpacked.

    Its requests raise TooLarge, and TimedOut by the deadline of the block.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        super().__init__()

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Ask, and hold the whole answer."""
        options["stream"] = True
        response = super().send(request, *arguments, **options)
        with closing(response.raw) as coming:
            body = read_body(coming, self._size, request.url or "")
        response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)
        return response


def session_with(adapter: HTTPAdapter) -> requests.Session:
    """A session of requests that asks through this adapter."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session
