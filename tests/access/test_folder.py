"""A site at the root of its host and one in a folder: every link of every page stays on it and leads somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from jinja2 import FileSystemBytecodeCache

from portal.core.folder import site_links
from portal.core.markdown import render_markdown, render_user_text
from portal.core.web import safe_next
from portal.people import passwords
from portal.people.actions import write_letter
from portal.people.models import Person
from tests import make
from tests.access import routes
from tests.access.conftest import TOML
from tests.access.world import World, found
from tests.activity.conftest import MailSite
from tests.conftest import making_sites
from tests.databases import Databases
from tests.letters import html_of, text_of
from tests.people.conftest import Postbox

HOST = "https://portal.example.org"
WALKERS = {
    "": ("visitor", "nobody", "their-mentor", "steward"),
    "/portal": ("visitor", "nobody", "mentee", "their-mentor", "coordinator", "steward", "maintainer"),
}
"""Who walks on the site in which folder: a link that leads nowhere does so in both."""
LINKS = {"href", "src", "action", "formaction", "poster", "data", "cite"}
LOOKED_AT_ONCE = re.compile(r"/(help|roles|tracks|static|search|tools)\b|.*[?.]")
"""What is alike for all, or a view of a list: one of the walkers sees that it is there, the first who meets it."""
ACCOUNT_LETTERS = ("people.confirm_email", "people.email_changes", "people.password_changed", "people.reset_password")
PAGES = 40
"""How many of each at least are walked: fewer, and the walk has lost its way."""


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self._form_method = "GET"
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._form_method = (values.get("method") or "get").upper()
        method = self._form_method if tag == "form" or "formaction" in values else "GET"
        self.found |= {(method, value) for name, value in attrs if name in LINKS and value}


class Walk:
    """Opens every page that somebody can come to, and notes what is wrong with its links."""

    def __init__(self, world: World, folder: str) -> None:
        self._world, self._folder = world, folder
        self._seen: set[str] = set()
        self.faults: set[str] = set()
        self.pages = 0

    def starts(self) -> Iterator[str]:
        """Every address that can be read, below the folder; in lists and forms they stand for their kind."""
        for route, rule in routes.every_route(self._world.site.app).items():
            if route.startswith("GET") and "step" not in route and not route.startswith("GET /static"):
                path = routes.address(self._world, rule)
                if "first-steps" not in path:
                    yield self._folder + path

    def of(self, who: str) -> None:
        """Follow everything that this one meets."""
        browser, waiting, seen = self._world.browser(who), list(self.starts()), set[str]()
        tried = set(waiting)
        while waiting:
            path = waiting.pop().partition("#")[0]
            if path in seen or (path in self._seen and LOOKED_AT_ONCE.match(path.removeprefix(self._folder))):
                continue
            seen.add(path)
            self.pages += 1
            with browser.get(path, base_url=HOST) as answer:
                if answer.status_code >= 500 or (answer.status_code in {404, 405} and path not in tried):
                    self.faults.add(f"{who}: {path} is answered {answer.status_code}")
                onward = list(self._onward(path, answer)) if answer.status_code != 404 else []
            # In other languages only what is written in them has other links: content, which is for all.
            waiting += [link for link in onward if who == "visitor" or "uselang=" not in link]
        self._seen |= seen

    def _onward(self, path: str, answer: Any) -> Iterator[str]:
        links = {("GET", answer.location)} if answer.location else links_of(answer)
        for method, link in links:
            whole = urlsplit(urljoin(HOST + path, link))
            target = whole.path + (f"?{whole.query}" if whole.query else "")
            if f"{whole.scheme}://{whole.netloc}" != HOST:
                continue
            if not f"{whole.path}/".startswith(f"{self._folder}/"):
                self.faults.add(f"{path} leads out of the site, to {target}")
            elif method == "GET":
                yield target
            elif not self._takes(method, whole.path.removeprefix(self._folder)):
                self.faults.add(f"{path} sends a form to {target}, where nobody takes it")

    def _takes(self, method: str, path: str) -> bool:
        return bool(self._world.site.app.url_map.bind("").test(path or "/", method))


def links_of(answer: Any) -> set[tuple[str, str]]:
    """The addresses in a page, a feed or an answer for programs, each with the method by which it is asked."""
    if answer.mimetype == "text/html":
        return _Links(answer.text).found
    if answer.mimetype == "application/atom+xml":
        return {
            ("GET", one.attrib["href"]) for one in ElementTree.fromstring(answer.data).iter() if "href" in one.attrib
        }
    if answer.mimetype == "application/json" and "/openapi" not in answer.request.path:
        return {("GET", text) for text in strings(json.loads(answer.data)) for text in addresses(text)}
    return {("GET", text) for text in addresses(answer.text)} if answer.mimetype == "text/csv" else set()


def addresses(text: str) -> set[str]:
    """The addresses on this host, and the links of Markdown, in a text."""
    return set(re.findall(rf"{HOST}[^\s,;\"<)]*", text)) | set(re.findall(r"\]\((/[^)]*)\)", text))


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module", params=WALKERS, ids=["root", "folder"])
def placed(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    databases: Databases,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[tuple[World, str]]:
    """The community on a site in this folder."""
    folder: Path = tmp_path_factory.mktemp("placed")
    with making_sites(folder, databases, compiled_templates) as make_site:
        yield found(make_site(f'[site]\nurl = "{HOST}{request.param}"\n{TOML}')), request.param


@pytest.mark.timeout(600)  # it opens some thousand pages
def test_no_link_leaves_the_site_or_leads_nowhere(placed: tuple[World, str]) -> None:
    world, folder = placed
    walk = Walk(world, folder)
    for who in WALKERS[folder]:
        walk.of(who)
    assert walk.pages > PAGES * len(WALKERS[folder])
    assert not walk.faults, "\n".join(sorted(walk.faults))


def test_every_letter_leads_into_the_folder(make_site: Any) -> None:
    post = Postbox()
    mail = MailSite(make_site(f'[site]\nurl = "{HOST}/portal/"\n', clients=SimpleNamespace(mailer=post)), post)
    ana = mail.person("ana", new_email="ana@example.net")
    mail.tell(ana)
    with mail.site.unit_of_work() as session:
        for template in ACCOUNT_LETTERS:
            write_letter(session, session.get_one(Person, ana), template, {}, make.NOON)
    mail.work()
    assert len(post.sent) == 1 + len(ACCOUNT_LETTERS)
    for letter in post.sent:
        told = "".join((text_of(letter), html_of(letter), str(letter["List-Unsubscribe"])))
        found = re.findall(r"https?://[^\s<>\"]*", told)
        assert found, letter["Subject"]
        assert [one for one in found if not f"{one}/".startswith(f"{HOST}/portal/")] == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/portal/help/privacy", {}),
        ("/help/privacy", {"X-Forwarded-Prefix": "/portal"}),
        ("/help/privacy", {"X-Forwarded-Prefix": "//evil.example"}),
        ("/portal/help/privacy", {"X-Forwarded-Prefix": ""}),
        ("/help/privacy", {}),
    ],
)
def test_whatever_a_proxy_passes_on_links_lead_into_the_folder(
    make_site: Any, path: str, headers: dict[str, str]
) -> None:
    site = make_site(f'[site]\nurl = "{HOST}/portal"\nbehind_proxies = 1\n')
    page = site.client().get("/", environ_overrides={"PATH_INFO": path, "SCRIPT_NAME": ""}, headers=headers)
    assert page.status_code == 200
    assert 'href="/portal/people/sign-in"' in page.text
    assert 'href="/portal/help/search#' in page.text, "a link in the content"


def test_a_folder_may_be_called_like_a_room(make_site: Any) -> None:
    site = make_site(f'[site]\nurl = "{HOST}/help"\nbehind_proxies = 1\n')
    for path, headers in (("/help/help/privacy", {}), ("/help/privacy", {"X-Forwarded-Prefix": "/help"})):
        page = site.client().get("/", environ_overrides={"PATH_INFO": path, "SCRIPT_NAME": ""}, headers=headers)
        assert 'href="/help/help/search#' in page.text, path


def test_the_session_and_the_way_back_stay_in_the_folder(make_site: Any) -> None:
    site = make_site(f'[site]\nurl = "{HOST}/portal"\n')
    with site.unit_of_work() as session:
        make.person(session, "ana").password_hash = passwords.hash_of(make.PASSWORD)
    browser = site.client()
    door = browser.get("/portal/dashboard?a=1", base_url=HOST).location
    assert door == "/portal/people/sign-in?next=%2Fportal%2Fdashboard%3Fa%3D1"
    entered = browser.post(door, base_url=HOST, data={"username": "ana", "password": make.PASSWORD})
    assert entered.location == "/portal/dashboard?a=1"
    assert "; Path=/portal" in entered.headers["Set-Cookie"]
    assert "; Path=/portal/" not in entered.headers["Set-Cookie"], "the front page is /portal, too"


@pytest.mark.parametrize(
    "target", ["/", "/elsewhere", "/portals", "/portal/../admin", "/portal/%2e%2E/admin", "/portal"]
)
def test_a_redirect_never_leaves_the_folder(target: str) -> None:
    assert safe_next(target, "/portal/home", "/portal") == "/portal/home"


def test_examples_stay_as_they_are_and_what_people_copied_is_not_moved_twice() -> None:
    html = render_markdown(
        '`<a href="/help/x">` [one](/help/x "a \'title\'") [two](//example.net/x) ![p](/static/p.svg)'
    )
    moved = site_links(html, "/portal")
    assert moved.count("/portal/") == 2
    assert 'href="/help/x"' in moved.partition("</code>")[0]
    assert site_links(html, "") == html
    typed = render_user_text("[one](/portal/help/x) [two](/help/x)")
    assert site_links(typed, "/portal", is_typed=True).count('"/portal/help/x"') == 2
