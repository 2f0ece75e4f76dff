"""Every form of the house is done once, however often it is sent: each route that takes one is tried."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import session as cookie
from sqlalchemy import select

from portal.core.database import Base
from portal.core.sent_forms import form_key
from tests.access import routes
from tests.access.prepared import PREPARED
from tests.access.routes import read_table
from tests.access.world import STRANGERS, World
from tests.test_house import TEMPLATES

TABLE = read_table()
DONE = "303"
POSTS = [route for route, row in TABLE.items() if route.startswith("POST ") and (DONE in str(row) or route in PREPARED)]
NO_FORM = {
    "POST /api/v1/me/notices/read",
    "POST /notices/unsubscribe",
    "POST /passkeys/add",
    "POST /passkeys/sign-in",
    "POST /preview",
    "POST /second-factor/app",
    "POST /sign-in-with/<provider>/link",
    "POST /sign-in-with/<provider>/sign-up",
}
"""The first takes JSON and a token: tests/api_tokens sends it twice. Mail programs send the second, which know no key:
to stop twice is to stop. /preview only shows. What is answered to /passkeys and added by /second-factor/app stands in
the cookie of a browser: tests/authenticators sends it twice. For the last two this site has no service:
tests/single_sign_on has some.
"""
UNCOUNTED = {"submissions", "sign_in_tries"}


def doer(route: str, rule: Any) -> str:
    """Somebody for whom it is done, in this world or once it is prepared."""
    if route in PREPARED:
        return PREPARED[route].who
    everybody = ("visitor", *STRANGERS, *routes.owners(rule))
    return next(who for who in everybody if TABLE[route].expected(who) == DONE)


def rows(session: Any) -> dict[str, list[Any]]:
    """All that is stored."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in UNCOUNTED]
    return {table.name: sorted(map(repr, session.execute(select(table)))) for table in tables}


def key_for(world: World, browser: Any) -> str:
    """The key of a form that is shown in this browser."""
    with browser.session_transaction() as kept:
        shown_to = kept.get("_user_id", "")
    with world.site.app.test_request_context():
        cookie["_user_id"] = shown_to
        return form_key()


@pytest.mark.parametrize("route", POSTS)
def test_what_is_sent_twice_is_done_once_and_answered_alike(world: World, route: str) -> None:
    rule = routes.every_route(world.site.app)[route]
    who = doer(route, rule)
    url = routes.address(world, rule)
    with world.rolled_back() as session:
        if route in PREPARED:
            PREPARED[route].make_ready(world, session)
            session.commit()
        browser = world.browser(who)
        sent = {**routes.form(world, rule.endpoint), "form_key": key_for(world, browser)}
        first = browser.post(url, data=sent)
        assert first.status_code == int(DONE)
        done = rows(session)
        again = [browser.post(url, data=sent) for _time in range(2)]
        assert {(one.status_code, one.location) for one in again} == {(first.status_code, first.location)}
        assert rows(session) == done


def test_every_route_that_takes_a_form_is_tried() -> None:
    untried = {route for route in TABLE if route.startswith("POST ")} - {*POSTS}
    assert untried == NO_FORM


def test_every_form_of_every_template_carries_the_marks() -> None:
    posts = re.compile(r"<form\b[^>]*method=[\"']?post.*?</form>", re.IGNORECASE | re.DOTALL)
    forms = [form for path in TEMPLATES.rglob("*.html") for form in posts.findall(path.read_text())]
    assert len(forms) >= 2
    assert [form for form in forms if "{{ token() }}" not in form] == []
    macros = (TEMPLATES / "macros" / "forms.html").read_text()
    token = macros.partition("macro token()")[2].partition("endmacro")[0]
    assert all(f'name="{mark}"' in token for mark in ("csrf_token", "form_key", "form_page"))
