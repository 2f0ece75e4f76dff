"""Work is bounded before it is done: far too much text in any field of any form is answered as fast as a line of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
import zxcvbn  # noqa: F401  # its lists of words take a while to load, once

from portal.core.request_cycle import LONGEST_QUERY
from tests.access import routes
from tests.access.prepared import PREPARED, Prepared
from tests.access.routes import DOOR, read_table
from tests.access.world import World

ROWS = read_table()
FORMS = [route for route in ROWS if route.startswith("POST")]
PAGES = [route for route in ROWS if route.startswith("GET")]
ASKED = ("q", "text", "name", "project", "keyword", "wiki", "skill", "language", "sort", "cursor", "before", "uselang")
"""What addresses ask for: filters, places in lists, languages."""
SECONDS = 0.5
"""Of the processor, for one answer."""
MARKS = 60_000
SENT = 60_000
"""Bytes that a browser makes of a flood: what a form may bring, together with its other fields."""


def flood_of(begin: str, again: str) -> str:
    """As much of this as a form may bring."""
    return begin + again * ((SENT - len(urlencode({"": begin}))) // len(quote_plus(again)))


FLOODS = {
    "marks over one letter": flood_of("a", "\u0315\u0300\u05ae\u0327"),
    "brackets within brackets": flood_of("", "["),
    "quotes within quotes": flood_of("", "> "),
    "an address without an end": flood_of("https://", "a."),
    "more than any form may bring": "a" + "\u0315\u0300\u05ae\u0327" * (MARKS // 4),
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("route", FORMS)
def test_far_too_much_in_a_field_is_answered_at_once(world: World, route: str, flood: str) -> None:
    rule = routes.every_route(world.site.app)[route]
    who = sender(world, route, rule)
    for name, sent in flooded(fields(world, rule, who), FLOODS[flood]):
        took, status = answered(world, rule, who, "POST", data=sent)
        assert status < 500, name
        assert took < SECONDS, name


@pytest.mark.parametrize("route", PAGES)
def test_far_too_much_in_an_address_is_answered_at_once(world: World, route: str) -> None:
    rule = routes.every_route(world.site.app)[route]
    who = sender(world, route, rule)
    answered(world, rule, who, "GET", "q=first")  # loads what is loaded once, such as templates and stemmers
    for kind, flood in FLOODS.items():
        took, status = answered(world, rule, who, "GET", longest_query(flood))
        assert status < 500, kind
        assert took < SECONDS, kind


def longest_query(flood: str) -> str:
    """As much of this flood as an address may hold, in everything that addresses ask for."""
    share = LONGEST_QUERY // len(ASKED) - max(map(len, ASKED)) - len("=&")
    marks = next(count for count in range(share, 0, -1) if len(quote_plus(flood[:count])) <= share)
    asked = urlencode(dict.fromkeys(ASKED, flood[:marks]))
    assert LONGEST_QUERY * 0.8 < len(asked) <= LONGEST_QUERY
    return asked


def sender(world: World, route: str, rule: Any) -> str:
    """The first of those who may come there."""
    row = ROWS[route]
    everybody = [PREPARED.get(route, Prepared("nobody")).who, "visitor", *routes.owners(rule), *row.others]
    return next((who for who in everybody if row.expected(who) not in {DOOR, "403", "404"}), "visitor")


def fields(world: World, rule: Any, who: str) -> dict[str, Any]:
    """What the form is sent with, and every field more that its page shows."""
    shown = {**routes.form(world, rule.endpoint)}
    with world.rolled_back(), world.browser(who).get(routes.address(world, rule)) as page:
        for name in re.findall(r'<(?:textarea|input)[^>]* name="(\w+)"', page.text):
            shown.setdefault(name, "x")
    return shown or {"anything": "x"}


def flooded(form: dict[str, Any], flood: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form with each of its texts exchanged, one after the other."""
    for name, text in form.items():
        if isinstance(text, str):
            yield name, {**form, name: flood}


def answered(world: World, rule: Any, who: str, method: str, asked: str = "", **sent: Any) -> tuple[float, int]:
    """How long the site took to answer, in seconds of the processor, and the status of the answer."""
    with world.rolled_back():
        browser, url = world.browser(who), routes.address(world, rule)
        url = f"{url}{'&' if '?' in url else '?'}{asked}" if asked else url
        with timed(world.site.app) as took, browser.open(url, method=method, **sent) as answer:
            return sum(took), answer.status_code


@contextmanager
def timed(app: Any) -> Iterator[list[float]]:
    """What each request in the block costs the site, without what it costs the browser of the tests to send it."""
    took: list[float] = []
    answer = app.wsgi_app

    def timing(environ: Any, start_response: Any) -> Any:
        began = time.thread_time()
        try:
            return answer(environ, start_response)
        finally:
            took.append(time.thread_time() - began)

    app.wsgi_app = timing
    try:
        yield took
    finally:
        app.wsgi_app = answer


def test_an_address_that_is_too_long_says_so(world: World) -> None:
    client = world.site.client()
    page = client.get("/search", query_string={"q": "a" * 9_000})
    assert page.status_code == 414
    assert "This address is too long." in page.text
    assert client.get("/api/v1/tools", query_string={"cursor": "a" * 9_000}).json["error"]["code"] == 414
    assert client.get("/search", query_string={"q": "a" * 7_000}).status_code == 200
