"""What the room of second factors brings."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.authenticators import privacy, queries, views
from portal.core.feature import Feature, SecondFactor
from portal.people.models import Person


def _needed_by(session: Session, person: Person) -> bool:
    return queries.has_app(session, person.id)


FEATURE = Feature(
    name="authenticators",
    blueprints=(views.blueprint,),
    second_factors=(SecondFactor("code_app", "authenticators.enter", _needed_by),),
    export=privacy.export,
    erase=privacy.erase,
)
