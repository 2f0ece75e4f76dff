"""With whom somebody could go on who has learnt something: their mentor, or one whom they ask for."""

from __future__ import annotations

from collections.abc import Collection

from flask import url_for

from portal.core.dashboard import DashboardRequest
from portal.core.i18n import _
from portal.core.opportunities import Opportunity, OpportunityGroup
from portal.mentoring.dashboard import is_mentor, pairings_of, standing
from portal.mentoring.models import RequestState, Side


def find(request: DashboardRequest, _skills: Collection[str]) -> OpportunityGroup | None:
    """This person's mentors; else how to ask for one, unless they have asked or are a mentor themselves."""
    mine = [pairing for pairing in request.once(pairings_of) if pairing.side is Side.MENTEE]
    rows = [
        Opportunity(
            _("Write to %(name)s what you would like to do next", name=pairing.other_name),
            url_for("mentoring.pairing", pairing_id=pairing.id),
            _("They are told that you have finished this track."),
        )
        for pairing in mine
    ]
    if rows:
        return OpportunityGroup(_("With your mentor"), 10, rows)
    asked = request.once(standing).request
    if request.once(is_mentor) or (asked and asked.state != RequestState.EXPIRED):
        return None
    asking = Opportunity(_("Ask for a mentor"), url_for("mentoring.ask"), _("They look at your next change with you."))
    return OpportunityGroup(_("With somebody beside you"), 10, [asking])
