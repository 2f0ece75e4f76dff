"""How people are found by search: mentors as mentors, everybody else only when they agreed to be found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, literal, not_, select, true
from sqlalchemy.orm import Session, selectinload

from portal.core import search
from portal.core.indexing import Entry, Looked, chosen
from portal.core.words import Question
from portal.mentoring.models import Mentor, MentorState
from portal.mentoring.queries.matching import holds_mentor_role
from portal.people.models import PEOPLE_WORDS, Person

NAME, PITCH, SKILL = "=", "+", "#"
Skilled = Mapping[str, Collection[str]]
"""The skills that each word of a question may mean, by slug."""


def look(session: Session, about: dict[str, Any]) -> Looked:
    """The words of the people that `chosen` knows, as far as anybody may find them."""
    ids, rest = chosen(session, Person.id, about)
    pitches = select(Mentor.person_id, Mentor.pitch).where(Mentor.state == MentorState.APPROVED)
    offered = {row.person_id: row.pitch for row in session.execute(pitches.where(Mentor.person_id.in_(ids)))}
    here = select(Person).where(Person.id.in_(ids), Person.deleted_at.is_(None))
    people = session.scalars(here.options(selectinload(Person.skills))).all()
    entries = [_entry(one, offered.get(one.id, "")) for one in people if one.is_findable or one.id in offered]
    return Looked(ids, entries, rest)


def best(session: Session, asked: Question, skilled: Skilled, now: datetime) -> tuple[Sequence[Any], Sequence[Any]]:
    """The mentors and the other people who fit best, those by name first. One statement."""
    most = search.MOST_COUNTED + 1
    by_name, mentors, others = search.terms(asked, (NAME,)), partial(_mentors, now), partial(_others, now)
    parts = (
        search.Part(mentors, most, by_name),
        search.Part(mentors, most, _of_mentors(asked, skilled)),
        search.Part(others, most, by_name),
        search.Part(others, most, _of_others(asked, skilled)),
    )
    rows = search.found(session, PEOPLE_WORDS, *parts)
    return [row for row in rows if row.part < 2], [row for row in rows if row.part >= 2]


def mentors_page(
    session: Session, asked: Question, skilled: Skilled, now: datetime, before: int | None, limit: int
) -> Sequence[Any]:
    """Mentors who fit, from a place on, and one more than `limit` where there are more. One statement."""
    part = search.Part(partial(_mentors, now), limit + 1, _of_mentors(asked, skilled), before=before)
    return search.found(session, PEOPLE_WORDS, part)


def others_page(
    session: Session, asked: Question, skilled: Skilled, now: datetime, before: int | None, limit: int
) -> Sequence[Any]:
    """People who agreed to be found and fit, from a place on, and one more than `limit` where there are more."""
    part = search.Part(partial(_others, now), limit + 1, _of_others(asked, skilled), before=before)
    return search.found(session, PEOPLE_WORDS, part)


def _of_mentors(asked: Question, skilled: Skilled) -> list[list[search.Term]]:
    return search.terms(asked, ("", PITCH), _signed(skilled))


def _of_others(asked: Question, skilled: Skilled) -> list[list[search.Term]]:
    return search.terms(asked, ("",), _signed(skilled))


def _signed(skilled: Skilled) -> dict[str, list[str]]:
    return {word: [SKILL + slug for slug in slugs] for word, slugs in skilled.items()}


# Whatever the index holds, the rows decide: who left, withdrew or lost the role is found no more from that moment on.
# What decides is asked beside the join, see reviews/finding.py.
def _mentors(now: datetime, hits: Subquery) -> Select[Any]:
    pitch = select(Mentor.pitch).where(Mentor.person_id == Person.id).scalar_subquery().label("said")
    return _people(hits, pitch).where(_is_mentor(now))


def _others(now: datetime, hits: Subquery) -> Select[Any]:
    return _people(hits, Person.about.label("said")).where(Person.is_findable == true(), not_(_is_mentor(now)))


def _people(hits: Subquery, said: Any) -> Select[Any]:
    shown: Any = select(Person.id, Person.username, Person.display_name, said, hits.c.place).select_from(hits)
    here: Select[Any] = shown.join(Person, Person.id == hits.c.row_id).where(Person.deleted_at.is_(None))
    return here


def _is_mentor(now: datetime) -> ColumnElement[bool]:
    approved = select(literal(1)).where(Mentor.person_id == Person.id, Mentor.state == MentorState.APPROVED)
    return approved.where(holds_mentor_role(now)).exists()


def _entry(person: Person, pitch: str) -> Entry:
    names = (person.display_name, person.username)
    fields = [(NAME, name) for name in names] + [("", text) for text in (*names, person.about)]
    skills = [SKILL + row.skill for row in person.skills]
    return Entry(person.id, search.place_of(person.id), person.display_name, [*fields, (PITCH, pitch)], skills)
