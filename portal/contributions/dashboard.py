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
    """Whether a review server is connected."""
    number = len(request.portal.config.sources)
    if not number:
        sentence = _("No review server is connected yet, so the review queue stays empty.")
        return SetupStanding(False, sentence, "review-servers", setting="[[sources]]")
    sentence = ngettext("%(num)s review server is connected.", "%(num)s review servers are connected.", number)
    return SetupStanding(True, sentence, "review-servers", WayIn(_("See the syncs"), "reviews.syncs"))


def _changes(request: DashboardRequest) -> Sequence[Any]:
    return queries.open_changes_of_people(request.session, request.person_ids, request.person.id)
