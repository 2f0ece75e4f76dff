"""How people are found by search: mentors as mentors, everybody else only when they agreed to be found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, literal, not_, select, true
from sqlalchemy.orm import Session, selectinload

from portal.core import search
from portal.core.i18n import lazy
from portal.core.indexing import DocumentBatch, SearchDocument, rows_to_index
from portal.core.markdown import render_user_text
from portal.core.search_groups import RowSearch, SearchGroup, SearchHit, SearchRequest
from portal.core.search_text import SearchQuery, excerpt
from portal.mentoring.models import Mentor, MentorState
from portal.mentoring.queries.matching import holds_mentor_role
from portal.people.finding import skills_meant
from portal.people.models import PEOPLE_SEARCH, Person

NAME, PITCH, SKILL = "=", "+", "#"


def index_documents(session: Session, about: dict[str, Any]) -> DocumentBatch:
    """The words of the people that `rows_to_index` knows, as far as anybody may find them."""
    ids, rest = rows_to_index(session, Person.id, about)
    pitches = select(Mentor.person_id, Mentor.pitch).where(Mentor.state == MentorState.APPROVED)
    offered = {row.person_id: row.pitch for row in session.execute(pitches.where(Mentor.person_id.in_(ids)))}
    present_people = select(Person).where(Person.id.in_(ids), Person.deleted_at.is_(None))
    people = session.scalars(present_people.options(selectinload(Person.skills))).all()
    entries = [
        _document(person, offered.get(person.id, "")) for person in people if person.is_findable or person.id in offered
    ]
    return DocumentBatch(ids, entries, rest)


def _best(request: SearchRequest) -> dict[str, Sequence[Any]]:
    """The mentors and the other people who fit best: called so, with the skill, whose name begins so. One statement."""
    query, skilled = request.query, _signed(skills_meant(request.library, request.query))
    first = (search.whole_terms(query, (NAME,)), search.terms(query, (), skilled), search.terms(query, (NAME,)))
    of_mentors, of_others = search.terms(query, ("", PITCH), skilled), search.terms(query, ("",), skilled)
    parts = [
        search.SearchPart(partial(shown, request.now), search.MOST_COUNTED + 1, wanted)
        for shown, ways in ((_mentors, (*first, of_mentors)), (_others, (*first, of_others)))
        for wanted in ways
        if all(wanted)
    ]
    rows, half = search.find_rows(request.session, PEOPLE_SEARCH, *parts), len(parts) // 2
    return {
        MENTORS.slug: [row for row in rows if row.part < half],
        OTHERS.slug: [row for row in rows if row.part >= half],
    }


def _page(request: SearchRequest, group: str, before: int | None, limit: int) -> Sequence[Any]:
    """Mentors who fit, or the people who agreed to be found, from a position on. One statement."""
    shown, fields = (_mentors, ("", PITCH)) if group == MENTORS.slug else (_others, ("",))
    wanted = search.terms(request.query, fields, _signed(skills_meant(request.library, request.query)))
    part = search.SearchPart(partial(shown, request.now), limit + 1, wanted, before=before)
    return search.find_rows(request.session, PEOPLE_SEARCH, part)


def _hit(row: Any, query: SearchQuery) -> SearchHit:
    context = excerpt(render_user_text(row.said).striptags(), query)
    return SearchHit(row.display_name, "people.show", {"username": row.username}, context=context, notes=[row.username])


def _signed(skilled: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    return {word: [SKILL + slug for slug in slugs] for word, slugs in skilled.items()}


# Whatever the index holds, the rows decide: who left, withdrew or lost the role is found no more from that moment on.
# What decides is asked beside the join, see reviews/search.py.
def _mentors(now: datetime, hits: Subquery) -> Select[Any]:
    pitch = select(Mentor.pitch).where(Mentor.person_id == Person.id).scalar_subquery().label("said")
    return _people(hits, pitch).where(_is_mentor(now))


def _others(now: datetime, hits: Subquery) -> Select[Any]:
    return _people(hits, Person.about.label("said")).where(Person.is_findable == true(), not_(_is_mentor(now)))


def _people(hits: Subquery, condition: Any) -> Select[Any]:
    shown: Any = select(Person.id, Person.username, Person.display_name, condition, hits.c.position).select_from(hits)
    present_people: Select[Any] = shown.join(Person, Person.id == hits.c.row_id).where(Person.deleted_at.is_(None))
    return present_people


def _is_mentor(now: datetime) -> ColumnElement[bool]:
    approved = select(literal(1)).where(Mentor.person_id == Person.id, Mentor.state == MentorState.APPROVED)
    return approved.where(holds_mentor_role(now)).exists()


def _document(person: Person, pitch: str) -> SearchDocument:
    names = (person.display_name, person.username)
    fields = [(NAME, name) for name in names] + [("", text) for text in (*names, person.about)]
    skills = [SKILL + row.skill for row in person.skills]
    position, texts = search.position_of(person.id), [*fields, (PITCH, pitch)]
    return SearchDocument(person.id, position, person.display_name, texts, skills, [person.language])


MENTORS = SearchGroup("mentors", lazy("Mentors"), lazy("by name, by what they offer and by their skills"), order=50)
OTHERS = SearchGroup(
    "people",
    lazy("People who agreed to be found"),
    lazy("by name, by what they say of themselves and by their skills"),
    order=80,
)
SEARCH = RowSearch((MENTORS, OTHERS), _best, _page, _hit)
