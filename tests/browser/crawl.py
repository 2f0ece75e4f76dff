"""Every page that a person can reach: found by following links, one page of a kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from tests.servers.portal import PASSWORD

# What no link leads to: what went wrong, what is empty, what is filtered.
UNLINKED = (
    "/nowhere",
    "/reviews?waiting_on=author&newcomer=yes",
    "/reviews?text=nothing-is-called-like-this",
    "/reviews?sort=nonsense",
    "/search?q=review",
    "/search?q=gate&in=changes",
    "/search?q=nothing-is-called-like-this",
    "/mentoring/coordinate",
    "/mentoring/mentors?skill=python&free=1",
    "/people/password/forgotten",
    "/tracks/first-change-on-gerrit/what-happens-to-a-change",
    "/tracks/first-change-on-gerrit/read-a-review",
)
# Not pages: files, and what changes something.
IS_NO_PAGE = re.compile(r"/(static|api|healthz|people/me/export|notices/\d)|[^?]*\.(csv|atom|json)(\?|$)")
# Pages that differ only in what they are about.
ALIKE = (
    (re.compile(r"^/tracks/[^/]+/(?!leave$)[^/]+"), "/tracks/N/N"),
    (re.compile(r"^/tracks/[^/]+"), "/tracks/N"),
    (re.compile(r"/\d+"), "/N"),
    (re.compile(r"^/roles/(?!holders|offers)[a-z-]+"), "/roles/N"),
    (re.compile(r"^/people/(?!me$|sign-in$|sign-up$)[^/]+$"), "/people/N"),
)
AT_MOST = 150


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.parts: set[str] = set()
        self._is_in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._is_in_main |= tag == "main"
        if self._is_in_main:
            self.parts.add(f"{tag}.{values.get('class') or ''}.{values.get('type') or ''}")
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))


class Crawl:
    """Walks a site as several people, one after the other; a page made of the same parts is given only once."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._seen: set[tuple[str, frozenset[str]]] = set()

    def pages_of(self, username: str | None) -> list[str]:
        """The paths of the pages that this person meets and nobody walked before saw alike."""
        return list(self._walk(self._session(username)))

    def _session(self, username: str | None) -> requests.Session:
        session = requests.Session()
        if username:
            form = session.get(f"{self._site}/people/sign-in", timeout=30).text
            token = re.search(r'name="csrf_token" value="([^"]+)"', form)
            data = {"username": username, "password": PASSWORD, "csrf_token": token[1] if token else ""}
            assert session.post(f"{self._site}/people/sign-in", data=data, timeout=30).ok
        return session

    def _walk(self, session: requests.Session) -> Iterator[str]:
        waiting, kinds = ["/", *UNLINKED], set()
        while waiting:
            path = waiting.pop(0)
            if IS_NO_PAGE.match(path) or _kind(path) in kinds:
                continue
            kinds.add(_kind(path))
            assert len(kinds) <= AT_MOST, "the crawl finds no end"
            answer = session.get(self._site + path, timeout=30)
            assert answer.status_code < 500, path
            if answer.history:  # The way to sign in, or to where the thing lives.
                continue
            reader = _Reader()
            reader.feed(answer.text)
            waiting += self._inside(path, reader.links)
            known = (_kind(path), frozenset(reader.parts))
            if known not in self._seen:
                self._seen.add(known)
                yield path

    def _inside(self, path: str, links: list[str]) -> list[str]:
        here = [urlsplit(urljoin(self._site + path, link)) for link in links]
        return [one.path + (f"?{one.query}" if one.query else "") for one in here if self._site.endswith(one.netloc)]


def _kind(path: str) -> str:
    """Pages about different things of one sort are alike, and so are lists that are sorted or paged otherwise."""
    if path in UNLINKED:
        return path
    path = path.partition("?")[0]
    for sort, alike in ALIKE:
        path = sort.sub(alike, path)
    return path
