"""What is known of contributions for a dashboard: whose changes are open, by the accounts that people name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.contributions import queries
from portal.core.dashboard import DashboardRequest


def own_changes(request: DashboardRequest) -> Sequence[Any]:
    """This person's open changes; those that wait longest first."""
    return [change for change in request.once(_changes) if change.person_id == request.person.id]


def companions_changes(request: DashboardRequest) -> Sequence[Any]:
    """The open changes of those whom this person accompanies, each with its `person_id`."""
    return [change for change in request.once(_changes) if change.person_id != request.person.id]


def _changes(request: DashboardRequest) -> Sequence[Any]:
    return queries.open_changes_of_people(request.session, request.person_ids, request.person.id)
