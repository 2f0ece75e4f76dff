"""What is shown of requests: one's own, how long people wait, and the figures others show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.core.counting import ListCount, Total, count_page, count_rows
from portal.core.matching_words import has_words
from portal.core.paging import Keyset, Page, page_of
from portal.mentoring.access import no_such_request
from portal.mentoring.models import Need, Pairing, Request, RequestLanguage, RequestSkill, RequestState, Skip
from portal.mentoring.queries.matching import is_open
from portal.mentoring.queries.mentors import SkillSupply, free_seats_now, skill_supply
from portal.mentoring.rules import median_wait
from portal.people.models import Person

PAGE = 50
LOOK_BACK = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """What the list of requests is narrowed to: a skill's slug, words of the name or the goal, a language code, those
    who ask since before a moment; or those that have expired, instead of the open ones. Empty means all.
    """

    skill: str = ""
    text: str = ""
    language: str = ""
    asked_before: datetime | None = None
    has_expired: bool = False


@dataclass(frozen=True, slots=True)
class RequestDemand:
    """How many open requests there are by skill and by language, how many of them wait for too long, and how many have
    expired and were not followed by another.
    """

    by_skill: dict[str, int]
    by_language: dict[str, int]
    late: int
    expired: int


@dataclass(frozen=True, slots=True)
class WaitTimes:
    """How long people wait for a mentor, those who were never answered included.

    `median` is None while fewer than half of the requests of the last half year have found a mentor.
    """

    open_requests: int
    oldest: datetime | None
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class MentoringFigures:
    """What the front page and the dashboards say of mentoring."""

    open_requests: int
    oldest: datetime | None
    mentors: int
    free_seats: int
    free_by_skill: dict[str, int]


# Every dashboard asks it: it is built once.
_LATEST_OF = select(Request).where(Request.person_id == bindparam("person")).order_by(Request.id.desc()).limit(1)


def my_request(session: Session, person_id: int) -> Request | None:
    """What this person asks for: the request that is open, has a mentor or has run out; none once that is over."""
    last = session.scalars(_LATEST_OF, {"person": person_id}).one_or_none()
    is_theirs_still = last and (last.live_key is not None or last.state == RequestState.EXPIRED)
    return last if is_theirs_still else None


def request_by_id(session: Session, request_id: int) -> Request:
    """One request with its person, skills and languages. Raises NotFound."""
    rows = select(Request).where(Request.id == request_id).options(*_WHOLE)
    request = session.scalars(rows).one_or_none()
    if request is None:
        raise no_such_request()
    return request


def pairing_of(session: Session, request_id: int) -> Pairing | None:
    """The active pairing of a request."""
    return session.scalars(select(Pairing).where(Pairing.active_key == request_id)).one_or_none()


def skips_of(session: Session, request_id: int) -> list[Skip]:
    """The mentors who said that a request is not for them, and why: for coordinators."""
    rows = select(Skip).where(Skip.request_id == request_id).order_by(Skip.at)
    return list(session.scalars(rows.options(joinedload(Skip.mentor))))


def person_by_id(session: Session, person_id: int | None) -> Person | None:
    """Somebody, when there is anybody to show."""
    return session.get(Person, person_id) if person_id else None


def waits(session: Session, now: datetime) -> WaitTimes:
    """How long people wait, over the requests of the last half year. Two statements."""
    waiting, oldest = session.execute(select(func.count(), func.min(Request.asked_at)).where(is_open(now))).one()
    since = (Request.asked_at >= now - LOOK_BACK) | is_open(now)
    paired = func.min(Pairing.started_at)
    rows = select(Request.asked_at, Request.closed_at, paired).outerjoin(Pairing, Pairing.request_id == Request.id)
    by_request = rows.where(since).group_by(Request.id, Request.asked_at, Request.closed_at)
    lengths = [
        ((paired_at or closed or now) - asked_at, paired_at is not None)
        for asked_at, closed, paired_at in session.execute(by_request)
    ]
    return WaitTimes(waiting, oldest, median_wait(lengths))


def figures(session: Session, now: datetime) -> MentoringFigures:
    """Open requests with the age of the oldest, and free seats by skill. Five statements."""
    waiting, oldest = session.execute(select(func.count(), func.min(Request.asked_at)).where(is_open(now))).one()
    free = skill_supply(session, now, with_seat=True)
    return MentoringFigures(waiting, oldest, free.mentors, free_seats_now(session, now), free.by_skill)


def open_requests(
    session: Session,
    now: datetime,
    cursor: str = "",
    limit: int = PAGE,
    filters: RequestFilters = RequestFilters(),
) -> Page[Request]:
    """A page of the requests that the filters let through (none: all open ones), the longest wait first.

    Raises Invalid for a cursor that is none of ours.
    """
    rows = select(Request).where(*_listed(filters, now)).options(*_WHOLE)
    return page_of(session, rows, Keyset(Request.id, by=Request.asked_at), cursor, limit)


def count_open_requests(
    session: Session, now: datetime, filters: RequestFilters, page: Page[Request], cursor: str, everything: int
) -> ListCount:
    """What this page says of the list of `everything` that is open, or has expired: at most one statement."""
    if filters in (RequestFilters(), RequestFilters(has_expired=True)):
        return count_page(page, cursor, lambda: Total(everything))
    found = select(Request.id).where(*_listed(filters, now))
    return count_page(page, cursor, lambda: count_rows(session, found), lambda: Total(everything))


def demand(session: Session, late_since: datetime, now: datetime) -> RequestDemand:
    """What is asked for. Three statements."""
    spoken = select(RequestLanguage.code, func.count()).join(Request).where(is_open(now)).group_by(RequestLanguage.code)
    late = select(func.count()).where(is_open(now), Request.asked_at <= late_since)
    expired = select(func.count()).where(_has_expired(now))
    numbers = session.execute(select(late.scalar_subquery(), expired.scalar_subquery())).one()
    return RequestDemand(asked_by_skill(session, now), dict(session.execute(spoken).all()), *numbers)


def missing_skills(request: Request, offered: SkillSupply) -> list[str]:
    """The skills this request must have and that no mentor has at the moment."""
    return [need.skill for need in request.needs if need.need == Need.MUST and not offered.by_skill.get(need.skill)]


def asked_by_skill(session: Session, now: datetime) -> dict[str, int]:
    """How many open requests ask for each skill. One statement."""
    skills = select(RequestSkill.skill, func.count()).join(Request).where(is_open(now)).group_by(RequestSkill.skill)
    return dict(session.execute(skills).all())


def nobody_can_take(request: Request, offered: SkillSupply) -> bool:
    """Whether no mentor who is here has a skill that this request must have, or none speaks one of its languages."""
    is_spoken = any(language.code in offered.by_language for language in request.languages)
    return not is_spoken or bool(missing_skills(request, offered))


def _listed(filters: RequestFilters, now: datetime) -> list[ColumnElement[bool]]:
    listed = [_has_expired(now) if filters.has_expired else is_open(now)]
    if filters.asked_before:
        listed.append(Request.asked_at <= filters.asked_before)
    if filters.language:
        spoken = (RequestLanguage.request_id == Request.id) & (RequestLanguage.code == filters.language)
        listed.append(exists().where(spoken))
    if filters.skill:
        listed.append(exists().where(RequestSkill.request_id == Request.id, RequestSkill.skill == filters.skill))
    if filters.text:
        called = exists().where(Person.id == Request.person_id, has_words(filters.text, Person.display_name))
        listed.append(or_(called, has_words(filters.text, Request.goal)))
    return listed


def _has_expired(now: datetime) -> ColumnElement[bool]:
    """Told so by the sweep or not yet, in the last half year; not of who has asked for something else since."""
    is_over = or_(Request.state == RequestState.EXPIRED, Request.state == RequestState.OPEN)
    newer = aliased(Request)
    asked_again = exists().where(newer.person_id == Request.person_id, newer.id > Request.id)
    return and_(is_over, Request.expires_at.between(now - LOOK_BACK, now), ~asked_again)


_WHOLE = (joinedload(Request.person), selectinload(Request.needs), selectinload(Request.languages))
