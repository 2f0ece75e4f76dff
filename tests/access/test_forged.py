"""Nothing is done for a page elsewhere: a form without the token of this very session changes no row.

OWASP ASVS 4.0.3, 4.2.2. Each route that takes a form is sent it by somebody for whom it would be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.access import routes
from tests.access.prepared import PREPARED
from tests.access.routes import read_table
from tests.access.test_floods import sender
from tests.access.test_once import rows
from tests.access.world import World

FORMS = [route for route in read_table() if route.startswith("POST")]
FROM_ELSEWHERE = {"POST /notices/unsubscribe"}
"""Mail programs send this one (RFC 8058): the token in its address stands for it."""
KEPT_FOR_LATER = {"drafts", "security_events"}
"""Words that come back with the form once somebody has signed in; and that somebody was refused."""


@pytest.fixture
def guarded_world(world: World) -> Iterator[World]:
    """The community, where forms need their token as on a real site."""
    world.site.app.config["WTF_CSRF_ENABLED"] = True
    yield world
    world.site.app.config["WTF_CSRF_ENABLED"] = False


def token_shown_to(world: World, browser: Any) -> str:
    """A token that is good in the session of this browser."""
    page = browser.get("/people/sign-in?uselang=en")
    if page.status_code != 200:
        page = browser.get("/people/me")
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)
    assert found, page.status
    return found[1]


def forged_tokens(world: World) -> dict[str, dict[str, str]]:
    """What a page elsewhere could send along: nothing, something made up, or what its own visit has got it."""
    own = token_shown_to(world, world.browser("visitor"))
    other = token_shown_to(world, world.browser("translator"))
    return {
        "none": {},
        "empty": {"csrf_token": ""},
        "made up": {"csrf_token": "a" * len(own)},
        "of a visitor": {"csrf_token": own},
        "of somebody else": {"csrf_token": other},
        "cut": {"csrf_token": own[:-4]},
    }


def changed_by(world: World, route: str, token: dict[str, str]) -> tuple[int, set[str]]:
    """The status of the answer to a form with this token, and the tables that are not as they were."""
    rule = routes.every_route(world.site.app)[route]
    with world.rolled_back() as session:
        if route in PREPARED:
            PREPARED[route].make_ready(world, session)
            session.commit()
        browser, url = world.browser(sender(world, route, rule)), routes.address(world, rule)
        session.expire_all()
        before = rows(session)
        with browser.post(url, data={**routes.form(world, rule.endpoint), **token}) as answer:
            status = answer.status_code
        session.expire_all()
        after = rows(session)
    return status, {name for name in before if before[name] != after[name]} - KEPT_FOR_LATER


@pytest.mark.parametrize("route", [route for route in FORMS if route not in FROM_ELSEWHERE])
def test_a_forged_form_does_nothing(guarded_world: World, route: str) -> None:
    for kind, token in forged_tokens(guarded_world).items():
        status, changed = changed_by(guarded_world, route, token)
        assert changed == set(), kind
        assert status in {302, 400, 401, 403, 404, 415, 422}, kind


def test_the_token_of_the_page_opens_the_same_doors(guarded_world: World) -> None:
    browser = guarded_world.browser("nobody")
    sent = {**routes.form(guarded_world, "people.profile"), "csrf_token": token_shown_to(guarded_world, browser)}
    with guarded_world.rolled_back():
        assert browser.post("/people/me", data=sent).status_code == 303


def test_a_token_from_before_signing_in_opens_nothing_afterwards(guarded_world: World) -> None:
    browser = guarded_world.site.client()
    early = token_shown_to(guarded_world, browser)
    with guarded_world.rolled_back():
        signing_in = {**routes.form(guarded_world, "people.sign_in"), "csrf_token": early}
        assert browser.post("/people/sign-in", data=signing_in).status_code == 303
        sent = {**routes.form(guarded_world, "people.profile"), "csrf_token": early}
        assert browser.post("/people/me", data=sent).status_code != 303
