"""What is shown of people."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portal.core import drafts, security_log
from portal.core.export import export_row
from portal.core.feature import features_of
from portal.core.rows import run_prepared
from portal.people import portraits, rules
from portal.people.kept_names import KeptNames
from portal.people.models import (
    Account,
    KeptUsername,
    Letter,
    Person,
    PersonLanguage,
    PersonSkill,
    Portrait,
    SignInTry,
    UserSession,
)
from portal.people.usernames import numbered, username_from

# Every request of somebody signed in asks it: it is built once.
_SIGNED_IN = (
    select(UserSession.id, UserSession.created_at, UserSession.last_seen_at, UserSession.proved_at, Person)
    .join(Person, Person.id == UserSession.person_id)
    .where(
        UserSession.mark == bindparam("mark"),
        UserSession.ended_at.is_(None),
        UserSession.epoch == Person.session_epoch,
        Person.deleted_at.is_(None),
    )
)


class SignedIn(NamedTuple):
    """A session that goes on, and whose it is."""

    session_id: int
    created_at: datetime
    last_seen_at: datetime
    proved_at: datetime
    person: Person


def signed_in(session: Session, mark: str) -> SignedIn | None:
    """The session with this mark and whose it is, in one statement; None when it has been ended."""
    row = session.execute(_SIGNED_IN, {"mark": mark}).one_or_none()
    return SignedIn(*row) if row else None


def by_username(session: Session, username: str) -> Person | None:
    """The person who has this username or had it, however it was typed. Nobody who has left."""
    tidy = rules.tidy_username(username)
    has_it = select(Person).where(Person.username == tidy, Person.deleted_at.is_(None))
    return session.scalars(has_it).one_or_none() or _by_former_username(session, tidy)


def by_name_or_email(session: Session, typed: str) -> Person | None:
    """The person with this username, present or former, or this confirmed address. Nobody who has left."""
    tidy = rules.tidy_username(typed)
    is_theirs = or_(Person.username == tidy, Person.email_key == tidy)
    found = session.scalars(select(Person).where(is_theirs, Person.deleted_at.is_(None)).limit(1)).first()
    return found or _by_former_username(session, tidy)


def is_kept_from(session: Session, username: str, person_id: int | None = None) -> bool:
    """Whether this (tidy) username was somebody's before, other than this person's: then they cannot have it."""
    kept = session.get(KeptUsername, rules.mark_of_username(username))
    return kept is not None and (kept.person_id is None or kept.person_id != person_id)


def objections_to_names(
    session: Session, username: str, display_name: str, kept_names: KeptNames
) -> Iterable[tuple[str, Any]]:
    """What only the site knows against these names for a new account, each with its field: kept back, or taken."""
    tidy, name = rules.tidy_username(username), rules.tidy_name(display_name)
    if objection := kept_names.objection_to(tidy):
        yield "username", objection
    elif by_username(session, tidy) or is_kept_from(session, tidy):
        yield "username", rules.TAKEN
    if objection := kept_names.objection_to(name):
        yield "display_name", objection


def free_username_like(session: Session, typed: Iterable[str], kept_names: KeptNames) -> str:
    """The first username that can be had and is near to one of these names; empty when there is none."""
    near = [one for name in typed for one in numbered(username_from(name[: rules.FAR_TOO_LONG]))]
    usable = [one for one in near if not rules.objection_to_username(one) and not kept_names.objection_to(one)]
    return _first_free(session, usable)


def _first_free(session: Session, usernames: Sequence[str]) -> str:
    marks = {rules.mark_of_username(username): username for username in usernames}
    had = session.scalars(select(KeptUsername.mark).where(KeptUsername.mark.in_(marks)))
    taken = {*session.scalars(select(Person.username).where(Person.username.in_(usernames))), *(marks[m] for m in had)}
    return next((username for username in usernames if username not in taken), "")


def _by_former_username(session: Session, tidy: str) -> Person | None:
    kept = select(KeptUsername.person_id).where(KeptUsername.mark == rules.mark_of_username(tidy))
    return session.scalars(select(Person).where(Person.id.in_(kept), Person.deleted_at.is_(None))).one_or_none()


@dataclass(frozen=True)
class SkillsAndLanguages:
    """What a person can do, skill → level 1 to 4, and the codes of the languages they speak."""

    skills: Mapping[str, int]
    languages: frozenset[str]


_PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
# What every dashboard asks is built once: putting a statement together takes longer than running it.
_SKILLS_AND_LANGUAGES = union_all(
    select(PersonSkill.person_id, PersonSkill.skill, PersonSkill.level).where(PersonSkill.person_id.in_(_PEOPLE)),
    select(PersonLanguage.person_id, PersonLanguage.code, literal(0)).where(PersonLanguage.person_id.in_(_PEOPLE)),
)


def skills_and_languages_of(session: Session, person_ids: Collection[int]) -> dict[int, SkillsAndLanguages]:
    """Both of each of these people, in one statement."""
    skills: dict[int, dict[str, int]] = {person_id: {} for person_id in person_ids}
    languages: dict[int, set[str]] = {person_id: set() for person_id in person_ids}
    rows = run_prepared(session, _SKILLS_AND_LANGUAGES, {"people": list(person_ids)})
    for person_id, word, level in rows:
        if level:
            skills[person_id][word] = level
        else:
            languages[person_id].add(word)
    return {
        person_id: SkillsAndLanguages(skills[person_id], frozenset(languages[person_id])) for person_id in person_ids
    }


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account elsewhere that somebody named as theirs, and whether that is verified."""

    service: str
    username: str
    is_verified: bool


