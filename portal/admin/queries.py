"""What stewards are shown of accounts and of what happened at the doors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.authenticators.passkeys.queries import passkeys_of
from portal.authenticators.queries import has_app
from portal.core.paging import Keyset, Page, page_of
from portal.core.security_log import Outcome, SecurityEvent, SecurityRow
from portal.people.models import Account, Person, UserSession
from portal.roles import queries as roles
from portal.roles.access import APPOINT
from portal.roles.models import RoleHolder

ON_A_PAGE = 30
ON_A_PERSON = 15
"""So many sessions and events stand on the page of one person."""
LOOKS = (SecurityEvent.ACCOUNT_VIEWED, SecurityEvent.ACCOUNTS_SEARCHED, SecurityEvent.EVENTS_VIEWED)
KINDS: Mapping[str, ColumnElement[bool]] = {
    "": SecurityRow.id > 0,
    "sign_ins": SecurityRow.event.in_([SecurityEvent.SIGN_IN, SecurityEvent.SIGN_IN_SECOND_FACTOR])
    & (SecurityRow.outcome != Outcome.DONE),
    "limits": SecurityRow.event == SecurityEvent.LIMIT_REACHED,
    "refused": SecurityRow.event == SecurityEvent.REQUEST_REFUSED,
    # Who is not known: an admin by command, or somebody who has left.
    "acts": SecurityRow.about_id.is_not(None)
    & SecurityRow.about_id.is_distinct_from(SecurityRow.who_id)
    & SecurityRow.event.not_in(LOOKS),
    "looks": SecurityRow.event.in_(LOOKS),
}
"""What can be chosen of the security events: the words for it stand in views.py."""


@dataclass(frozen=True, slots=True)
class AccountPage:
    """What stewards see of one account."""

    person: Person
    roles: Sequence[tuple[str, date | None]]
    sessions: Sequence[UserSession]
    events: Sequence[SecurityRow]
    names: Mapping[int, Person]
    has_app: bool
    passkeys: int


def people_like(session: Session, words: str, cursor: str) -> Page[Person]:
    """People whose username, name, address or account elsewhere has these words in it, the newest first."""
    found = select(Person).where(Person.deleted_at.is_(None))
    if words:
        elsewhere = exists().where(Account.person_id == Person.id, _has(Account.username, words))
        fields = (Person.username, Person.display_name, Person.email, Person.new_email)
        found = found.where(or_(*(_has(field, words) for field in fields), elsewhere))
    return page_of(session, found, Keyset(Person.id, descending=True), cursor, ON_A_PAGE)


def account_page(session: Session, person: Person, now: datetime) -> AccountPage:
    """What stewards see of this account: the newest of its sessions and events."""
    sessions = select(UserSession).where(UserSession.person_id == person.id, UserSession.ended_at.is_(None))
    newest = sessions.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc()).limit(ON_A_PERSON)
    theirs = or_(SecurityRow.who_id == person.id, SecurityRow.about_id == person.id)
    events = session.scalars(select(SecurityRow).where(theirs).order_by(SecurityRow.id.desc()).limit(ON_A_PERSON)).all()
    held = roles.held_by(session, person.id, now)
    names, keys = people_in(session, events), len(passkeys_of(session, person.id))
    shown = session.scalars(newest).all()
    return AccountPage(person, held, shown, events, names, has_app(session, person.id), keys)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are looked for: of a kind (of KINDS), by or about the person of a username, since one moment and
    before another.
    """

    kind: str = ""
    username: str = ""
    since: datetime | None = None
    before: datetime | None = None


def events(session: Session, wanted: EventFilter, cursor: str, number: int = ON_A_PAGE) -> Page[SecurityRow]:
    """What happened at the doors, the newest first."""
    chosen = select(SecurityRow).where(KINDS[wanted.kind])
    if wanted.username:
        ids = select(Person.id).where(Person.username == wanted.username.casefold())
        chosen = chosen.where(or_(SecurityRow.who_id.in_(ids), SecurityRow.about_id.in_(ids)))
    if wanted.since:
        chosen = chosen.where(SecurityRow.at >= wanted.since)
    if wanted.before:
        chosen = chosen.where(SecurityRow.at < wanted.before)
    return page_of(session, chosen, Keyset(SecurityRow.id, descending=True), cursor, number)


def people_in(session: Session, rows: Iterable[SecurityRow]) -> dict[int, Person]:
    """Those whom these events name, by their id: one statement."""
    ids = {one for row in rows for one in (row.who_id, row.about_id) if one}
    return {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}


def appointers_at_large(session: Session, now: datetime) -> Collection[int]:
    """Who may appoint people to every role and is not suspended. Their rows are locked until this is committed."""
    granting = roles.definitions_of(session).granting(APPOINT)
    holders = select(RoleHolder.person_id).where(RoleHolder.role.in_(granting), roles.is_active(now))
    at_large = or_(Person.suspended_until.is_(None), Person.suspended_until <= now)
    people = select(Person.id).where(Person.id.in_(holders), at_large, Person.deleted_at.is_(None))
    return session.scalars(people.order_by(Person.id).with_for_update()).all()


def _has(column: Any, words: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column).contains(words.lower(), autoescape=True)
    return found
