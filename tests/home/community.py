"""A small community with something in every list, for what reads them all: API, feeds, tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from portal.contributions import jobs
from portal.core import clock
from portal.people.models import Account, Person
from portal.tools.jobs import ImportProgress, import_toolinfo
from portal.tools.models import Tool
from tests import make
from tests.contributions.standins import TWO_SOURCES, StandInClients, StandInSource, change, commented, merged
from tests.tools.conftest import record

PRIVATE = ("maria@example.org", "Pacific/Chatham", "mariasecret")


def found(make_site: Any, folder: Path, toml: str = "") -> Any:
    """A site with changes on two servers, the mentor Maria, a steward, and two tools of which one needs an owner."""
    gerrit = StandInSource(
        change(1, days=20), commented(2, days=9, answered=8), *(merged(n, created=n, closed=2) for n in (3, 4, 5))
    )
    gitlab = StandInSource(change(6, days=2, project="house/floor", title="=HYPERLINK(1)"))
    site = make_site(toml + TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))
    jobs.sync(site.portal)
    file = folder / "toolinfo.json"
    file.write_text(json.dumps([record("mapper", license="MIT", keywords="maps"), record("counter")]))
    list(import_toolinfo(site.portal, [str(file)], ImportProgress()))
    with site.unit_of_work() as session:
        _people(session)
        steward = session.scalars(select(Person).where(Person.username == "steward")).one()
        wanted = {"wanted_since": clock.now(), "wanted_reason": "No time left.", "wanted_by_id": steward.id}
        session.execute(update(Tool).where(Tool.name == "mapper").values(**wanted))
    return site


def _people(session: Any) -> None:
    maria = make.mentor(session, "maria", languages="en fr", python=3, git=2)
    maria.email, maria.email_key, maria.time_zone = "maria@example.org", "maria@example.org", "Pacific/Chatham"
    maria.accounts = [Account(service="gerrit", username="mariasecret", added_at=make.NOON)]
    steward = make.person(session, "steward")
    make.role(session, steward, "portal-steward")
    make.role(session, make.person(session, "coordinator"), "mentoring-coordinator")
    make.request(session, make.speaker(session, "newcomer"))
    session.flush()
