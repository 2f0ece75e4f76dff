"""Whom and which skill people mention: "@ana" is a person whom search may find, "#python" a skill."""

from __future__ import annotations

from collections.abc import Collection

from flask import url_for
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from portal.core.content import library_of
from portal.core.mentions import MentionLink
from portal.people.content import Skills
from portal.people.models import Person


def find_people(session: Session, words: Collection[str]) -> dict[str, MentionLink]:
    """Those of them who agreed to be found. At most one statement."""
    names = [word.removeprefix("@") for word in words if word.startswith("@")]
    if not names:
        return {}
    found = select(Person.username).where(Person.username.in_(names))
    found = found.where(Person.is_findable == true(), Person.deleted_at.is_(None))
    return {f"@{name}": MentionLink(url_for("people.show", username=name)) for name in session.scalars(found)}


def find_skills(session: Session, words: Collection[str]) -> dict[str, MentionLink]:
    """Each leads to the mentors who have it."""
    skills = library_of(session).get(Skills)
    meant = {word: skills.find(word.removeprefix("#")) for word in words if word.startswith("#")}
    return {word: MentionLink(url_for("mentoring.mentors", skill=skill.slug)) for word, skill in meant.items() if skill}
