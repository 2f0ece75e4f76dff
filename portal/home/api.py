"""The JSON API of oneself: /api/v1/me."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from spectree import Tag

from portal.core import clock
from portal.core.api import example, make_blueprint, token_operation
from portal.core.api_access import ApiScope, caller
from portal.core.i18n import current_language, lazy
from portal.core.web import db, library
from portal.roles.content import RoleDefinitions
from portal.roles.queries import held_by

blueprint = make_blueprint("home")
ME = Tag(name="Mine", description="What concerns the person whose token it is.")
PROFILE_READ = ApiScope("profile:read", lazy("See who you are: your name and your roles"))
TOKEN = {"name": "my status bar", "scopes": ["notices:read", "profile:read"], "ends_at": "2027-03-02T00:00:00Z"}
ROLE = {"slug": "mentor", "title": "Mentor", "until": None}


class OwnRoleItem(BaseModel):
    """A role that the person holds."""

    model_config = example(ROLE)

    slug: str
    title: str
    until: date | None = Field(description="The last day of the term; null without a fixed end.")


class TokenItem(BaseModel):
    """The token that was sent."""

    model_config = example(TOKEN)

    name: str
    scopes: list[str] = Field(description="What it is for.")
    ends_at: datetime


class MeItem(BaseModel):
    """The person whose token it is."""

    model_config = example({"username": "ana", "name": "Ana Arbour", "roles": [ROLE], "token": TOKEN})

    username: str
    name: str
    roles: list[OwnRoleItem]
    token: TokenItem


@blueprint.get("/me")
@token_operation("getMe", MeItem, ME, PROFILE_READ)
def me() -> Any:
    """Get yourself

    Who the person is, which roles they hold, and what this token is for.
    """
    asking = caller()
    token = TokenItem(name=asking.token_name, scopes=sorted(asking.scopes), ends_at=asking.ends_at)
    return MeItem(username=asking.person.username, name=asking.person.display_name, roles=_roles(), token=token)


def _roles() -> list[OwnRoleItem]:
    definitions, spoken = library().get(RoleDefinitions), current_language().code
    return [
        OwnRoleItem(slug=slug, title=definitions.title(slug, spoken), until=until)
        for slug, until in held_by(db(), caller().person.id, clock.now())
    ]
