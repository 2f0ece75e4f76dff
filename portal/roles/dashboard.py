"""What roles bring to a person's dashboard: those they hold, and what waits for those who appoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from portal.activity.rules import IN_A_LINE, excerpt
from portal.authenticators import queries as second_factors
from portal.core.dashboard import DashboardRequest, NextStep, SetupStanding, WayIn
from portal.core.formats import duration
from portal.core.i18n import _, current_language, ngettext
from portal.core.permissions import Permission
from portal.roles import queries
from portal.roles.access import APPOINT
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.queries import RolesStanding

FIRST_STEWARD = "the-database-and-the-first-steward"
NEWS = timedelta(days=30)
"""So long an offer that was declined stands on the dashboard."""


def standing(request: DashboardRequest) -> RolesStanding:
    """The roles this person holds, and their offers to take one that are open or were declined not long ago."""
    return queries.standing_of(request.session, request.person.id, request.now - NEWS, request.now)


def held_roles(request: DashboardRequest) -> Sequence[tuple[RoleDefinition, date | None]]:
    """The roles this person holds, longest first, each with its last day where there is one."""
    definitions = request.portal.library.get(RoleDefinitions)
    held = request.once(standing).held
    return [(definitions.get(role), until) for role, until in held if role in definitions.by_slug]


def propose_second_factor(request: DashboardRequest) -> NextStep | None:
    """Set up a second factor, for somebody whose roles permit something, where the site wants one of them."""
    demand = second_factors.demand_of(request.session)
    has_power = any(definition.permissions for definition, _until in held_roles(request))
    if demand == "off" or not has_power or second_factors.has_factor(request.session, request.person.id):
        return None
    if demand == "demanded":
        sentence = _("Your roles wait: who decides for others shows a second factor here. It takes two minutes.")
    else:
        sentence = _("You decide for others. With a second factor nobody can do so who has learnt your password.")
    return NextStep(sentence, _("Set up a second factor"), "authenticators.overview")


def awaited(request: DashboardRequest) -> Iterable[NextStep]:
    """How this person's offers to take a role stand."""
    definitions, language = request.portal.library.get(RoleDefinitions), current_language().code
    for offer in request.once(standing).offers:
        if offer.role not in definitions.by_slug:
            continue
        role = definitions.get(offer.role).text_in(language).title
        if offer.is_open:
            sentence = _(
                "Your offer to take the role “%(role)s” has waited %(time)s for an answer.",
                role=role,
                time=duration(request.now - offer.at),
            )
        elif not offer.answer:
            sentence = _("Your offer to take the role “%(role)s” was declined.", role=role)
        else:
            sentence = _(
                "Your offer to take the role “%(role)s” was declined: %(reason)s",
                role=role,
                reason=excerpt(offer.answer, IN_A_LINE),
            )
        yield NextStep(sentence, _("See the role"), "roles.show", {"slug": offer.role})


def way_in(request: DashboardRequest) -> WayIn | None:
    """See the roles, for somebody who holds none."""
    return None if holds_role(request) else WayIn(_("See the roles"), "roles.index")


def holds_role(request: DashboardRequest) -> bool:
    """Whether this person holds any role."""
    return bool(request.once(held_roles))


def is_permitted(request: DashboardRequest, permission: Permission) -> bool:
    """Whether one of this person's roles grants the permission."""
    return any(permission.name in role.permissions for role, _until in request.once(held_roles))


def seats_standing(request: DashboardRequest) -> SetupStanding:
    """Whether every role that looks for somebody has a holder."""
    definitions = request.portal.library.get(RoleDefinitions)
    seated = queries.seated(request.session, request.now)
    language = current_language().code
    empty = [role.text_in(language).title for role in definitions if role.min_seats and not seated.get(role.slug)]
    if not empty:
        return SetupStanding(True, _("Every role has somebody who holds it."), FIRST_STEWARD)
    sentence = ngettext(
        "Nobody holds %(num)s role yet: %(names)s.",
        "Nobody holds %(num)s roles yet: %(names)s.",
        len(empty),
        names=", ".join(empty),
    )
    return SetupStanding(False, sentence, FIRST_STEWARD, WayIn(_("Appoint somebody"), "roles.index"))


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
