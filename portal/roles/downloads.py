"""Roles and who holds them, for spreadsheets: what their pages show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response

from portal.core import clock
from portal.core.access import anyone, guard
from portal.core.i18n import _, current_language
from portal.core.tables import download
from portal.core.web import address, at_most, db, library
from portal.roles import queries
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder

blueprint = Blueprint("role_downloads", __name__, url_prefix="/roles")


@blueprint.get("/roles.csv")
@guard(anyone)
@at_most("csv_per_minute")
def roles() -> Response:
    """Every role with its seats and its holders."""
    heads = [
        *(_("Role"), _("What it is for"), _("Seats needed"), _("Seats at most"), _("Vacant seats")),
        *(_("Holders"), _("Appointed by"), _("Address")),
    ]
    return download("roles", heads, _roles())


@blueprint.get("/<slug>/holders.csv")
@guard(anyone)
@at_most("csv_per_minute")
def holders(slug: str) -> Response:
    """Who holds one role, and who held it before."""
    role, now = library().get(RoleDefinitions).get(slug), clock.now()
    held = [*queries.holders_of(db(), slug, now), *queries.past_holders(db(), slug, now)]
    heads = [
        *(_("Who"), _("From"), _("To"), _("How it began"), _("Appointed by")),
        *(_("How it ended"), _("Ended by")),
    ]
    return download(f"holders-{role.slug}", heads, (_holding(holding) for holding in held))


def _roles() -> Iterator[Sequence[Any]]:
    definitions, language = library().get(RoleDefinitions), current_language().code
    held = queries.holders(db(), clock.now())
    for role in sorted(definitions, key=lambda role: definitions.title(role.slug, language).casefold()):
        text, people = role.text_in(language), held.get(role.slug, [])
        yield (
            text.title,
            text.purpose,
            role.min_seats,
            role.max_seats,
            role.vacancies(len(people)),
            ", ".join(holding.person.display_name for holding in people),
            definitions.title(role.appointed_by, language),
            address("roles.show", slug=role.slug),
        )


def _holding(held: RoleHolder) -> Sequence[Any]:
    return (
        held.person.display_name,
        held.since,
        held.ended_at or held.until,
        held.reason,
        held.appointed_by.display_name if held.appointed_by else "",
        held.end_reason,
        held.ended_by.display_name if held.ended_by else "",
    )
