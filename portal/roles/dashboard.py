"""What roles bring to a person's dashboard: those they hold, and what waits for those who appoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.core.dashboard import DashboardRequest, NextStep
from portal.core.i18n import _, ngettext
from portal.core.permissions import Permission
from portal.roles import queries
from portal.roles.access import APPOINT
from portal.roles.content import RoleDefinition, RoleDefinitions


def held_roles(request: DashboardRequest) -> Sequence[tuple[RoleDefinition, date | None]]:
    """The roles this person holds, longest first, each with its last day where there is one."""
    definitions = request.portal.library.get(RoleDefinitions)
    held = queries.held_by(request.session, request.person.id, request.now)
    return [(definitions.get(role), until) for role, until in held if role in definitions.by_slug]


def holds_role(request: DashboardRequest) -> bool:
    """Whether this person holds any role."""
    return bool(request.once(held_roles))


def is_permitted(request: DashboardRequest, permission: Permission) -> bool:
    """Whether one of this person's roles grants the permission."""
    return any(permission.name in role.permissions for role, _until in request.once(held_roles))


def propose_offers(request: DashboardRequest) -> NextStep | None:
    """Answer those who offer to take a role."""
    offers = queries.count_open_offers(request.session) if is_permitted(request, APPOINT) else 0
    if not offers:
        return None
    sentence = ngettext(
        "%(num)s person offers to take a role and waits for an answer.",
        "%(num)s people offer to take a role and wait for an answer.",
        offers,
    )
    return NextStep(sentence, _("See the roles"), "roles.index")


def propose_vacancies(request: DashboardRequest) -> NextStep | None:
    """Appoint somebody to a seat that is vacant."""
    definitions = request.portal.library.get(RoleDefinitions)
    vacant = queries.vacancies(request.session, definitions, request.now) if is_permitted(request, APPOINT) else 0
    if not vacant:
        return None
    sentence = ngettext(
        "%(num)s seat in a role is vacant. You can appoint somebody.",
        "%(num)s seats in roles are vacant. You can appoint somebody.",
        vacant,
    )
    return NextStep(sentence, _("See the roles"), "roles.index")
