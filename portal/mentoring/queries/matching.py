"""Who fits whom, over all open requests or all mentors with a seat, in a fixed number of SQL statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from portal.activity.models import Event, Notice
from portal.core.counting import ListCount, Total, count_page
from portal.core.database import UtcDateTime
from portal.core.paging import Page, page_in
from portal.core.rows import run_prepared
from portal.mentoring.content import MENTOR
from portal.mentoring.models import (
    Mentor,
    MentorState,
    Need,
    Request,
    RequestLanguage,
    RequestSkill,
    RequestState,
    Skip,
)
from portal.mentoring.queries.proposals import PROPOSED, REQUEST
from portal.mentoring.rules import Fit, MentorProfile, RequestProfile, fit, rank_key
from portal.people.models import Person, PersonLanguage
from portal.people.queries import skills_and_languages_of
from portal.roles.models import RoleHolder
from portal.roles.queries import is_active

_MUST, _WANT = Need.MUST.value, Need.WANT.value


@dataclass(frozen=True, slots=True)
class FittingRequest:
    """An open request with how well it fits the mentor who looks at the list, and whether a coordinator asked them."""

    request: Request
    fit: Fit
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class FittingMentor:
    """A mentor with a free seat, with how well they fit a request."""

    mentor: Mentor
    person: Person
    fit: Fit


@dataclass(frozen=True, slots=True)
class BestRequest:
    """An open request with the name of who asks, how well it fits a mentor, and whether a coordinator asked them."""

    id: int
    name: str
    asked_at: datetime
    fit: Fit
    is_proposed: bool


def holds_mentor_role(now: datetime) -> ColumnElement[bool]:
    """The condition that this mentor holds the role today. Without it the row alone permits nothing."""
    is_theirs = (RoleHolder.person_id == Mentor.person_id) & (RoleHolder.role == MENTOR)
    return exists().where(is_theirs, is_active(now))


def is_mentor(session: Session, person_id: int, now: datetime) -> bool:
    """Whether this person holds the role and has said what they can help with."""
    approved = select(Mentor.person_id).where(Mentor.person_id == person_id, Mentor.state == MentorState.APPROVED)
    return session.scalars(approved.where(holds_mentor_role(now))).first() is not None


def has_seat(now: datetime) -> ColumnElement[bool]:
    """The condition that a mentor can take somebody now: approved, in the role, not away, with a free seat."""
    is_here = or_(Mentor.away_until.is_(None), Mentor.away_until <= now)
    has_room = Mentor.taken < Mentor.capacity
    return and_(Mentor.state == MentorState.APPROVED, has_room, is_here, holds_mentor_role(now))


def is_open(now: Any) -> ColumnElement[bool]:
    """The condition that a request can be claimed, held or not. One past its day cannot, swept or not yet."""
    return and_(Request.state == RequestState.OPEN, Request.expires_at > now)


@dataclass(frozen=True, slots=True)
class FittingList:
    """A page of the requests that fit a mentor, its count, and how many of all of them ask for each skill."""

    page: Page[FittingRequest]
    count: ListCount
    by_skill: Mapping[str, int]


def requests_for(
    session: Session, mentor: Person, now: datetime, limit: int, cursor: str = "", *, skill: str = ""
) -> FittingList:
    """A page of the open requests this mentor could take: what a coordinator asked them to take, then the best fit
    first; with a skill those that ask for it.

    Never their own, none they have said no to, none without a shared language; none at all while they are away.
    Raises Invalid for a cursor that is none of ours.
    """
    everything = _ranked(session, mentor, now)
    chosen = [one for one in everything if not skill or skill in one.skills]
    ranked = page_in(chosen, lambda one: one.key, cursor, limit)
    rows = _requests(session, [one.key[1] for one in ranked.rows])
    shown = [FittingRequest(rows[one.key[1]], one.fit, one.is_proposed) for one in ranked.rows]
    page = Page(shown, ranked.next_cursor)
    in_all = (lambda: Total(len(everything))) if skill else None
    count = count_page(page, cursor, lambda: Total(len(chosen)), in_all)
    return FittingList(page, count, Counter(word for one in everything for word in one.skills))


def fit_for(session: Session, request: Request, mentor: Person, now: datetime) -> Fit | None:
    """How well this one request fits this mentor; None when they share no language."""
    return fit(request_profile(request), mentor_profiles(session, [mentor])[mentor.id], now)


def mentors_for(session: Session, request: Request, now: datetime) -> list[FittingMentor]:
    """Every mentor who could take this request now, best fit first; those with the emptier hands first among equals."""
    skipped = select(Skip.mentor_id).where(Skip.request_id == request.id)
    others = (Mentor.person_id != request.person_id) & Mentor.person_id.not_in(skipped)
    rows = select(Mentor, Person).join(Person, Person.id == Mentor.person_id).where(has_seat(now), others)
    candidates = session.execute(rows.where(_speaks_one_of(request))).all()
    known = mentor_profiles(session, [person for _mentor, person in candidates])
    wish = request_profile(request)
    fitting = [
        FittingMentor(mentor, person, fits)
        for mentor, person in candidates
        if (fits := fit(wish, known[person.id], now)) and fits.covered
    ]
    return sorted(
        fitting,
        key=lambda candidate: (
            candidate.fit.lacks_all_musts,
            -candidate.fit.score,
            candidate.mentor.taken,
            candidate.person.id,
        ),
    )


def has_passed(session: Session, request_id: int, mentor_id: int) -> bool:
    """Whether this mentor said of the request that it is not for them."""
    return session.get(Skip, (request_id, mentor_id)) is not None


def request_profile(request: Request) -> RequestProfile:
    """What fit needs to know of one request."""
    return _request_profile(
        [(need.skill, need.need) for need in request.needs],
        [language.code for language in request.languages],
        request.person.time_zone,
    )


def mentor_profiles(session: Session, people: Iterable[Person]) -> dict[int, MentorProfile]:
    """What fit needs to know of these people, in one statement."""
    zones = {person.id: person.time_zone for person in people}
    known = skills_and_languages_of(session, zones)
    return {
        person_id: MentorProfile(known[person_id].skills, known[person_id].languages, zone)
        for person_id, zone in zones.items()
    }


def best_requests(
    session: Session, mentor_id: int, offer: MentorProfile, now: datetime, limit: int
) -> list[BestRequest]:
    """The open requests that this mentor can help with, best fit first; none while they are away. Two statements."""
    fits = ((request, fit(request.wish, offer, now)) for request in _open_requests_for(session, mentor_id, now))
    fitting = [
        BestRequest(request.id, request.name, request.asked_at, its_fit, request.is_proposed)
        for request, its_fit in fits
        if its_fit and its_fit.can_help
    ]
    key = lambda best: rank_key(best.fit, best.asked_at, best.id, is_proposed=best.is_proposed)  # noqa: E731
    return sorted(fitting, key=key)[:limit]


class _Ranked(NamedTuple):
    key: tuple[str, int]
    fit: Fit
    skills: frozenset[str]
    is_proposed: bool


def _ranked(session: Session, mentor: Person, now: datetime) -> list[_Ranked]:
    offer = mentor_profiles(session, [mentor])[mentor.id]
    fits = [(request, fit(request.wish, offer, now)) for request in _open_requests_for(session, mentor.id, now)]
    return [
        _Ranked(
            rank_key(its_fit, request.asked_at, request.id, is_proposed=request.is_proposed),
            its_fit,
            request.wish.musts | request.wish.wants,
            request.is_proposed,
        )
        for request, its_fit in fits
        if its_fit
    ]


class _OpenRequest(NamedTuple):
    id: int
    asked_at: datetime
    name: str
    wish: RequestProfile
    is_proposed: bool


def _open_requests_for(session: Session, mentor_id: int, now: datetime) -> list[_OpenRequest]:
    """What this mentor could be asked for, without objects: ranking stays cheap when the list is long.

    Nothing while they are away.
    """
    values = {"mentor": mentor_id, "now": now}
    rows = run_prepared(session, _ASKED_OF, values).all()
    if not rows:
        return []
    needs, languages = _details_of_open(session, now)
    return [
        _OpenRequest(
            request_id, asked_at, name, _request_profile(needs[request_id], languages[request_id], zone), is_proposed
        )
        for request_id, asked_at, name, zone, is_proposed in rows
    ]


def _details_of_open(
    session: Session, now: datetime
) -> tuple[Mapping[int, list[tuple[str, str]]], Mapping[int, list[str]]]:
    """The skills of all open requests, each with its need, and the languages they can be talked about in."""
    skills: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    languages: defaultdict[int, list[str]] = defaultdict(list)
    for request_id, word, need in run_prepared(session, _DETAILS_OF_OPEN, {"now": now}):
        if need:
            skills[request_id].append((word, need))
        else:
            languages[request_id].append(word)
    return skills, languages


def _requests_a_mentor_could_take() -> Select[Any]:
    mentor: BindParameter[int] = bindparam("mentor")
    now = bindparam("now", type_=UtcDateTime())
    skipped = exists().where(Skip.request_id == Request.id, Skip.mentor_id == mentor)
    is_away = exists().where(Mentor.person_id == mentor, Mentor.away_until > now)
    spoken = select(PersonLanguage.code).where(PersonLanguage.person_id == mentor)
    shared = exists().where(RequestLanguage.request_id == Request.id, RequestLanguage.code.in_(spoken))
    is_about_it = (Event.subject_kind == REQUEST) & (Event.subject_id == Request.id) & (Event.verb == PROPOSED)
    proposed = exists().where(is_about_it, Notice.event_id == Event.id, Notice.person_id == mentor)
    rows: Any = select(Request.id, Request.asked_at, Person.display_name, Person.time_zone, proposed)
    rows = rows.join(Person, Person.id == Request.person_id)
    wanted: Select[Any] = rows.where(is_open(now), Request.person_id != mentor, ~skipped, ~is_away, shared)
    return wanted


def _details_of_open_requests() -> CompoundSelect[Any]:
    still_open = is_open(bindparam("now", type_=UtcDateTime()))
    needed = select(RequestSkill.request_id, RequestSkill.skill, RequestSkill.need).join(Request)
    spoken = select(RequestLanguage.request_id, RequestLanguage.code, literal("")).join(Request)
    return union_all(needed.where(still_open), spoken.where(still_open))


# Every mentor's dashboard asks both: they are built once.
_ASKED_OF = _requests_a_mentor_could_take()
_DETAILS_OF_OPEN = _details_of_open_requests()


def _request_profile(needs: Iterable[tuple[str, str]], languages: Iterable[str], zone: str) -> RequestProfile:
    by_need: dict[str, set[str]] = {_MUST: set(), _WANT: set()}
    for skill, need in needs:
        by_need[need].add(skill)
    return RequestProfile(frozenset(by_need[_MUST]), frozenset(by_need[_WANT]), frozenset(languages), zone)


def _requests(session: Session, ids: list[int]) -> dict[int, Request]:
    rows = select(Request).options(joinedload(Request.person)).where(Request.id.in_(ids))
    return {request.id: request for request in session.scalars(rows)}


def _speaks_one_of(request: Request) -> ColumnElement[bool]:
    codes = [language.code for language in request.languages]
    return exists().where(PersonLanguage.person_id == Mentor.person_id, PersonLanguage.code.in_(codes))
