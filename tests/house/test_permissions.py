"""Every permission says what it allows, is granted by a role, and is asked for: who has it not is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from portal.app import FEATURES
from portal.core.feature import Features
from portal.core.i18n import speaking
from portal.core.permissions import Permission
from portal.roles.content import RoleDefinitions
from tests import make

PERMISSIONS = Features(FEATURES).permissions
ASKED: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "admin.people": ("GET", "/admin/people", {}),
    "admin.site": ("GET", "/admin/site", {}),
    "mentoring.mentor": ("GET", "/mentoring/requests", {}),
    "mentoring.approve_mentors": ("GET", "/mentoring/applications", {}),
    "mentoring.coordinate": ("GET", "/mentoring/coordinate", {}),
    "people.invite": ("GET", "/invitations/", {}),
    "reviews.sync": ("POST", "/reviews/syncs", {}),
    "roles.appoint": ("POST", "/roles/translator/appoint", {"person": "ben", "reason": "Good work."}),
    "tools.steward": ("POST", "/tools/mapper/look-for-owner", {"reason": "Nobody has time."}),
}
"""Something that each permission is needed for."""


@pytest.mark.parametrize("permission", PERMISSIONS.values(), ids=str)
def test_what_a_permission_allows_is_said_in_every_language(permission: Permission) -> None:
    with speaking("fr"):
        french = str(permission.allows)
    assert str(permission.allows).strip()
    assert french.strip()
    assert french != str(permission.allows)


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_permission_is_refused_to_who_has_it_not_and_granted_by_a_shipped_role(site: Any, name: str) -> None:
    assert name in ASKED, f"say in ASKED what {name} is needed for: a permission that nobody asks for grants nothing"
    granting = site.portal.library.get(RoleDefinitions).granting(PERMISSIONS[name])
    assert granting, f"no role in content/roles grants {name}"
    with site.unit_of_work() as session:
        ana, holder = make.person(session, "ana"), make.person(session, "holder")
        make.person(session, "ben")
        make.tool(session, "mapper")
        make.role(session, holder, next(iter(granting)))
    method, path, data = ASKED[name]
    send = {"method": method, "data": data if method == "POST" else None}
    assert make.sign_in(site.client(), ana).open(path, **send).status_code == 403
    assert make.sign_in(site.client(), holder).open(path, **send).status_code < 400


def test_nothing_is_asked_for_that_no_room_brings() -> None:
    assert ASKED.keys() == PERMISSIONS.keys()
