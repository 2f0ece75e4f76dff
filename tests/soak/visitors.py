"""Who visits: each from a network of their own, following links at random, some of them signed in and writing."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.form_pages import PageForm, forms_of
from tests.servers.deployed import NAME, Site
from tests.servers.portal import PASSWORD

SIGNED_IN = (
    "newcomer",
    "mentor",
    "maintainer",
    "admin",
    "coordinator",
    "tadeusz",
    "ifeoma",
    "hyunwoo",
    "salome",
    "yuki",
)
BEGINNINGS = ("/", "/reviews", "/tools/", "/tracks/", "/roles/", "/mentoring/mentors", "/help/", "/api/v1/tools")
SEARCHES = ("python", "gadget", "review", "gerrit", "lua", "translate", "مراجعة", "revue", "wikidata", "c++")
LINK = re.compile(r'href="(/[^"#]*)"')
AVOIDED = re.compile(r"^/static/|sign-out|\.csv|/export|/people/me/delete|/unsubscribe|^//")
SAVES, WRITES, SEARCHED, COMES_AGAIN, BEGINS_ANEW = 0.04, 0.01, 0.06, 0.005, 0.15
"""How likely each is as the next thing that somebody does."""


@dataclass
class Answer:
    """What came of one request: what kind of thing it was, and its status."""

    kind: str
    status: int
    text: str = ""


@dataclass
class Visitor:
    """One browser. `number` makes the address of its network, so that limits count it by itself."""

    site: Site
    number: int
    username: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.number)
        self._pool = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            self.site.port,
            cert_reqs="CERT_NONE",
            assert_hostname=False,
            server_hostname=NAME,
            source_address=(f"127.0.{self.number % 250 + 1}.1", 0),
            maxsize=2,
        )

    def act(self) -> Answer:
        """Do the next thing."""
        if self.username and not self._is_in():
            return self._sign_in()
        chance = self._random.random()
        if self.username and chance < SAVES:
            return self._send("/people/me", "/people/me", "save")
        if self.username and chance < SAVES + WRITES:
            return self._send("/dashboard", "/preview", "preview", text="**Hello** @mentor")
        if self.username and chance > 1 - COMES_AGAIN:
            return self._sign_out()
        if chance < SEARCHED:
            return self.get(f"/search?{urlencode({'q': self._random.choice(SEARCHES)})}", "search")
        if not self.links or chance < SEARCHED + BEGINS_ANEW:
            return self.get("/dashboard" if self.username else self._random.choice(BEGINNINGS))
        return self.get(self._random.choice(self.links))

    def get(self, path: str, kind: str = "page") -> Answer:
        """Ask for a page, and remember where it leads."""
        answer = self._ask("GET", path, "api" if path.startswith("/api/") else kind)
        if answer.status == 200:
            self.links = [link for link in LINK.findall(answer.text) if not AVOIDED.search(link)]
        return answer

    def _is_in(self) -> bool:
        return "in" in self.cookies

    def _sign_in(self) -> Answer:
        answer = self._send("/people/sign-in", "/people/sign-in", "sign in", username=self.username, password=PASSWORD)
        if answer.status == 303:
            self.cookies["in"] = "yes"
        return answer

    def _sign_out(self) -> Answer:
        self.cookies.pop("in", None)
        return self._send("/people/me", "/people/sign-out", "sign out")

    def _send(self, page: str, action: str, kind: str, **typed: str) -> Answer:
        shown = self.get(page, kind)
        form = next((one for one in forms_of(shown.text) if one.action.partition("?")[0] == action), None)
        if form is None:
            token = next((one.fields["csrf_token"] for one in forms_of(shown.text)), "")
            form = PageForm(action, "post", {"csrf_token": token})
        form.fields |= typed
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{NAME}{page}"}
        return self._ask("POST", form.action or action, kind, body=urlencode(form.fields), headers=headers)

    def _ask(self, method: str, path: str, kind: str, headers: Any = None, **options: Any) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if name != "in")
        sent = {"Host": NAME, "Cookie": cookies, **(headers or {})}
        answer = self._pool.request(method, path, headers=sent, redirect=False, retries=False, timeout=60, **options)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(kind, answer.status, answer.data.decode(errors="replace"))


def visitors(site: Site, many: int) -> list[Visitor]:
    """So many, every third of them signed in as somebody of the demo."""
    return [
        Visitor(site, number, SIGNED_IN[number % len(SIGNED_IN)] if number % 3 == 0 else "") for number in range(many)
    ]
