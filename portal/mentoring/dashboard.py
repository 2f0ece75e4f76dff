"""What mentoring brings to a person's dashboard: their pairings and request, what fits them, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.contributions.dashboard import companions_changes
from portal.core.dashboard import DashboardRequest, NextStep, WayIn
from portal.core.formats import duration
from portal.core.i18n import _, ngettext
from portal.mentoring.access import APPROVE_MENTORS, COORDINATE
from portal.mentoring.content import MENTOR
from portal.mentoring.models import MentorState, RequestState, Side
from portal.mentoring.queries import matching
from portal.mentoring.queries.matching import BestRequest
from portal.mentoring.queries.pairings import PairingGlance, glance_at_pairings
from portal.mentoring.queries.standing import (
    CoordinationQueue,
    MentoringStanding,
    OwnRequest,
    coordination_queue,
    standing_of,
)
from portal.mentoring.rules import MentorProfile
from portal.people.content import Skills
from portal.people.dashboard import skills_and_languages
from portal.roles.dashboard import held_roles, is_permitted

ROWS = 5
NEWS = timedelta(days=30)
"""So long an application that was declined stands on the dashboard."""


@dataclass(frozen=True, slots=True)
class MentoringCard:
    """One's pairings; none for a mentor with free hands."""

    pairings: Sequence[PairingGlance]


@dataclass(frozen=True, slots=True)
class FittingSection:
    """The requests that fit a mentor best, and the names of skills."""

    requests: Sequence[BestRequest]
    skills: Skills


def pairings_of(request: DashboardRequest) -> Sequence[PairingGlance]:
    """The pairings this person is in; those in which they owe a word first."""
    return glance_at_pairings(request.session, request.person.id)


def standing(request: DashboardRequest) -> MentoringStanding:
    """Where this person stands: what they ask for, and what they applied for."""
    return standing_of(request.session, request.person.id, request.now)


def is_mentor(request: DashboardRequest) -> bool:
    """Whether this person holds the role of mentors, and has said what they can help with."""
    is_in_role = any(role.slug == MENTOR for role, _until in request.once(held_roles))
    return is_in_role and request.once(standing).mentor_state == MentorState.APPROVED


def helps_others(request: DashboardRequest) -> bool:
    """Whether this person is a mentor or has applied to be one."""
    return request.once(standing).mentor_state in {MentorState.APPROVED, MentorState.APPLIED}


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


def card(request: DashboardRequest) -> MentoringCard | None:
    """With whom this person walks; nothing for who does not, and is no mentor."""
    pairings, has_offered = request.once(pairings_of), request.once(is_mentor)
    return MentoringCard(pairings) if pairings or has_offered else None


def way_in(request: DashboardRequest) -> WayIn | None:
    """Ask for a mentor; or become one, for somebody who helps others already."""
    if has_begun(request) or request.once(standing).mentor_state == MentorState.APPLIED:
        return None
    if request.helps_others:
        return WayIn(_("Become a mentor"), "mentoring.apply")
    return WayIn(_("Ask for a mentor"), "mentoring.ask")


def awaited(request: DashboardRequest) -> Iterable[NextStep]:
    """How this person's request and their application stand."""
    mine = request.once(standing)
    if mine.request and mine.request.state != RequestState.PAIRED and not request.once(pairings_of):
        yield _request_stands(mine.request, request.now)
    if mine.mentor_state == MentorState.APPLIED and mine.applied_at:
        sentence = _(
            "Your application as a mentor has been waiting for a coordinator for %(time)s. The answer comes here.",
            time=duration(request.now - mine.applied_at),
        )
        yield NextStep(sentence, _("See your application"), "mentoring.apply")
    if mine.mentor_state == MentorState.DECLINED and mine.decided_at and request.now - mine.decided_at < NEWS:
        sentence = _("Your application as a mentor was declined. The reason says what would help.")
        yield NextStep(sentence, _("Read the reason"), "mentoring.apply")


