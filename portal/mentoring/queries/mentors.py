"""What is shown of mentors: the directory, one's own page, applications, and who can help with what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.core.counting import ListCount, Total, count_page, count_rows
from portal.core.matching_words import has_words
from portal.core.paging import Keyset, Page, page_of
from portal.mentoring import rules
from portal.mentoring.content import MENTOR
from portal.mentoring.models import Mentor, MentorState
from portal.mentoring.queries.matching import has_seat, holds_mentor_role
from portal.mentoring.rules import MentorStanding
from portal.people.models import Person, PersonLanguage, PersonSkill
from portal.roles.models import RoleHolder
from portal.roles.queries import is_active

PAGE = 24


@dataclass(frozen=True, slots=True)
class DirectoryFilters:
    """What the directory is narrowed to: a skill's slug, a language code, a free seat, words of a name."""

    skill: str = ""
    language: str = ""
    free: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class SkillSupply:
    """How many mentors there are, and how many have each skill and speak each language; away ones do not count."""

    mentors: int
    by_skill: dict[str, int]
    by_language: dict[str, int]


@dataclass(frozen=True, slots=True)
class MentorOffer:
    """What a mentor offers, whether they can be asked for it now, and how many seats they have left."""

    mentor: Mentor
    standing: MentorStanding
    free_seats: int


def mentor_of(session: Session, person_id: int) -> Mentor | None:
    """What this person offers as a mentor, applied for or approved, if anything."""
    return session.get(Mentor, person_id)


def offer_of(session: Session, person_id: int, now: datetime) -> MentorOffer | None:
    """What this person offers as a mentor, if the directory lists them. One statement."""
    is_theirs = Mentor.person_id == person_id
    mentor = session.scalar(select(Mentor).where(is_theirs, *_listed(DirectoryFilters(), now)))
    return MentorOffer(mentor, rules.standing(mentor, now), rules.free_seats(mentor)) if mentor else None


def directory(
    session: Session, filters: DirectoryFilters, now: datetime, cursor: str = "", limit: int = PAGE
) -> Page[Mentor]:
    """A page of mentors by name with their people, skills and languages loaded.

    Raises Invalid for a cursor that is none of ours.
    """
    name = func.lower(Person.display_name)
    rows = select(Mentor).join(Person, Person.id == Mentor.person_id).where(*_listed(filters, now))
    whole = joinedload(Mentor.person)
    loaded = rows.options(whole, whole.selectinload(Person.skills), whole.selectinload(Person.languages))
    return page_of(session, loaded, Keyset(Mentor.person_id, by=name), cursor, limit)


def count_directory(
    session: Session, filters: DirectoryFilters, now: datetime, page: Page[Mentor], cursor: str, everybody: int
) -> ListCount:
    """What this page says of the directory of `everybody`: at most one statement."""
    everything = Total(everybody)
    if filters == DirectoryFilters():
        return count_page(page, cursor, lambda: everything)
    found = select(Mentor.person_id).join(Person, Person.id == Mentor.person_id).where(*_listed(filters, now))
    return count_page(page, cursor, lambda: count_rows(session, found), lambda: everything)


def newest(session: Session, now: datetime, limit: int) -> list[tuple[Mentor, datetime]]:
    """Who became a mentor last and is one now, each with since when, with their people, skills and languages."""
    whole = joinedload(Mentor.person)
    holds = (RoleHolder.person_id == Mentor.person_id) & (RoleHolder.role == MENTOR) & is_active(now)
    rows = select(Mentor, RoleHolder.since).join(RoleHolder, holds).where(Mentor.state == MentorState.APPROVED)
    loaded = rows.options(whole, whole.selectinload(Person.skills), whole.selectinload(Person.languages))
    newest_rows = session.execute(loaded.order_by(RoleHolder.since.desc(), RoleHolder.id.desc()).limit(limit))
    return [(mentor, since) for mentor, since in newest_rows]


def applications(session: Session) -> list[Mentor]:
    """Who has applied and waits for an answer, longest first, with their people, skills and languages."""
    whole = joinedload(Mentor.person)
    rows = select(Mentor).where(Mentor.state == MentorState.APPLIED).order_by(Mentor.applied_at, Mentor.person_id)
    loaded = rows.options(whole, whole.selectinload(Person.skills), whole.selectinload(Person.languages))
    return list(session.scalars(loaded))


def skill_supply(session: Session, now: datetime, *, with_seat: bool = False) -> SkillSupply:
    """Who could help with what; with `with_seat` only those who can take somebody now. Three statements."""
    return _supply(session, has_seat(now) if with_seat else _is_here(now))


def directory_supply(session: Session, now: datetime) -> SkillSupply:
    """What the filters of the directory find, those who are away among them. Three statements."""
    return _supply(session, and_(*_listed(DirectoryFilters(), now)))


def _supply(session: Session, who: ColumnElement[bool]) -> SkillSupply:
    able = select(Mentor.person_id).where(who)
    skills = select(PersonSkill.skill, func.count()).where(PersonSkill.person_id.in_(able)).group_by(PersonSkill.skill)
    spoken = select(PersonLanguage.code, func.count()).where(PersonLanguage.person_id.in_(able))
    return SkillSupply(
        session.scalar(select(func.count()).select_from(able.subquery())) or 0,
        dict(session.execute(skills).all()),
        dict(session.execute(spoken.group_by(PersonLanguage.code)).all()),
    )


def free_seats_now(session: Session, now: datetime) -> int:
    """How many mentees could be taken today."""
    return session.scalar(select(func.sum(Mentor.capacity - Mentor.taken)).where(has_seat(now))) or 0


def _is_here(now: datetime) -> ColumnElement[bool]:
    is_back = or_(Mentor.away_until.is_(None), Mentor.away_until <= now)
    return and_(Mentor.state == MentorState.APPROVED, is_back, holds_mentor_role(now))


def _listed(filters: DirectoryFilters, now: datetime) -> list[ColumnElement[bool]]:
    listed = [has_seat(now) if filters.free else and_(Mentor.state == MentorState.APPROVED, holds_mentor_role(now))]
    if filters.skill:
        listed.append(exists().where(PersonSkill.person_id == Mentor.person_id, PersonSkill.skill == filters.skill))
    if filters.language:
        speaks = PersonLanguage.code == filters.language
        listed.append(exists().where(PersonLanguage.person_id == Mentor.person_id, speaks))
    if filters.name:
        listed.append(has_words(filters.name, Person.display_name, Person.username))
    return listed
