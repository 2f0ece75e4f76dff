"""What stays of somebody's doings when they leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.activity import privacy
from portal.activity.actions import record
from portal.activity.models import Event
from portal.activity.rules import link
from tests import make


def test_what_somebody_wrote_beside_their_doings_goes_with_them(site: Any) -> None:
    leads = link("roles.show", slug="mentor")
    with site.unit_of_work() as session:
        ana, ben = make.person(session, "ana"), make.person(session, "ben")
        typed = {"reason": "My child is ill.", "role": "mentor", "link": leads}
        record(session, "roles.stepped_down", actor=ana, values=typed, tell=[ben], now=make.NOON)
        record(session, "mentoring.completed", actor=ben, values={"thanks": "You too"}, now=make.NOON)
        privacy.leave(session, ana, make.NOON)
    with site.unit_of_work() as session:
        mine, bens = session.scalars(select(Event).order_by(Event.id))
        assert mine.values == {"role": "mentor", "link": leads}
        assert bens.values == {"thanks": "You too"}