def coordination(request: DashboardRequest) -> CoordinationQueue:
    """What waits on this person as a coordinator."""
    patience = timedelta(days=request.portal.config.limits.patience_days)
    return coordination_queue(request.session, request.person.id, patience, request.now)


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
    name, waited = owed.other_name, request.now - owed.turn_since
    sentence = (
        _("%(name)s has waited %(time)s for your answer.", name=name, time=duration(waited))
        if waited.days
        else _("%(name)s waits for your answer.", name=name)
    )
    return NextStep(sentence, _("Open the pairing"), "mentoring.pairing", {"pairing_id": owed.id})


def propose_applications(request: DashboardRequest) -> NextStep | None:
    """Decide on those who applied as mentors."""
    applied = request.once(coordination).applications if is_permitted(request, APPROVE_MENTORS) else 0
    if not applied:
        return None
    sentence = ngettext(
        "%(num)s person applied as a mentor and waits for your answer.",
        "%(num)s people applied as mentors and wait for your answer.",
        applied,
    )
    return NextStep(sentence, _("Read the applications"), "mentoring.applications")


def propose_waiting(request: DashboardRequest) -> NextStep | None:
    """Look after those whose request nobody took for long."""
    queue = request.once(coordination) if is_permitted(request, COORDINATE) else None
    if queue is None or queue.oldest is None:
        return None
    sentence = ngettext(
        "%(num)s newcomer has found no mentor yet, and has waited %(time)s.",
        "%(num)s newcomers have found no mentor yet; the longest wait is %(time)s.",
        queue.requests,
        time=duration(request.now - queue.oldest),
    )
    return NextStep(sentence, _("See who waits"), "mentoring.coordinate", {"_anchor": "requests"})


def propose_silent(request: DashboardRequest) -> NextStep | None:
    """Look after pairings in which nobody answers."""
    silent = request.once(coordination).pairings if is_permitted(request, COORDINATE) else 0
    if not silent:
        return None
    sentence = ngettext(
        "In %(num)s pairing nobody answers any more.", "In %(num)s pairings nobody answers any more.", silent
    )
    return NextStep(sentence, _("See the pairings"), "mentoring.coordinate", {"_anchor": "pairings"})


def propose_request(request: DashboardRequest) -> NextStep | None:
    """Look at the requests that fit, one that a coordinator asks this person to take before all others."""
    best = request.once(best_requests)
    if not best:
        return None
    if best[0].is_proposed:
        sentence = _("A coordinator asks you to take the request of %(name)s.", name=best[0].name)
        return NextStep(sentence, _("See the request"), "mentoring.request", {"request_id": best[0].id})
    sentence = ngettext(
        "%(num)s newcomer asks for what you can teach.",
        "%(num)s newcomers ask for what you can teach.",
        len(best),
    )
    return NextStep(sentence, _("See the requests that fit you"), "mentoring.requests")


def propose_asking(request: DashboardRequest) -> NextStep | None:
    """Ask for a mentor, unless one has one, is one, has asked, or is here for something else."""
    if has_begun(request) or request.helps_others:
        return None
    return NextStep(
        _("A mentor answers your questions and looks at your first change with you."),
        _("Ask for a mentor"),
        "mentoring.ask",
    )


def _has_open_request(request: DashboardRequest) -> bool:
    latest = request.once(standing).request
    return latest is not None and latest.state != RequestState.EXPIRED


def _request_stands(mine: OwnRequest, now: datetime) -> NextStep:
    if mine.state == RequestState.EXPIRED:
        sentence = _(
            "Your request has expired, and mentors no longer see it. Open it again to keep your place in the line."
        )
    else:
        sentence = _(
            "Your request has been open for %(time)s. Mentors whose skills fit see it on their list.",
            time=duration(now - mine.asked_at),
        )
    return NextStep(sentence, _("See your request"), "mentoring.request", {"request_id": mine.id})
