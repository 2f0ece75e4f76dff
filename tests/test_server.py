"""What a web process serves: the application, kept out of the collector's way."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests

from portal.server import Server, make_served_app
from tests.servers import free_port, stop


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.parametrize(
    "serve", [make_served_app, lambda: Server("127.0.0.1", 0, with_worker=False, announce=print).load()]
)
@pytest.mark.parametrize("enabled_before", [True, False])
def test_what_a_start_loads_is_not_looked_through_for_garbage_and_what_requests_leave_is(
    monkeypatch: pytest.MonkeyPatch, serve: object, enabled_before: bool
) -> None:
    collects_while_it_loads = []

    def create_app() -> str:
        collects_while_it_loads.append(gc.isenabled())
        return "the site"

    monkeypatch.setattr("portal.app.create_app", create_app)
    (gc.enable if enabled_before else gc.disable)()
    gc.unfreeze()  # what other tests of this process froze would leave nothing to count
    assert serve() == "the site"  # type: ignore[operator]
    assert collects_while_it_loads == [False]
    assert gc.get_freeze_count() > 1000
    assert gc.isenabled()


def test_a_start_that_fails_leaves_the_collector_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.app.create_app", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_served_app()
    assert gc.isenabled()


SERVED = """
import sys
import portal.app
from portal.server import Server

def answer(environ, start_response):
    body = environ["wsgi.input"].read() + environ["SCRIPT_NAME"].encode() + environ["wsgi.url_scheme"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

portal.app.create_app = lambda: answer
Server("127.0.0.1", int(sys.argv[1]), with_worker=False, announce=lambda: print("ready", flush=True)).run()
"""
DRIPPING = 50


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    """The port of `portal serve`, with an application that answers what it was sent."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVED, str(port)], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"ready\n"
    yield port
    stop(process)
    process.stdout.close()


@pytest.mark.parametrize(
    "begun", [b"POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nx"]
)
def test_fifty_who_send_a_byte_now_and_then_hold_nobody_up(served: int, begun: bytes) -> None:
    slow = [socket.create_connection(("127.0.0.1", served)) for _ in range(DRIPPING)]
    try:
        for connection in slow:
            connection.sendall(begun)
        for _ in range(3):
            time.sleep(0.05)
            for connection in slow:
                connection.sendall(b"x")
        started = time.monotonic()
        assert requests.post(f"http://127.0.0.1:{served}/", data=b"hello", timeout=5).text == "hellohttp"
        assert time.monotonic() - started < 2
    finally:
        for connection in slow:
            connection.close()


def test_a_connection_is_kept_for_several_requests_and_no_header_says_where_the_site_lives(served: int) -> None:
    told = {"SCRIPT_NAME": "/evil", "X-Forwarded-Proto": "https", "Script-Name": "/evil"}
    with requests.Session() as session:
        for number in range(3):
            answer = session.post(f"http://127.0.0.1:{served}/", data=b"%d" % number, headers=told, timeout=5)
            assert answer.text == f"{number}http"


def test_what_is_larger_than_any_form_ends_its_connection(served: int) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 1_500_000)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    assert said.startswith(b"HTTP/1.1 200")
