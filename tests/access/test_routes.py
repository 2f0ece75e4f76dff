"""Every route for every kind of visitor, tried over HTTP: routes.txt says what each of them gets."""

from __future__ import annotations

from inspect import getclosurevars
from typing import Any

import pytest

from portal.people.models import Account
from tests.access import routes
from tests.access.routes import DOOR, read_table
from tests.access.world import STRANGERS, World

TABLE = read_table()
REFUSED = "403"
REFUSALS = ("403", "404", "409")


@pytest.mark.parametrize("route", TABLE)
def test_each_gets_what_the_table_says(world: World, route: str) -> None:
    rule = routes.every_route(world.site.app)[route]
    everybody = ("visitor", *STRANGERS, *routes.owners(rule))
    told = {who: tried(world, rule, route, who) for who in everybody}
    assert told == {who: TABLE[route].expected(who) for who in everybody}
    assert TABLE[route].others.keys() <= told.keys()


def tried(world: World, rule: Any, route: str, who: str) -> str:
    """What this one gets: a status, or `DOOR`."""
    method, url = route.split()[0], routes.address(world, rule)
    with world.rolled_back():
        sent = {"data": routes.form(world, rule.endpoint)} if method == "POST" else {}
        with world.browser(who).open(url, method=method, **sent) as answer:
            is_sent_away = answer.status_code == 302 and "/people/sign-in" in (answer.location or "")
            return DOOR if is_sent_away else str(answer.status_code)


def test_every_route_stands_in_the_table(world: World) -> None:
    found = routes.every_route(world.site.app).keys()
    assert sorted(found - TABLE.keys()) == [], "say in tests/access/routes.txt who gets what there"
    assert sorted(TABLE.keys() - found) == [], "these routes are gone: take them out of tests/access/routes.txt"


def test_a_guard_lets_in_just_those_whose_role_grants_what_it_asks_for(world: World) -> None:
    guarded = dict(routes_with_permissions(world))
    assert len(guarded) > 10
    for route, permission in guarded.items():
        assert TABLE[route].visitor == DOOR, route
        for who in STRANGERS:
            is_refused = TABLE[route].expected(who) == REFUSED
            assert is_refused is (who not in world.granted(permission)), (route, who)


def test_every_permission_is_refused_somewhere_to_all_who_lack_it(world: World) -> None:
    for permission in world.site.portal.features.permissions:
        refusing = set(STRANGERS) - world.granted(permission)
        assert [route for route, row in TABLE.items() if refused(row) == refusing], permission


def test_no_form_is_shown_to_who_is_refused_when_they_send_it() -> None:
    for route, shown in TABLE.items():
        sent = TABLE.get(f"POST {route.removeprefix('GET').strip()}")
        if not route.startswith("GET") or sent is None:
            continue
        everybody = {"visitor", *STRANGERS, *shown.others, *sent.others}
        misled = {who for who in everybody if sent.expected(who) in REFUSALS and shown.expected(who) == "200"}
        assert misled == routes.SHOWN_ANYWAY.get(route.split()[1], set()), route


def test_every_form_of_a_stranger_leaves_the_rows_of_others_alone(world: World) -> None:
    said = world.ids["account_id"]
    with world.rolled_back() as session:
        for who in ("visitor", *STRANGERS):
            world.browser(who).post("/people/me/accounts/remove", data={"account": str(said)})
        assert session.get(Account, said) is not None
        world.browser("claimant").post("/people/me/accounts/remove", data={"account": str(said)})
        assert session.get(Account, said, populate_existing=True) is None


@pytest.mark.parametrize("path", ["/people/email/confirm", "/people/password/reset", "/notices/unsubscribe"])
def test_a_token_that_is_forged_or_for_another_purpose_opens_nothing(world: World, path: str) -> None:
    own = {"/people/email/confirm": "confirm", "/people/password/reset": "reset", "/notices/unsubscribe": "letters"}
    others = [token for name, token in world.tokens.items() if name != own[path]]
    for token in ("", "forged", *others):
        for method in ("GET", "POST"):
            with world.rolled_back():
                answer = world.site.client().open(f"{path}?token={token}", method=method, data={"password": routes.NEW})
            assert answer.status_code == 404 or answer.location == "/people/password/forgotten", (token, method)


def routes_with_permissions(world: World) -> Any:
    """Each route whose guard asks for a permission, and its name."""
    for route, rule in routes.every_route(world.site.app).items():
        check = getattr(world.site.app.view_functions[rule.endpoint], "__guard__", None)
        permission = getclosurevars(check).nonlocals.get("permission") if check else None
        if permission:
            yield route, permission.name


def refused(row: routes.Row) -> set[str]:
    """Who of the strangers is refused there."""
    return {who for who in STRANGERS if row.expected(who) == REFUSED}
