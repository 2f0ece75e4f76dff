"""The JSON API of mentoring: /api/v1/mentors. Only what everybody sees; requests and pairings are nobody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from spectree import Tag

from portal.core import clock
from portal.core.access import anyone, guard
from portal.core.api import CODES, ListQuery, SkillItem, Text, example, make_blueprint, operation
from portal.core.i18n import current_language
from portal.core.web import address, db, library
from portal.mentoring import rules
from portal.mentoring.models import Mentor
from portal.mentoring.queries import mentors as queries
from portal.mentoring.queries.mentors import DirectoryFilters
from portal.people.content import Skills
from portal.people.queries import shown_of
from portal.people.rules import Audience, fields_shown_to

blueprint = make_blueprint("mentoring")
MENTORS = Tag(name="Mentors", description="Who helps newcomers, and with what.")
MENTOR = {
    "username": "maria",
    "name": "Maria Maker",
    "page": "https://portal.example.org/people/maria",
    "pitch": "I help with gadgets and with the first review.",
    "skills": [{"slug": "python", "name": "Python", "level": 3}],
    "languages": CODES[:2],
    "standing": "available",
    "free_seats": 2,
    "away_until": None,
}


class MentorsQuery(ListQuery):
    """Whom to list. Without a filter: every mentor, by name."""

    skill: Text | None = Field(None, description="The slug of a skill the mentor has.", examples=["python"])
    speaks: Text | None = Field(None, description="The code of a language the mentor speaks.", examples=CODES[1:2])
    free: bool | None = Field(None, description="Only those who can take somebody now, when true.")


class MentorItem(BaseModel):
    """A mentor as the directory shows them to everybody."""

    model_config = example(MENTOR)

    username: str
    name: str
    page: str = Field(description="Their page here.")
    pitch: str = Field(description="What they say they can help with.")
    skills: list[SkillItem]
    languages: list[str] = Field(description="The codes (BCP 47) of the languages they speak.")
    standing: Literal["available", "away", "full"] = Field(description="Whether they can take somebody now.")
    free_seats: int
    away_until: datetime | None = Field(description="Until when they are away; null when they are here.")


class MentorList(BaseModel):
    """A page of mentors, and where the next one begins."""

    model_config = example({"items": [MENTOR], "next": "WyJtYXJpYSBtYWtlciIsN10"})

    items: list[MentorItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@blueprint.get("/mentors")
@guard(anyone)
@operation("listMentors", MentorList, MENTORS)
def mentors(query: MentorsQuery) -> Any:
    """List mentors

    By name; only those that fit every filter.
    """
    now = clock.now()
    filters = DirectoryFilters(query.skill or "", query.speaks or "", bool(query.free))
    rows, more = queries.directory(db(), filters, now, query.cursor or "", query.limit)
    return MentorList(items=[_item(mentor, now) for mentor in rows], next=more)


def _item(mentor: Mentor, now: datetime) -> MentorItem:
    # Through the one door that profiles have, so that what is not everybody's does not get out here either.
    shown = shown_of(mentor.person, fields_shown_to(Audience.EVERYONE))
    is_away = rules.is_away(mentor.away_until, now)
    return MentorItem(
        username=shown["username"],
        name=shown["display_name"],
        page=address("people.show", username=shown["username"]),
        pitch=mentor.pitch,
        skills=[_skill(entry.skill, entry.level) for entry in shown.get("skills", ())],
        languages=[entry.code for entry in shown.get("languages", ())],
        standing=rules.standing(mentor, now).value,
        free_seats=rules.free_seats(mentor),
        away_until=mentor.away_until if is_away else None,
    )


def _skill(slug: str, level: int) -> SkillItem:
    return SkillItem(slug=slug, name=library().get(Skills).name(slug, current_language().code), level=level)
