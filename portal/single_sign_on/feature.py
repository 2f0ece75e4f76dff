"""What the room of signing in with accounts elsewhere brings."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core.feature import Feature, SignInWay
from portal.core.i18n import lazy
from portal.core.web import settings
from portal.people.models import Person
from portal.single_sign_on import privacy, queries, views
from portal.single_sign_on.actions import WAY


def _is_offered() -> bool:
    return bool(settings().sign_in)


def _can_prove(session: Session, person: Person) -> bool:
    return queries.has_link(session, person.id, [one.slug for one in settings().sign_in])


FEATURE = Feature(
    name="single_sign_on",
    blueprints=(views.blueprint,),
    sign_in_ways=(
        SignInWay(
            WAY,
            lazy("An account elsewhere"),
            "single_sign_on.accounts",
            order=20,
            is_offered=_is_offered,
            can_prove=_can_prove,
            template="single_sign_on/_ways.html",
        ),
    ),
    export=privacy.export,
    erase=privacy.erase,
)
