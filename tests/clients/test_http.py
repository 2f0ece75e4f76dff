"""The HTTP client: what it says of itself, how patient it is, and how each kind of trouble is named."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import time_machine
from urllib3 import HTTPResponse

from portal.clients.errors import (
    BadAnswer,
    CutShort,
    Elsewhere,
    Forbidden,
    Missing,
    NotJson,
    RateLimited,
    ServerError,
    SourceError,
    TimedOut,
    TooLarge,
    Unauthorised,
    Unreachable,
)
from portal.clients.http import HttpClient, user_agent
from portal.clients.responses import Limits
from tests.fakes import (
    FakeServer,
    Reply,
    Request,
    cut_short,
    half_json,
    hang,
    html_page,
    rate_limited,
    server_error,
    unauthorised,
)
from tests.servers import free_port


class Echo(FakeServer):
    """Answers {"fine": true} to everything."""

    def answer(self, request: Request) -> Reply:
        return Reply(200, b')]}\'\n{"fine": true}', {"Content-Type": "application/json"})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as echo:
        yield echo


class Pauses(list[float]):
    """Stands in for sleeping: notes how long each pause would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(url: str, pauses: Pauses | None = None, **limits: float) -> HttpClient:
    return HttpClient(url, agent="test", limits=Limits(**limits), sleep=pauses if pauses is not None else Pauses())


def test_json_is_read_with_and_without_gerrits_prefix(server: Echo) -> None:
    server.next(Reply(200, b"[1]", {"Content-Type": "application/json"}))
    assert client(server.url).json("/x") == [1]
    assert client(server.url).json("/x") == {"fine": True}


def test_parameters_are_encoded_and_may_repeat(server: Echo) -> None:
    client(server.url).get("/changes/", [("q", 'after:"2026-11-20 12:00:00" a+b'), ("o", "A"), ("o", "B")])
    request = server.requests[0]
    assert request.one("q") == 'after:"2026-11-20 12:00:00" a+b'
    assert request.all("o") == ["A", "B"]


def test_we_say_who_we_are_in_plain_ascii(server: Echo) -> None:
    agent = user_agent("Портал\nX: y", "portal@example.org")
    HttpClient(server.url, agent=agent).get("/")
    assert server.requests[0].headers["User-Agent"] == "ContributorPortal (?????? X: y; portal@example.org)"
    assert user_agent("", "") == "ContributorPortal"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (unauthorised(), Unauthorised),
        (Reply(403, b"Must be signed-in"), Forbidden),
        (Reply(404, b"Not found"), Missing),
        (Reply(400, b"Unsupported operator"), BadAnswer),
        (Reply(204), BadAnswer),
        (rate_limited(), RateLimited),
        (server_error(), ServerError),
        (server_error(503), ServerError),
        (html_page(), NotJson),
        (half_json(), CutShort),
        (cut_short(), CutShort),
        (Reply(200, b""), NotJson),
        (hang(), TimedOut),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_each_trouble_has_a_name(server: Echo, reply: Reply, kind: type[SourceError]) -> None:
    server.trouble = reply
    with pytest.raises(kind) as caught:
        client(server.url, read=0.2).json("/x")
    assert type(caught.value) is kind


def test_every_kind_of_trouble_has_a_code_of_its_own() -> None:
    kinds = [BadAnswer, *(kind for kind in SourceError.__subclasses__() if kind is not BadAnswer)]
    assert len({kind.code for kind in kinds}) == len(kinds) > 8


def test_the_servers_own_words_come_along(server: Echo) -> None:
    server.trouble = Reply(400, b"Unsupported operator\n  bla:x", {"Content-Type": "text/plain"})
    with pytest.raises(BadAnswer) as caught:
        client(server.url).json("/x")
    assert (caught.value.detail, caught.value.status) == ("Unsupported operator bla:x", 400)
    server.trouble = Reply(401, b'{"message": "401 Unauthorized"}', {"Content-Type": "application/json"})
    with pytest.raises(Unauthorised, match="401 Unauthorized"):
        client(server.url).json("/x")


def test_markup_is_never_repeated(server: Echo) -> None:
    server.trouble = Reply(502, b"<html>proxy <b>says</b> no", {"Content-Type": "text/html"})
    with pytest.raises(ServerError) as caught:
        client(server.url).json("/x")
    assert caught.value.detail == ""


def test_a_secret_that_the_server_echoes_is_not_repeated(server: Echo) -> None:
    server.trouble = Reply(403, b"token glpat-secret is not enough", {"Content-Type": "text/plain"})
    with pytest.raises(Forbidden) as caught:
        HttpClient(server.url, agent="test", headers={"PRIVATE-TOKEN": "glpat-secret"}).json("/x")
    assert "glpat-secret" not in f"{caught.value!r} {caught.value.detail}"


def test_a_closed_port_is_unreachable() -> None:
    with pytest.raises(Unreachable) as caught:
        client(f"http://user:pass@127.0.0.1:{free_port()}").json("/x?token=1")
    assert "pass" not in str(caught.value) and "token" not in str(caught.value)


def test_a_passing_trouble_is_waited_out(server: Echo) -> None:
    pauses = Pauses()
    server.next(rate_limited(7), server_error(502), cut_short())
    assert client(server.url, pauses).json("/x") == {"fine": True}
    assert pauses == [7, 1, 2]


