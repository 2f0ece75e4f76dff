"""The JSON API of roles: /api/v1/roles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from spectree import Tag

from portal.core import clock
from portal.core.access import anyone, guard
from portal.core.api import ListQuery, example, make_blueprint, operation
from portal.core.i18n import current_language
from portal.core.paging import page_in
from portal.core.web import address, db, library, portal, whole_links
from portal.roles import queries
from portal.roles.content import RoleDefinition, RoleDefinitions, RoleText
from portal.roles.models import RoleHolder

blueprint = make_blueprint("roles")
ROLES = Tag(name="Roles", description="Who is responsible for what, and which seats are empty.")
HOLDER = {"username": "maria", "name": "Maria Maker", "since": "2026-02-01T12:00:00Z", "until": "2027-02-01"}
ROLE = {
    "slug": "mentor",
    "title": "Mentor",
    "purpose": "Walks beside a newcomer until they know the way.",
    "page": "https://portal.example.org/roles/mentor",
    "language": "en",
    "min_seats": 2,
    "max_seats": None,
    "vacant": 1,
    "term_months": None,
    "skills": ["mentoring"],
    "appointed_by": "mentoring-coordinator",
    "holders": [HOLDER],
}
DETAIL = ROLE | {
    "must": "Answer within a week.",
    "should": "Speak plainly.",
    "may": "Propose a first small step.",
    "entry": "Apply on the page for mentors.",
    "term": "For as long as you like.",
    "leaving": "Say so, and hand your mentees over.",
    "permits": ["Take requests of newcomers and mentor them."],
}


class HolderItem(BaseModel):
    """Somebody who holds a role."""

    model_config = example(HOLDER)

    username: str | None = Field(description="Null for somebody who has left.")
    name: str
    since: datetime
    until: date | None = Field(description="The last day of the term; null without a fixed end.")


class RoleItem(BaseModel):
    """A role as the list shows it, with everybody who holds it."""

    model_config = example(ROLE)

    slug: str
    title: str
    purpose: str
    page: str = Field(description="Its page here.")
    language: str = Field(description="The language its texts are in: English where there is no translation.")
    min_seats: int = Field(description="How many people it needs.")
    max_seats: int | None = Field(description="How many can hold it; null: any number.")
    vacant: int = Field(description="How many are missing to the smallest number.")
    term_months: int | None = Field(description="The length of a term; null without a fixed end.")
    skills: list[str] = Field(description="The slugs of skills that help.")
    appointed_by: str = Field(description="The slug of the role whose holders appoint to this one.")
    holders: list[HolderItem]


class RoleList(BaseModel):
    """A page of roles, and where the next one begins."""

    model_config = example({"items": [ROLE], "next": None})

    items: list[RoleItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class RoleDetail(RoleItem):
    """Everything the page of a role says. The six texts are Markdown."""

    model_config = example(DETAIL)

    must: str
    should: str
    may: str
    entry: str
    term: str
    leaving: str
    permits: list[str] = Field(description="What the role permits on this site, in sentences.")


@blueprint.get("/roles")
@guard(anyone)
@operation("listRoles", RoleList, ROLES)
def roles(query: ListQuery) -> Any:
    """List roles

    By slug, each with who holds it.
    """
    shown, following = page_in(_roles(), lambda role: (role.slug, 0), query.cursor or "", query.limit)
    held = queries.holders(db(), clock.now())
    items = [RoleItem(**_as_json(role, held.get(role.slug, []))) for role in shown]
    return RoleList(items=items, next=following)


@blueprint.get("/roles/<slug>")
@guard(anyone)
@operation("getRole", RoleDetail, ROLES, {"slug": ("The slug of the role.", "mentor")})
def role(slug: str) -> Any:
    """Get one role

    With what its holders must, should and may do, and how people come and go.
    """
    definition = _roles().get(slug)
    text = _text(definition)
    parts = {part: whole_links(getattr(text, part)) for part in ("must", "should", "may", "entry", "term", "leaving")}
    permits = [str(portal().features.permissions[name].allows) for name in definition.permissions]
    return RoleDetail(**_as_json(definition, queries.holders_of(db(), slug, clock.now())), **parts, permits=permits)


def _as_json(role: RoleDefinition, holders: list[RoleHolder]) -> dict[str, Any]:
    text, spoken = _text(role), current_language().code
    return {
        "slug": role.slug,
        "title": text.title,
        "purpose": text.purpose,
        "page": address("roles.show", slug=role.slug),
        "language": spoken if role.is_translated(spoken) else "en",
        "min_seats": role.min_seats,
        "max_seats": role.max_seats,
        "vacant": role.vacancies(len(holders)),
        "term_months": role.term_months,
        "skills": list(role.skills),
        "appointed_by": role.appointed_by,
        "holders": [_holder(holding) for holding in holders],
    }


def _holder(held: RoleHolder) -> HolderItem:
    return HolderItem(
        username=None if held.person.deleted_at else held.person.username,
        name=held.person.display_name,
        since=held.since,
        until=held.until,
    )


def _text(role: RoleDefinition) -> RoleText:
    return role.text_in(current_language().code)


def _roles() -> RoleDefinitions:
    return library().get(RoleDefinitions)
