"""Asking a wiki for its name."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from portal.clients.wiki import WikiError, site_name
from tests.fakes import FakeServer, Reply, Request, html_page
from tests.servers import free_port


class FakeWiki(FakeServer):
    """Answers what a client asks when it signs on."""

    def answer(self, request: Request) -> Reply:
        if not request.path.endswith("/w/api.php"):
            return Reply(404, b"no such script")
        site = {"sitename": "Demo wiki", "generator": "MediaWiki 1.43.1", "case": "first-letter"}
        query = {
            "general": site,
            "namespaces": {"0": {"id": 0, "*": ""}},
            "userinfo": {"id": 0, "name": "127.0.0.1", "anon": "", "groups": [], "rights": []},
        }
        return Reply(200, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"})


@pytest.fixture
def wiki() -> Iterator[FakeWiki]:
    with FakeWiki() as server:
        yield server


@pytest.mark.parametrize("path", ["", "/w", "/w/", "/w/api.php"])
def test_a_wiki_tells_its_name(wiki: FakeWiki, path: str) -> None:
    assert site_name(wiki.url + path, "ContributorPortal (test)") == "Demo wiki"
    assert "ContributorPortal (test)" in wiki.requests[0].headers["User-Agent"]


def test_a_wiki_elsewhere_on_its_host_is_found_by_path(wiki: FakeWiki) -> None:
    assert site_name(f"{wiki.url}/community/w") == "Demo wiki"


def test_what_is_no_wiki_is_an_error(wiki: FakeWiki) -> None:
    wiki.trouble = html_page()
    with pytest.raises(WikiError):
        site_name(wiki.url)
    wiki.trouble = Reply(404, b"gone")
    with pytest.raises(WikiError):
        site_name(wiki.url)


def test_no_server_is_an_error() -> None:
    with pytest.raises(WikiError):
        site_name(f"http://127.0.0.1:{free_port()}")
