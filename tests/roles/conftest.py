"""A community small enough to know everybody: a steward, a coordinator, somebody who holds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import time_machine

from portal.people.models import Person
from portal.roles.actions import appoint
from portal.roles.content import STEWARD, RoleDefinitions
from tests import make

COORDINATOR = "mentoring-coordinator"

NOW = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


@dataclass
class Community:
    """A site, who is in it, and what they hold."""

    site: Any
    definitions: RoleDefinitions
    steward: Person
    coordinator: Person
    ana: Person

    def browser(self, person: Person | None = None) -> Any:
        """A browser, signed in as this person."""
        return make.sign_in(self.site.client(), person) if person else self.site.client()

    def appoint(self, slug: str, person: Person, **values: Any) -> int:
        """This person holds a role; the id of the holding."""
        given = {"by": self.steward, "reason": "Asked for.", "until": None, "now": NOW, **values}
        with self.site.unit_of_work() as session:
            return appoint(session, self.definitions.get(slug), person, **given).id


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    """The day on which all of this happens."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def community(site: Any) -> Community:
    """A site with a steward, a coordinator and Ana."""
    definitions = site.portal.library.get(RoleDefinitions)
    with site.unit_of_work() as session:
        people = [make.person(session, name, email=f"{name}@example.org") for name in ("steward", "coord", "ana")]
    made = Community(site, definitions, *people)
    made.appoint(STEWARD, made.steward, by=None)
    made.appoint(COORDINATOR, made.coordinator)
    return made
