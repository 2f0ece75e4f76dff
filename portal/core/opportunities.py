"""What somebody could do next with what they have learnt: rooms bring it, the end of a track shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from portal.core.dashboard import DashboardRequest
from portal.core.feature import Features


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One thing to do: what it is called, the address where it stands, and a few words about it."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpportunityGroup:
    """Things to do of one kind. Groups of a lower `order` stand first; `more` leads to all of the kind."""

    title: str
    order: int
    rows: Sequence[Opportunity]
    more: Opportunity | None = None


FindOpportunities = Callable[[DashboardRequest, Collection[str]], OpportunityGroup | None]
"""What a room has for this person, who has learnt these skills (slugs), the best fitting first; None for nothing."""


def opportunities(features: Features, request: DashboardRequest, skills: Collection[str]) -> list[OpportunityGroup]:
    """What the rooms have for this person, in order; rooms that have nothing are left out."""
    groups = [room.opportunities(request, skills) for room in features if room.opportunities]
    return sorted((group for group in groups if group and group.rows), key=lambda group: group.order)
