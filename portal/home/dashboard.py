"""The dashboard: what the rooms give it, arranged, and what two rooms show together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.core.dashboard import DashboardCard, DashboardRequest, DashboardSection, NextStep
from portal.core.feature import Features
from portal.mentoring.dashboard import mentees
from portal.tracks.dashboard import progress
from portal.tracks.queries import MyTrack


def next_step(features: Features, request: DashboardRequest) -> NextStep:
    """The first of the rooms' proposals that applies."""
    return next(step for rule in features.next_steps if (step := rule.propose(request)))


def cards(features: Features, request: DashboardRequest) -> list[tuple[DashboardCard, Any]]:
    """Every card with what it shows; none for somebody who has just come: empty places of one's own say nothing."""
    return [] if request.is_new else [(card, request.once(card.load)) for card in features.dashboard_cards]


def sections(features: Features, request: DashboardRequest) -> list[tuple[DashboardSection, Any]]:
    """The sections that have something to show, each with it."""
    loaded = ((section, request.once(section.load)) for section in features.dashboard_sections)
    return [(section, shown) for section, shown in loaded if shown is not None]


def mentees_tracks(request: DashboardRequest) -> Sequence[tuple[int, str, Sequence[MyTrack]]] | None:
    """The tracks of those this person mentors, each with their id and name, in the order of the pairings."""
    people = request.once(mentees)
    if not people:
        return None
    tracks = request.once(progress)
    return [(person_id, name, tracks[person_id]) for person_id, name in people.items() if tracks[person_id]] or None
