"""Requests to addresses that strangers chose: nothing inside is reached, by no name, number or detour."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from portal.clients.errors import BadAnswer, CutShort, Missing, NotJson, SourceError, TimedOut, TooLarge, Unreachable
from portal.clients.guard import NotPublic, PublicWeb, is_public, resolve
from portal.clients.responses import Limits
from tests.fakes.server import FakeServer, Reply, Request, cut_short, hang, html_page

INSIDE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.0.8", "192.0.0.170", "192.88.99.1", "198.51.100.1", "203.0.113.1", "64:ff9b:1::101:101", "100::1"),
    *("100:0:0:1::1", "2001::1", "2001:0:101:101::", "2001:2::1", "2001:20::1", "3fff::1", "5f00::1"),
    *("::7f00:1", "::1.1.1.1", "::ffff:0:7f00:1", "2002:c058:6301::", "64:ff9b::c000:8"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::"),
    "4000::1",  # reserved: nobody has such an address today
]
OUTSIDE = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_never_asked(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(NotPublic):
        PublicWeb(agent="x", resolve=lambda _host, _port: [address]).get("https://tools.example.org/")
    with pytest.raises(NotPublic):
        PublicWeb(agent="x", resolve=lambda _host, _port: ["1.1.1.1", address]).get("http://tools.example.org/")


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_public_internet_may_be_asked(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://localhost/", "http://[::ffff:7f00:1]/"]
)
def test_other_spellings_of_an_inside_address_lead_nowhere(url: str) -> None:
    with pytest.raises((NotPublic, Unreachable)):
        PublicWeb(agent="x").get(url)


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)", "//example.org/"),
        *("https://user:secret@example.org/", "", "https://", "https://exa mple.org/", "http://example.org:0/"),
        *("http://example.org:99999/", "http://example.org/\r\nX: y", "http://exämple.org/", "http://[::1"),
    ],
)
def test_what_is_no_plain_web_address_is_not_asked(url: str) -> None:
    def never(_host: str, _port: int) -> list[str]:
        raise AssertionError("nobody may be asked for this name")

    with pytest.raises((NotPublic, BadAnswer)):
        PublicWeb(agent="x", resolve=never).get(url)


class Files(FakeServer):
    """A server that stands in for one on the public internet."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Reply] = {"/x.json": Reply(200, b"[1]", {"Content-Type": "application/json"})}

    def answer(self, request: Request) -> Reply:
        """The page there."""
        return self.pages.get(request.path, Reply(404))


@pytest.fixture
def server() -> Iterator[Files]:
    with Files() as running:
        yield running


class Names:
    """A resolver that tells a name's addresses one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def web(names: Any, **limits: Any) -> PublicWeb:
    """A client for which 127.0.0.1 alone is public, so that a server of the test can be reached."""
    here = ipaddress.ip_address("127.0.0.1")
    return PublicWeb(agent="Portal", limits=Limits(**limits), resolve=names, allowed=lambda one: one == here)


def url_of(server: Files, path: str, host: str = "tools.example.org") -> str:
    return f"http://{host}:{server.url.rpartition(':')[2]}{path}"


def test_a_file_is_read_under_its_own_name(server: Files) -> None:
    names = Names(["127.0.0.1"])
    assert web(names).get(url_of(server, "/x.json")).json() == [1]
    assert server.requests[0].headers["Host"].startswith("tools.example.org:")
    assert server.requests[0].headers["User-Agent"] == "Portal"
    assert "Authorization" not in server.requests[0].headers


def test_a_name_that_changes_its_mind_is_asked_once_and_the_answer_that_was_checked_is_used(server: Files) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    assert web(names).get(url_of(server, "/x.json")).json() == [1]
    assert names.asked == ["tools.example.org"]
    with pytest.raises(NotPublic):
        web(names).get(url_of(server, "/x.json"))


def test_each_redirect_is_checked_like_the_first_address(server: Files) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    server.pages["/away"] = Reply(302, b"", {"Location": url_of(server, "/x.json", "inside.example.org")})
    with pytest.raises(NotPublic):
        web(names).get(url_of(server, "/away"))
    assert [request.path for request in server.requests] == ["/away"]
    server.pages["/file"] = Reply(302, b"", {"Location": "file:///etc/passwd"})
    with pytest.raises(NotPublic):
        web(Names(["127.0.0.1"])).get(url_of(server, "/file"))


def test_a_redirect_is_followed_and_a_circle_is_left(server: Files) -> None:
    server.pages["/here"] = Reply(301, b"", {"Location": "/x.json"})
    server.pages["/circle"] = Reply(302, b"", {"Location": "/circle"})
    assert web(Names(["127.0.0.1"])).get(url_of(server, "/here")).json() == [1]
    with pytest.raises(BadAnswer):
        web(Names(["127.0.0.1"])).get(url_of(server, "/circle"))
    assert len(server.requests) == 2 + 6


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (html_page(), NotJson),
        (Reply(200, b"GIF89a", {"Content-Type": "image/gif"}), NotJson),
        (Reply(200, b"x" * 5000, {"Content-Type": "text/plain"}), TooLarge),
        (Reply(404), Missing),
        (Reply(206, b"[1", {"Content-Type": "application/json"}), BadAnswer),
        (Reply(500), SourceError),
        (cut_short(), CutShort),
        (hang(), TimedOut),
    ],
)
def test_what_cannot_be_used_is_an_error_with_a_name(server: Files, reply: Reply, error: type[Exception]) -> None:
    server.trouble = reply
    with pytest.raises(error):
        web(Names(["127.0.0.1"]), size=4000, read=0.3).get(url_of(server, "/x.json"))


def test_over_https_the_certificate_must_be_that_of_the_name_and_not_of_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pool(address: str, port: int, **options: Any) -> Any:
        assert (address, port) == ("127.0.0.1", 443)
        assert options["server_hostname"] == options["assert_hostname"] == "tools.example.org"
        assert options["cert_reqs"] == "CERT_REQUIRED"
        raise urllib3.exceptions.SSLError("it is another's")

    monkeypatch.setattr("urllib3.HTTPSConnectionPool", pool)
    with pytest.raises(Unreachable):
        web(Names(["127.0.0.1"])).get("https://tools.example.org/x.json")


def test_proxies_of_the_environment_are_not_asked(server: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert web(Names(["127.0.0.1"])).get(url_of(server, "/x.json")).json() == [1]


def test_a_closed_port_and_an_unknown_name_are_told() -> None:
    with pytest.raises(Unreachable):
        web(Names(["127.0.0.1"])).get("http://tools.example.org:9/")
    with pytest.raises(Unreachable):
        web(Names([])).get("http://tools.example.org/")


def test_the_system_tells_every_address_of_a_name() -> None:
    assert "127.0.0.1" in resolve("127.0.0.1", 80)
