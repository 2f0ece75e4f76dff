"""No server keeps us longer than it may, or fills our memory: whatever it drips, packs or nests."""

from __future__ import annotations

import itertools
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from portal.clients import wiki
from portal.clients.errors import BadAnswer, NotJson, SourceError, TimedOut
from portal.clients.guard import PublicWeb
from portal.clients.http import HttpClient
from portal.clients.mail import STEPS, MailError, MailUncertainError, SmtpMailer
from portal.clients.responses import MB, HttpResponse, Limits
from portal.clients.wiki import WikiError, site_name
from tests.fakes import rude
from tests.fakes.rude import DRIPS, RudeServer, begun, complete, packed

TOTAL = 0.3
SOON = TOTAL + 1
"""Seconds within which a client must have given up, on a busy machine too."""
LIMITS = Limits(connect=5, read=5, total=TOTAL, tries=1, size=8 * MB)
MEMORY = 4 * 8 * MB
"""Bytes: the body as it comes, as it is handed on, and what is made of it."""


def by_http(url: str) -> None:
    HttpClient(url, agent="test", limits=LIMITS).json("/x")


def by_stranger(url: str) -> None:
    address = url.replace("127.0.0.1", "tools.example.org")
    web = PublicWeb(agent="test", limits=LIMITS, resolve=lambda *_: ["127.0.0.1"], allowed=lambda _one: True)
    web.get(address).json()


def by_wiki(url: str) -> None:
    site_name(url)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiki, "TOTAL", TOTAL)


ASKED = (by_http, by_stranger, by_wiki)


@contextmanager
def soon() -> Iterator[None]:
    """The block must not take longer than a deadline and a moment."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


@contextmanager
def little_memory() -> Iterator[None]:
    """The block must not hold more than a small factor of what an answer may have."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def refused(because: str = ".") -> Any:
    """The block must be refused in the words of its client."""
    return pytest.raises((SourceError, WikiError), match=because)


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("ask", ASKED)
def test_who_drips_is_left_at_the_deadline(ask: Callable[[str], None], drip: str) -> None:
    with RudeServer(DRIPS[drip]) as server, soon(), pytest.raises((TimedOut, WikiError)):
        ask(server.url)


@pytest.mark.parametrize("ask", ASKED)
def test_a_handshake_that_does_not_go_on_is_left_at_the_deadline(ask: Callable[[str], None]) -> None:
    with RudeServer(rude.silence) as server, soon(), pytest.raises((TimedOut, WikiError)):
        ask(server.url.replace("http:", "https:"))


@pytest.mark.parametrize("ask", [by_http, by_wiki])
def test_a_name_that_nobody_finds_is_left_at_the_deadline(
    ask: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: Any, **__: Any) -> Any:
        time.sleep(2 * SOON)
        raise socket.gaierror("nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with soon(), pytest.raises((TimedOut, WikiError)):
        ask("http://gerrit.example.org")


def test_a_connection_that_was_kept_open_is_left_at_the_deadline_too() -> None:
    second = begun(rude.OK + b"Content-Length: 3\r\n\r\n[1]", rude.header())

    def says() -> Iterable[bytes]:
        return second

    with RudeServer(says, pause=0.1) as server:
        client = HttpClient(server.url, agent="test", limits=LIMITS)
        assert client.json("/x") == [1]
        with soon(), pytest.raises(TimedOut):
            client.json("/x")


@pytest.mark.parametrize("ask", ASKED)
def test_a_hundred_thousand_headers_are_not_read(ask: Callable[[str], None]) -> None:
    headers = b"".join(b"X-%d: y\r\n" % number for number in range(100_000))
    with RudeServer(lambda: complete(b"[1]", headers)) as server, soon(), little_memory(), refused():
        ask(server.url)


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate"])
@pytest.mark.parametrize("ask", ASKED)
def test_what_is_small_and_unpacks_to_far_too_much_is_not_held(ask: Callable[[str], None], encoding: str) -> None:
    answer = list(complete(PACKED[encoding], b"Content-Encoding: %s\r\n" % encoding.encode()))
    with RudeServer(lambda: answer) as server, little_memory(), refused(r"more than .* MB"):
        ask(server.url)


ONCE = packed(b"[" + b" " * rude.BOMB)
PACKED = {"gzip": ONCE, "gzip, gzip": packed(ONCE), "deflate": rude.zlib.compress(b"[" + b" " * rude.BOMB, 9)}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" + b"{}," * 2_700_000 + b"1]",
        b"[" + b"9" * 19 + b"]",
        b"[" + b"9" * 4_000 + b"]",
        b"[" + b"9" * 1_000_000 + b"]",
        b"[NaN]",
        b"[-Infinity]",
    ],
    ids=[
        "lists",
        "objects",
        "empty ones",
        "a number for no column",
        "a long number",
        "a very long number",
        "no number",
        "no end",
    ],
)
def test_what_is_nested_or_long_without_measure_is_refused_before_it_becomes_large(body: bytes) -> None:
    with little_memory(), pytest.raises(BadAnswer):
        HttpResponse(body).json()
    with pytest.raises(SourceError) as caught:
        HttpResponse(b"[" + b"9" * 18 + b"], ").json()
    assert not isinstance(caught.value, NotJson)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@example.org", "ana@example.org", "Hello"
    message.set_content("Hello.")
    return message


def mailer(port: int, security: Any = "none") -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, security, timeout=TOTAL / STEPS)


def greeting() -> Iterable[bytes]:
    """A line without an end (RFC 5321, 4.2: the greeting is an answer like others)."""
    return rude.drops(b"220 mail.example.orggg")


def many_lines() -> Iterable[bytes]:
    """An answer of any number of lines (RFC 5321, 4.2.1)."""
    return begun(b"220 mail.example.org\r\n", itertools.repeat(b"250-SOMETHING\r\n" * 1000))


@pytest.mark.parametrize("says", [greeting, many_lines, rude.silence])
@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_mail_server_that_drips_is_left_at_the_deadline(says: Callable[[], Iterable[bytes]], security: str) -> None:
    with RudeServer(says, pause=0.02) as server, little_memory(), soon(), pytest.raises(MailError) as caught:
        mailer(server.port, security).send(letter())
    assert not isinstance(caught.value, MailUncertainError)


def test_a_mail_server_that_drips_its_last_answer_leaves_a_letter_in_doubt() -> None:
    answers = [b"220 a\r\n", b"250 a\r\n", b"250 a\r\n", b"250 a\r\n", b"354 a\r\n"]
    said = begun(b"".join(answers), itertools.repeat(b"2"))
    with RudeServer(lambda: said, pause=0.02) as server, soon(), pytest.raises(MailUncertainError):
        mailer(server.port).send(letter())


def test_a_letter_that_was_taken_is_not_sent_again_for_a_farewell_that_drips() -> None:
    answers = [b"220 a\r\n", b"250 a\r\n", b"250 a\r\n", b"250 a\r\n", b"354 a\r\n", b"250 a\r\n"]
    said = begun(b"".join(answers), itertools.repeat(b"2"))
    with RudeServer(lambda: said, pause=0.02) as server, soon():
        mailer(server.port).send(letter())