def test_retry_after_may_be_a_date(server: Echo) -> None:
    pauses = Pauses()
    server.next(
        Reply(429, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Reply(503, b"", {"Retry-After": "soon"})
    )
    client(server.url, pauses).json("/x")
    assert pauses == [0, 1]


def test_who_asks_for_a_long_pause_is_left_alone(server: Echo) -> None:
    pauses = Pauses()
    server.trouble = rate_limited(3600)
    with pytest.raises(RateLimited) as caught:
        client(server.url, pauses).json("/x")
    assert caught.value.retry_after == 3600
    assert pauses == [] and len(server.requests) == 1


def test_all_pauses_together_have_a_budget(server: Echo) -> None:
    pauses = Pauses()
    asking = client(server.url, pauses, wait_budget=100)
    server.next(rate_limited(40), rate_limited(40))
    asking.json("/x")
    server.trouble = rate_limited(40)
    with pytest.raises(RateLimited):
        asking.json("/x")
    assert pauses == [40, 40]


def test_what_does_not_pass_is_not_asked_again(server: Echo) -> None:
    server.trouble = unauthorised()
    with pytest.raises(Unauthorised):
        client(server.url).json("/x")
    assert len(server.requests) == 1


def test_an_answer_may_not_be_endless(server: Echo) -> None:
    server.trouble = Reply(200, b"[" + b"1," * 100_000)
    with pytest.raises(TooLarge):
        client(server.url, size=10_000).json("/x")


def test_a_slow_drip_meets_the_deadline(server: Echo) -> None:
    server.trouble = Reply(200, b"x" * 300_000)
    with pytest.raises(TimedOut):
        client(server.url, total=0).json("/x")


def test_a_redirect_on_the_same_host_is_followed(server: Echo) -> None:
    server.next(Reply(301, b"", {"Location": "/moved?page=2"}))
    assert client(server.url).json("/x", [("page", 2)]) == {"fine": True}
    assert [(request.path, request.params) for request in server.requests] == [
        ("/x", [("page", "2")]),
        ("/moved", [("page", "2")]),
    ]


def test_credentials_never_follow_a_redirect_elsewhere(server: Echo) -> None:
    with Echo() as other:
        server.trouble = Reply(302, b"", {"Location": f"{other.url}/login?from=secret"})
        with pytest.raises(Elsewhere) as caught:
            HttpClient(server.url, agent="test", basic=("nora", "pw")).json("/x")
        assert other.requests == []
        assert caught.value.detail == other.url


@pytest.mark.parametrize(
    ("here", "there", "is_followed"),
    [
        ("http://a.example/x", "http://a.example/y", True),
        ("https://a.example/x", "https://a.example:443/y", True),
        ("http://a.example/x", "https://a.example/y", True),
        ("http://a.example:80/x", "https://a.example:443/y", True),
        ("https://a.example/x", "http://a.example/y", False),
        ("https://a.example:443/x", "http://a.example:443/y", False),
        ("https://a.example/x", "https://b.example/y", False),
        ("https://a.example/x", "https://a.example:8443/y", False),
        ("http://a.example/x", "ftp://a.example/y", False),
        ("http://a.example/x", "http://a.example.evil.example/y", False),
    ],
)
def test_a_redirect_is_followed_only_to_the_same_server_and_never_out_of_https(
    here: str, there: str, is_followed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(_session: requests.Session, url: str, **_options: Any) -> requests.Response:
        asked.append(url)
        response = requests.Response()
        response.url, response.raw = url, HTTPResponse(io.BytesIO(b"[1]"), preload_content=False)
        response.status_code = 302 if url == here else 200
        response.headers.update({"Location": there} if url == here else {})
        return response

    monkeypatch.setattr(requests.Session, "get", answer)
    asking = HttpClient(here.removesuffix("/x"), agent="test", basic=("nora", "pw"))
    if is_followed:
        assert asking.json("/x") == [1]
    else:
        with pytest.raises(Elsewhere):
            asking.json("/x")
    assert asked == ([here, there] if is_followed else [here])


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("7", 7.0),
        ("Fri, 20 Nov 2026 12:00:42 GMT", 42.0),
        ("Fri, 20 Nov 2026 13:00:42 +0100", 42.0),
        ("Fri, 20 Nov 2026 12:00:42 -0000", 42.0),
        ("Fri, 20 Nov 2026 11:59:00 GMT", 0.0),
        ("soon", 0.5),
        ("", 0.5),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_until_a_moment(server: Echo, asked: str, pause: float) -> None:
    server.next(Reply(429, b"", {"Retry-After": asked}))
    pauses = Pauses()
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        assert client(server.url, pauses).json("/x") == {"fine": True}
    assert list(pauses) == [pause]


def test_a_circle_of_redirects_ends(server: Echo) -> None:
    server.trouble = Reply(302, b"", {"Location": "/x"})
    with pytest.raises(BadAnswer):
        client(server.url).json("/x")
    assert len(server.requests) < 10


def test_a_password_may_hold_any_letter(server: Echo) -> None:
    HttpClient(server.url, agent="test", basic=("жанна", "pw€")).get("/")
    assert server.requests[0].headers["Authorization"] == "Basic 0LbQsNC90L3QsDpwd+KCrA=="


def test_a_password_in_netrc_is_not_sent(server: Echo, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    netrc = tmp_path / "netrc"  # type: ignore[operator]
    netrc.write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(netrc))
    HttpClient(server.url, agent="test").get("/")
    assert "Authorization" not in server.requests[0].headers
