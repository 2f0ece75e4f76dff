"""What is shown of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.core.export import export_row
from portal.core.feature import features_of
from portal.people import rules
from portal.people.models import Letter, Person, PersonLanguage, PersonSkill, SignInTry


def by_username(session: Session, username: str) -> Person | None:
    """The person with this username, however it was typed. Nobody who has left."""
    tidy = rules.tidy_username(username)
    return session.scalars(select(Person).where(Person.username == tidy, Person.deleted_at.is_(None))).one_or_none()


def by_name_or_email(session: Session, typed: str) -> Person | None:
    """The person with this username or this confirmed address. Nobody who has left."""
    tidy = rules.tidy_username(typed)
    is_theirs = or_(Person.username == tidy, Person.email_key == tidy)
    return session.scalars(select(Person).where(is_theirs, Person.deleted_at.is_(None)).limit(1)).first()


def skills_of(session: Session, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Skill → level of each of these people, in one statement."""
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in session.scalars(select(PersonSkill).where(PersonSkill.person_id.in_(set(ids)))):
        found[row.person_id][row.skill] = row.level
    return found


def languages_of(session: Session, ids: Iterable[int]) -> dict[int, set[str]]:
    """The codes of the languages each of these people speaks, in one statement."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in session.scalars(select(PersonLanguage).where(PersonLanguage.person_id.in_(set(ids)))):
        found[row.person_id].add(row.code)
    return found


def tries_since(session: Session, subject: str, since: datetime, limit: int) -> list[datetime]:
    """When this was tried since then: the newest `limit` moments."""
    newest = select(SignInTry.at).where(SignInTry.subject == subject, SignInTry.at > since)
    return list(session.scalars(newest.order_by(SignInTry.at.desc()).limit(limit)))


def letter_waits(session: Session, person: Person, template: str) -> bool:
    """Whether a letter of this kind is still on its way to the person."""
    unsent = Letter.sent_at.is_(None) & Letter.gave_up_at.is_(None)
    same = select(Letter.id).where(Letter.person_id == person.id, Letter.template == template, unsent)
    return session.scalars(same.limit(1)).first() is not None


def letter_counts(session: Session, since: datetime) -> tuple[int, int]:
    """How many letters about accounts wait, and how many were given up since then."""
    waits = Letter.sent_at.is_(None) & Letter.gave_up_at.is_(None)
    asked = (select(func.count()).select_from(Letter).where(one) for one in (waits, Letter.gave_up_at >= since))
    waiting, given_up = (session.scalar(one) or 0 for one in asked)
    return waiting, given_up


def shown_of(person: Person, shown: Iterable[str]) -> dict[str, Any]:
    """The values of these fields and of no others: whatever a page shows of somebody goes through here."""
    return {field: getattr(person, field) for field in shown if hasattr(Person, field)}


def export_of(session: Session, person: Person) -> dict[str, Any]:
    """Everything this site holds about a person, as plain JSON, by the rooms that hold it.

    Of the password there is only a hash, left out.
    """
    about = {
        "profile": export_row(person, PROFILE),
        "skills": [export_row(row, ("skill", "level")) for row in person.skills],
        "languages": [row.code for row in person.languages],
        "accounts": [export_row(row, ("service", "username", "added_at", "verified_at")) for row in person.accounts],
        "letters": [
            export_row(row, ("template", "values", "due_at", "sent_at", "gave_up_at"))
            for row in _letters(session, person)
        ],
    }
    return about | {name: export(session, person) for name, export in features_of(session).exports.items()}


PROFILE = (
    "id",
    "username",
    "display_name",
    "email",
    "new_email",
    "language",
    "time_zone",
    "weekly_hours",
    "about",
    "is_findable",
    "created_at",
)


def _letters(session: Session, person: Person) -> Iterable[Letter]:
    return session.scalars(select(Letter).where(Letter.person_id == person.id).order_by(Letter.id))