_ACCOUNTS = (
    select(Account.service, Account.username, Account.verified_at.is_not(None))
    .where(Account.person_id == bindparam("person"))
    .order_by(Account.id)
)


def accounts_of(session: Session, person_id: int) -> list[OwnAccount]:
    """The accounts this person named, in the order in which they did."""
    return [OwnAccount(*row) for row in run_prepared(session, _ACCOUNTS, {"person": person_id})]


def tries_since(session: Session, subject: str, since: datetime, limit: int) -> list[datetime]:
    """When this was tried since then: the newest `limit` moments."""
    newest = select(SignInTry.at).where(SignInTry.subject == subject, SignInTry.at > since)
    return list(session.scalars(newest.order_by(SignInTry.at.desc()).limit(limit)))


def letter_waits(session: Session, person: Person, template: str) -> bool:
    """Whether a letter of this kind is still on its way to the person."""
    of_kind = (Letter.person_id == person.id, Letter.template == template)
    same = select(Letter.id).where(*of_kind, Letter.settled_at.is_(None))
    return session.scalars(same.limit(1)).first() is not None


def shown_of(person: Person, shown: Iterable[str]) -> dict[str, Any]:
    """The values of these fields and of no others: whatever a page shows of somebody goes through here."""
    return {field: getattr(person, field) for field in shown if hasattr(Person, field)}


def export_of(session: Session, person: Person) -> dict[str, Any]:
    """Everything this site holds about a person, as plain JSON, by the rooms that hold it.

    Of the password there is only a hash, left out.
    """
    about = {
        "profile": export_row(person, PROFILE),
        "picture": _picture_of(session, person),
        "skills": [export_row(row, ("skill", "level")) for row in person.skills],
        "languages": [row.code for row in person.languages],
        "accounts": [export_row(row, ("service", "username", "added_at", "verified_at")) for row in person.accounts],
        "letters": [
            export_row(row, ("template", "values", "state", "due_at", "settled_at"))
            for row in _letters(session, person)
        ],
        "drafts": drafts.of_person(session, person.id),
        "sessions": [export_row(row, SESSION) for row in sessions_of(session, person.id)],
        "security": security_log.of_person(session, person.id),
    }
    return about | {name: export(session, person) for name, export in features_of(session).exports.items()}


PROFILE = (
    "id",
    "username",
    "username_changed_at",
    "display_name",
    "email",
    "new_email",
    "refused_email",
    "refused_because",
    "refused_at",
    "language",
    "time_zone",
    "weekly_hours",
    "about",
    "is_findable",
    "suspended_at",
    "suspended_until",
    "suspended_because",
    "created_at",
)


SESSION = ("device", "network", "proofs", "created_at", "last_seen_at", "proved_at", "ended_at")


def sessions_of(session: Session, person_id: int) -> Sequence[UserSession]:
    """Where this person is signed in, or was not long ago: the one that was seen last comes first."""
    mine = select(UserSession).where(UserSession.person_id == person_id)
    return session.scalars(mine.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())).all()


def is_known_network(session: Session, person_id: int, network: str) -> bool:
    """Whether this person was signed in from there not long ago."""
    from_there = (UserSession.person_id == person_id, UserSession.network == network)
    return session.scalar(select(UserSession.id).where(*from_there).limit(1)) is not None


def portrait(session: Session, mark: str) -> bytes | None:
    """The picture with this mark; None when nobody has it, or not any more."""
    return session.scalars(select(Portrait.body).where(Portrait.mark == mark).limit(1)).first()


def _picture_of(session: Session, person: Person) -> dict[str, str] | None:
    body = portrait(session, person.picture) if person.picture else None
    return {"kind": portraits.KIND, "base64": base64.b64encode(body).decode()} if body else None


def _letters(session: Session, person: Person) -> Iterable[Letter]:
    return session.scalars(select(Letter).where(Letter.person_id == person.id).order_by(Letter.id))
