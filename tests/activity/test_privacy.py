"""What stays of somebody's doings when they leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.activity import privacy
from portal.activity.actions import choose_letters, record
from portal.activity.models import Event, MailChoice, Mailing, Notice
from portal.activity.rules import link
from portal.core.notices import Cadence
from tests import make


def test_what_somebody_wrote_beside_their_doings_goes_with_them(site: Any) -> None:
    leads = link("roles.show", slug="mentor")
    with site.unit_of_work() as session:
        ana, ben = make.person(session, "ana"), make.person(session, "ben")
        typed = {"reason": "My child is ill.", "role": "mentor", "link": leads}
        record(session, "roles.stepped_down", actor=ana, values=typed, tell=[ben], now=make.NOON)
        record(session, "mentoring.completed", actor=ben, values={"thanks": "You too"}, now=make.NOON)
        privacy.erase(site.portal, session, ana, make.NOON)
    with site.unit_of_work() as session:
        mine, bens = session.scalars(select(Event).order_by(Event.id))
        assert mine.values == {"role": "mentor", "link": leads}
        assert bens.values == {"thanks": "You too"}


def test_what_somebody_chose_of_letters_is_in_their_copy_and_goes_with_them(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", email="ana@example.org")
        choose_letters(session, ana.id, {"tools": Cadence.NEVER})
        record(session, "mentoring.claimed", actor=None, tell=[ana], now=make.NOON)
    with site.unit_of_work() as session:
        copy = privacy.export(session, ana)
        assert copy["letters_chosen"] == {"tools": "never"}
        assert copy["mailed"] == [
            {"notice": copy["told"][0]["notice"], "state": "waiting", "due_at": make.NOON, "settled_at": None}
        ]
        privacy.erase(site.portal, session, ana, make.NOON)
        for kind in (Notice, Mailing, MailChoice):
            assert session.scalars(select(kind)).all() == []
