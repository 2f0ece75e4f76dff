"""What mentoring brings to a person's dashboard: their pairings and request, what fits them, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.contributions.dashboard import companions_changes
from portal.core.dashboard import DashboardRequest, NextStep
from portal.core.i18n import _, ngettext
from portal.mentoring.access import APPROVE_MENTORS
from portal.mentoring.content import MENTOR
from portal.mentoring.models import Request, RequestState, Side
from portal.mentoring.queries import matching
from portal.mentoring.queries.matching import BestRequest
from portal.mentoring.queries.mentors import count_applications, has_offered
from portal.mentoring.queries.pairings import PairingGlance, glance_at_pairings
from portal.mentoring.queries.requests import my_request
from portal.mentoring.rules import MentorProfile
from portal.people.content import Skills
from portal.people.dashboard import skills_and_languages
from portal.roles.dashboard import held_roles, holds_role, is_permitted

ROWS = 5


@dataclass(frozen=True, slots=True)
class MentoringCard:
    """One's pairings, or else one's request, or else whether one is a mentor with free hands."""

    pairings: Sequence[PairingGlance]
    request: Request | None
    is_mentor: bool


@dataclass(frozen=True, slots=True)
class FittingSection:
    """The requests that fit a mentor best, and the names of skills."""

    requests: Sequence[BestRequest]
    skills: Skills


def pairings_of(request: DashboardRequest) -> Sequence[PairingGlance]:
    """The pairings this person is in; those in which they owe a word first."""
    return glance_at_pairings(request.session, request.person.id)


def request_of(request: DashboardRequest) -> Request | None:
    """What this person asks for."""
    return my_request(request.session, request.person.id)


def is_mentor(request: DashboardRequest) -> bool:
    """Whether this person holds the role of mentors, and has said what they can help with."""
    if all(role.slug != MENTOR for role, _until in request.once(held_roles)):
        return False
    return has_offered(request.session, request.person.id)


def best_requests(request: DashboardRequest) -> Sequence[BestRequest]:
    """The requests that fit this person best, as far as they are a mentor."""
    if not request.once(is_mentor):
        return []
    mine = request.once(skills_and_languages)
    offer = MentorProfile(mine.skills, mine.languages, request.person.time_zone)
    return matching.best_requests(request.session, request.person.id, offer, request.now, ROWS)


def mentees(request: DashboardRequest) -> dict[int, str]:
    """The names of those whom this person mentors, by their ids."""
    return {
        pairing.other_id: pairing.other_name for pairing in request.once(pairings_of) if pairing.side is Side.MENTOR
    }


def companions(request: DashboardRequest) -> Iterable[int]:
    """The ids of those whom this person mentors."""
    return request.once(mentees)


def has_begun(request: DashboardRequest) -> bool:
    """Whether this person has asked, is in a pairing, or is a mentor."""
    return bool(request.once(pairings_of)) or request.once(is_mentor) or _has_open_request(request)


def card(request: DashboardRequest) -> MentoringCard:
    """Where this person stands in mentoring."""
    pairings = request.once(pairings_of)
    open_request = None if pairings else request.once(request_of)
    return MentoringCard(pairings, open_request, request.once(is_mentor))


def fitting(request: DashboardRequest) -> FittingSection | None:
    """The requests that fit this person best."""
    best = request.once(best_requests)
    return FittingSection(best, request.portal.library.get(Skills)) if best else None


def mentees_changes(request: DashboardRequest) -> Sequence[tuple[str, Any]] | None:
    """The open changes of those this person mentors, each with the name of its author; the longest wait first."""
    people = request.once(mentees)
    if not people:
        return None
    return [(people[change.person_id], change) for change in companions_changes(request)] or None


def propose_answer(request: DashboardRequest) -> NextStep | None:
    """Answer somebody who waits for one's word."""
    owed = next((pairing for pairing in request.once(pairings_of) if pairing.is_my_turn), None)
    if not owed:
        return None
    name, days = owed.other_name, (request.now - owed.turn_since).days
    sentence = (
        ngettext(
            "%(name)s has waited %(num)s day for your answer.",
            "%(name)s has waited %(num)s days for your answer.",
            days,
            name=name,
        )
        if days
        else _("%(name)s waits for your answer.", name=name)
    )
    return NextStep(sentence, _("Open the pairing"), "mentoring.pairing", {"pairing_id": owed.id})


def propose_applications(request: DashboardRequest) -> NextStep | None:
    """Decide on those who applied as mentors."""
    applied = count_applications(request.session) if is_permitted(request, APPROVE_MENTORS) else 0
    if not applied:
        return None
    sentence = ngettext(
        "%(num)s person applied as a mentor and waits for your answer.",
        "%(num)s people applied as mentors and wait for your answer.",
        applied,
    )
    return NextStep(sentence, _("Read the applications"), "mentoring.applications")


def propose_request(request: DashboardRequest) -> NextStep | None:
    """Look at the requests that fit."""
    best = request.once(best_requests)
    if not best:
        return None
    sentence = ngettext(
        "%(num)s newcomer asks for what you can teach.",
        "%(num)s newcomers ask for what you can teach.",
        len(best),
    )
    return NextStep(sentence, _("Look at the requests"), "mentoring.requests")


def propose_asking(request: DashboardRequest) -> NextStep | None:
    """Ask for a mentor, unless one has one, is one, has asked, or is here for something else."""
    if has_begun(request) or holds_role(request):
        return None
    return NextStep(
        _("A mentor answers your questions and looks at your first change with you."),
        _("Ask for a mentor"),
        "mentoring.ask",
    )


def _has_open_request(request: DashboardRequest) -> bool:
    latest = request.once(request_of)
    return latest is not None and latest.state != RequestState.EXPIRED
