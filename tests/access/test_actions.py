"""Every action called directly, without its view, by somebody who may not: it asks for itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.core.errors import NotAllowed, NotFound
from tests.access.actions import FREE, GUARDED_BY, OWN_CASES, REFUSED, Scene, every_action
from tests.access.world import ROLES, World


@pytest.mark.parametrize("action", REFUSED)
def test_an_action_refuses_who_may_not_and_changes_nothing(world: World, action: str) -> None:
    code, call = REFUSED[action]
    with world.rolled_back() as session:
        scene = Scene(world, session)
        before = session.scalar(text("SELECT count(*) FROM events"))
        with pytest.raises((NotAllowed, NotFound)) as refusal:
            call(scene)
        assert refusal.value.code == code
        assert str(refusal.value.message)
        assert not session.dirty
        assert session.scalar(text("SELECT count(*) FROM events")) == before


@pytest.mark.parametrize(
    ("permission", "action"), [(name, action) for name, actions in GUARDED_BY.items() for action in actions]
)
def test_only_a_role_that_grants_the_permission_opens_an_action(world: World, permission: str, action: str) -> None:
    granting = world.granted(permission)
    code, call = REFUSED[action]
    for who in ROLES:
        with world.rolled_back() as session:
            told = outcome(call, Scene(world, session, who))
        assert (told == code) is (who not in granting), (who, told)


@pytest.mark.parametrize("action", OWN_CASES)
def test_nobody_decides_in_their_own_case_nor_by_a_role_they_have_lost(world: World, action: str) -> None:
    who, code, call = OWN_CASES[action]
    with world.rolled_back() as session:
        assert outcome(call, Scene(world, session, who)) == code


def outcome(call: object, scene: Scene) -> str:
    """The code with which the call is refused; empty when it is not."""
    try:
        call(scene)  # type: ignore[operator]
    except (NotAllowed, NotFound) as refusal:
        return refusal.code
    except Exception:
        return "came in"
    return ""


def test_every_action_that_takes_a_person_stands_in_the_table() -> None:
    known = {*REFUSED, *FREE}
    assert sorted(set(every_action()) - known) == [], "say in tests/access/actions.py whom it refuses"
    assert sorted(known - set(every_action())) == [], "these actions are gone: take them out of tests/access/actions.py"
    assert not REFUSED.keys() & FREE.keys()


def test_every_permission_opens_an_action(world: World) -> None:
    assert GUARDED_BY.keys() == set(world.site.portal.features.permissions)
