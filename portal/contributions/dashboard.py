"""What is known of contributions for a dashboard: whose changes are open, by the accounts that people name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.contributions import queries
from portal.core.dashboard import DashboardRequest, SetupStanding, WayIn
from portal.core.i18n import _, ngettext


def own_changes(request: DashboardRequest) -> Sequence[Any]:
    """This person's open changes; those that wait longest first."""
    return [change for change in request.once(_changes) if change.person_id == request.person.id]


def companions_changes(request: DashboardRequest) -> Sequence[Any]:
    """The open changes of those whom this person accompanies, each with its `person_id`."""
    return [change for change in request.once(_changes) if change.person_id != request.person.id]


def sources_standing(request: DashboardRequest) -> SetupStanding:
    """Whether a review server is connected, and none fails."""
    number = len(request.portal.config.sources)
    if not number:
        sentence = _("No review server is connected yet, so the review queue stays empty.")
        return SetupStanding(False, sentence, "review-servers", setting="[[sources]]")
    failing = [one.name for one in queries.sources(request.session) if one.is_active and one.failure]
    sentence = ngettext("%(num)s review server is connected.", "%(num)s review servers are connected.", number)
    if failing:
        sentence = ngettext(
            "The last sync of %(num)s review server failed: %(names)s.",
            "The last syncs of %(num)s review servers failed: %(names)s.",
            len(failing),
            names=", ".join(failing),
        )
    return SetupStanding(not failing, sentence, "review-servers", WayIn(_("See the syncs"), "reviews.syncs"))


def _changes(request: DashboardRequest) -> Sequence[Any]:
    return queries.open_changes_of_people(request.session, request.person_ids, request.person.id)
