"""What the rooms above may ask of the record."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from portal.contributions import jobs, queries
from portal.forges.shapes import RemoteAccount
from portal.people.models import Account
from tests import make
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change, commented

BEN = RemoteAccount("ben", "Ben")


@pytest.fixture
def site(make_site: Any) -> Any:
    gerrit = StandInSource(change(1, days=20), commented(2, days=9, answered=8))
    gitlab = StandInSource(change(10, author=BEN, days=40), change(11, days=1))
    with time_machine.travel(NOW, tick=False):
        made = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))
        jobs.sync(made.portal)
        yield made


def test_the_changes_of_a_persons_accounts_are_told_apart_by_source(site):
    def numbers(*accounts: tuple[str, str]) -> list[int]:
        with site.unit_of_work() as session:
            person = make.person(session)
            person.accounts = [Account(service=at, username=name, added_at=make.NOON) for at, name in accounts]
            session.flush()
            rows = queries.open_changes_of_people(session, [person.id], person.id)
        return [row.number for row in rows]

    assert numbers(("gerrit", "ana")) == [1, 2]
    assert numbers(("gitlab", "ana"), ("gitlab", "ben")) == [10, 11]
    assert numbers(("gerrit", "ben"), ("wiki", "ana")) == []
    assert numbers() == []
