"""Stewards are told when unusually much happens at the doors, once for each flood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.core import clock
from portal.core.security_log import Outcome, SecurityEvent, SecurityRow
from tests import make
from tests.admin.test_people import People

SIGN_IN = (SecurityEvent.SIGN_IN, Outcome.FAILED)
FLOODS = {
    "sign_ins": SIGN_IN,
    "limits": (SecurityEvent.LIMIT_REACHED, Outcome.REFUSED),
    "refused": (SecurityEvent.REQUEST_REFUSED, Outcome.REFUSED),
}


def happened(site: Any, number: int, event: str, outcome: str, at: datetime | None = None) -> None:
    """So many events, a minute ago."""
    at = at or clock.now() - timedelta(minutes=1)
    with site.unit_of_work() as session:
        rows = ({"at": at, "event": event, "outcome": outcome, "whence": "192.0.2.1", "facts": {}},) * number
        session.add_all(SecurityRow(**row) for row in rows)


def alarms(site: Any, name: int) -> list[str]:
    """What this person was alarmed of."""
    with site.unit_of_work() as session:
        told = select(Event.values).join(Notice).where(Event.verb == "admin.alarm", Notice.person_id == name)
        return [values["what"] for values in session.scalars(told.order_by(Event.id))]


@pytest.mark.parametrize("kind", FLOODS)
def test_every_steward_is_told_of_a_flood_and_nobody_else(site: Any, people: People, browser: Any, kind: str) -> None:
    happened(site, 39, *FLOODS[kind])
    site.work("admin.watch_doors")
    assert alarms(site, people["sam"]) == []
    happened(site, 1, *FLOODS[kind])
    site.work("admin.watch_doors")
    assert {name: alarms(site, people[name]) for name in ("sam", "sue", "ana")} == {
        "sam": [kind],
        "sue": [kind],
        "ana": [],
    }
    page = browser("sam").get("/notices").text
    assert "Unusually much happens at the doors" in page
    assert f"/admin/events?kind={kind}" in browser("sam").get("/notices").text or "/notices/" in page


def test_one_flood_is_told_of_once_and_again_when_it_goes_on_for_hours(site: Any, people: People) -> None:
    happened(site, 50, *SIGN_IN)
    for _time in range(3):
        site.work("admin.watch_doors")
    assert alarms(site, people["sam"]) == ["sign_ins"]
    with time_machine.travel(clock.now() + timedelta(hours=7)):
        happened(site, 50, *SIGN_IN)
        site.work("admin.watch_doors")
    assert alarms(site, people["sam"]) == ["sign_ins", "sign_ins"]


def test_what_is_long_ago_and_what_went_well_alarm_nobody(site: Any, people: People) -> None:
    happened(site, 50, SecurityEvent.SIGN_IN, Outcome.DONE)
    happened(site, 50, *SIGN_IN, at=clock.now() - timedelta(hours=2))
    site.work("admin.watch_doors")
    assert alarms(site, people["sam"]) == []


def test_a_site_chooses_from_which_number_on_it_is_alarmed(make_site: Any) -> None:
    for most, told in ((5, ["sign_ins"]), (0, [])):
        site = make_site(f"[limits]\nalarm_an_hour = {most}")
        with site.unit_of_work() as session:
            sam = make.person(session, "sam")
            make.role(session, sam, "portal-steward")
        happened(site, 6, *SIGN_IN)
        site.work("admin.watch_doors")
        assert alarms(site, sam.id) == told
