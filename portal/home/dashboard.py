"""The dashboard: what the rooms give it, arranged, and what two rooms show together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.core.dashboard import PEOPLE_WAIT, DashboardCard, DashboardRequest, DashboardSection, NextStep, WayIn
from portal.core.feature import Features
from portal.mentoring.dashboard import mentees
from portal.tracks.dashboard import progress
from portal.tracks.queries import MyTrack


def next_steps(features: Features, request: DashboardRequest) -> tuple[NextStep, list[NextStep]]:
    """The first of the rooms' proposals that applies, and what else somebody waits for."""
    urgent = [rule for rule in features.next_steps if rule.order < PEOPLE_WAIT]
    waiting = [step for rule in urgent if (step := rule.propose(request))]
    if waiting:
        return waiting[0], waiting[1:]
    other = (rule for rule in features.next_steps if rule.order >= PEOPLE_WAIT)
    return next(step for rule in other if (step := rule.propose(request))), []


def awaited(features: Features, request: DashboardRequest) -> list[NextStep]:
    """How things stand that this person waits for."""
    return [standing for tell in features.awaited for standing in tell(request)]


def cards(features: Features, request: DashboardRequest) -> list[tuple[DashboardCard, Any]]:
    """Every card that has something to show, with it; none for somebody who has just come."""
    loaded = ((card, request.once(card.load)) for card in features.dashboard_cards if not request.is_new)
    return [(card, shown) for card, shown in loaded if shown]


def ways_in(features: Features, request: DashboardRequest, step: NextStep) -> list[WayIn]:
    """Where this person can begin what they have nothing of yet; the next step itself is not said twice."""
    ways = [way for find in features.ways_in if not request.is_new and (way := find(request))]
    return [way for way in ways if (way.endpoint, way.args) != (step.endpoint, step.args)]


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
