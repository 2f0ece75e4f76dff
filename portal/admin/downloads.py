"""What happened at the doors, for spreadsheets: what the page of stewards shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response

from portal.admin import queries
from portal.admin.access import MANAGE_PEOPLE
from portal.admin.views import note_look, wanted_events
from portal.admin.words import fact_label
from portal.core.access import guard, may
from portal.core.i18n import _
from portal.core.paging import walk
from portal.core.security_log import Outcome, SecurityEvent
from portal.core.tables import BATCH, download
from portal.core.web import at_most, db

blueprint = Blueprint("admin_downloads", __name__, url_prefix="/admin")


@blueprint.get("/events.csv")
@guard(may(MANAGE_PEOPLE))
@at_most("csv_per_minute")
def events() -> Response:
    """The events that the page shows with these filters, the newest first."""
    wanted = wanted_events()

    def page(cursor: str) -> tuple[list[Sequence[Any]], str | None]:
        found = queries.events(db(), wanted, cursor, BATCH)
        names = {id: person.username for id, person in queries.people_in(db(), found.rows).items()}
        return [_row(row, names) for row in found.rows], found.next_cursor

    note_look(SecurityEvent.EVENTS_VIEWED)
    heads = [_("When"), _("What"), _("Outcome"), _("By"), _("About"), _("From"), _("Details")]
    return download("events", heads, walk(page))


def _row(row: Any, names: dict[int, str]) -> Sequence[Any]:
    details = ", ".join(_("%(name)s: %(value)s", name=fact_label(name), value=fact) for name, fact in row.facts.items())
    people = (names.get(row.who_id, ""), names.get(row.about_id, ""))
    return (row.at, SecurityEvent(row.event).label, Outcome(row.outcome).label, *people, row.whence, details)
