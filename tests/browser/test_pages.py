"""Every page of a living site, for everybody who may see it, as their browser shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.crawl import Crawl
from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser

PEOPLE = (None, "newcomer", "mentor", "coordinator", "admin")
LANGUAGES = ("en", "ar")
# The scheme changes nothing but colours.
RULES: dict[str, Any] = {
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
# Forms that are sent empty, and by whom: what is wrong must be readable as well.
FORMS = (
    (None, "/people/sign-up"),
    ("newcomer", "/mentoring/ask"),
    ("newcomer", "/mentoring/apply"),
    ("newcomer", "/people/me/password"),
    ("admin", "/roles/translator/appoint"),
    ("mentor", "/tracks/first-change-on-gerrit/what-happens-to-a-change"),
    ("newcomer", "/roles/translator/offer"),
    ("nadia", "/tracks/first-change-on-gerrit/read-a-review/stuck"),
)
MOST_BYTES = 60 * 1024
TIME_ZONES = re.compile(rb"<datalist id=\"time-zones\">.*?</datalist>", re.DOTALL)
MOST_REQUESTS = 4
WIDE, NARROW, NARROWEST = 1280, 360, 320


class Watch:
    """A page and what went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self._asked_for: set[str] = set()
        page.on("request", lambda request: self._asked_for.add(request.url))
        page.on("pageerror", lambda error: self.fault(f"script: {error}"))
        page.on("console", lambda message: self._said(message))

    def _said(self, message: Any) -> None:
        # That a page of errors answers 404 is no fault of the page.
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            self.fault(f"console: {message.text}")

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.page.url}: {text}")

    def open(self, url: str) -> None:
        """Go there; the answer must be small and complete in itself."""
        self._asked_for.clear()
        answer = self.page.goto(url)
        # The names of all places with their own time are a list of their own, long in every language.
        size = len(TIME_ZONES.sub(b"", answer.body())) if answer else 0
        if size > MOST_BYTES:
            self.fault(f"{size} bytes of HTML")
        if len(self._asked_for) > MOST_REQUESTS:
            self.fault(f"{len(self._asked_for)} requests: {', '.join(sorted(self._asked_for))}")

    def look(self) -> None:
        """One headline, nothing that scrolls sideways, nothing that axe objects to in light and in dark."""
        if (heads := self.page.locator("h1").count()) != 1:
            self.fault(f"{heads} h1")
        for width in (NARROWEST, NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": 800})
            if (reached := self.page.evaluate("document.documentElement.scrollWidth")) > width:
                self.fault(f"scrolls sideways: {reached} at {width}")
        for scheme, rules in RULES.items():
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for violation in Axe().run(self.page, options=rules).response["violations"]:
                where = [" ".join(map(str, node["target"])) for node in violation["nodes"][:3]]
                self.fault(f"{scheme}, {violation['id']}: {violation['help']} ({'; '.join(where)})")


@pytest.fixture(scope="session")
def pages(demo: str) -> dict[str | None, list[str]]:
    """Which pages to open as whom."""
    crawl = Crawl(demo)
    return {username: crawl.pages_of(username) for username in PEOPLE}


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Watch]:
    """A page in a browser without cookies; colours change at once."""
    context = chromium.new_context(viewport={"width": WIDE, "height": 800}, reduced_motion="reduce")
    yield Watch(context.new_page())
    context.close()


def test_the_crawl_reaches_the_whole_site(pages: dict[str | None, list[str]]) -> None:
    met = {path for paths in pages.values() for path in paths}
    for place in ("/", "/reviews", "/mentoring/ask", "/mentoring/applications", "/people/me", "/notices"):
        assert place in met
    for start in (
        "/mentoring/requests/",
        "/mentoring/pairings/",
        "/roles/holders/",
        "/people/m",
        "/help/the-review",
        "/tracks/first-",
    ):
        assert any(path.startswith(start) for path in met), start


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_can_be_used_by_everybody(
    demo: str, pages: dict[str | None, list[str]], watch: Watch, username: str | None, language: str
) -> None:
    if username:
        sign_in(watch.page, demo, username)
    for path in pages[username]:
        watch.open(f"{demo}{path}{'&' if '?' in path else '?'}uselang={language}")
        watch.look()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.mark.parametrize(("username", "path"), FORMS)
def test_what_is_wrong_in_a_form_can_be_read_by_everybody(
    demo: str, watch: Watch, username: str | None, path: str
) -> None:
    if username:
        sign_in(watch.page, demo, username)
    watch.open(demo + path)
    with watch.page.expect_navigation():
        watch.page.click("main form[method=post] .button.primary")
    assert watch.page.locator(".summary").count() == 1
    assert watch.page.locator(".summary a").first.get_attribute("href") != "#"
    watch.look()
    assert not watch.faults, "\n".join(watch.faults)


def test_a_narrow_french_page_scrolls_no_more_than_an_english_one(
    demo: str, pages: dict[str | None, list[str]], watch: Watch
) -> None:
    sign_in(watch.page, demo, "admin")
    watch.page.set_viewport_size({"width": NARROWEST, "height": 800})
    for path in pages[None] + pages["admin"]:
        watch.page.goto(f"{demo}{path}{'&' if '?' in path else '?'}uselang=fr")
        if (reached := watch.page.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
            watch.fault(f"scrolls sideways: {reached}")
    assert not watch.faults, "\n".join(watch.faults)


def test_an_empty_field_begins_where_the_page_does_and_words_run_their_own_way(demo: str, watch: Watch) -> None:
    watch.open(f"{demo}/?uselang=ar")
    kept = watch.page.locator("#find").evaluate(
        "box => [getComputedStyle(box).direction, getComputedStyle(box).unicodeBidi]"
    )
    assert kept == ["rtl", "plaintext"]


def test_the_marks_of_steps_are_whole(demo: str, chromium: Browser) -> None:
    page = chromium.new_page()
    sign_in(page, demo, "nadia")
    page.goto(f"{demo}/tracks/first-change-on-gerrit")
    mark = """kind => { const style = getComputedStyle(document.querySelector(kind), "::before");
        return [style.borderTopWidth, style.backgroundColor === style.color, style.backgroundImage.split("(")[0]] }"""
    assert page.evaluate(mark, ".stop-done") == ["0px", True, "none"]
    assert page.evaluate(mark, ".stop-started") == ["2px", False, "linear-gradient"]
    assert page.evaluate(mark, ".stop-available") == ["2px", False, "none"]
    page.close()
