"""What stewards do with other people's accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.admin import queries
from portal.admin.access import MANAGE_PEOPLE, refuse_end, refuse_last_appointer, refuse_own_account
from portal.api_tokens.actions import end_tokens_of
from portal.authenticators import actions as authenticators
from portal.authenticators.passkeys.actions import remove_passkey
from portal.authenticators.passkeys.queries import passkeys_of
from portal.core.errors import Conflict, NotFound, raise_if
from portal.core.i18n import lazy
from portal.core.permissions import refuse_without
from portal.core.rows import updated_one_row, updated_rows
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.people.actions import end_sessions, write_letter
from portal.people.models import Person, UserSession
from portal.roles.queries import permissions_of

SUSPENDED_LETTER = "people.suspended"
LIFTED_LETTER = "people.suspension_lifted"
SIGNED_OUT_LETTER = "people.sessions_ended"


def suspend(session: Session, person_id: int, by: Person, reason: str, until: datetime, now: datetime) -> None:
    """Keep somebody from signing in until then. They are signed out, their tokens end, a letter tells them, and they
    read the reason when they sign in.

    Raises Invalid for oneself and for a moment that has passed or is too far off, Conflict for the last who may appoint
    people.
    """
    _require(session, by, now)
    raise_if(refuse_own_account(person_id, by.id))
    raise_if(refuse_end(until, now))
    # The rows are locked, so that two who suspend each other at once cannot both do it.
    raise_if(refuse_last_appointer(person_id, queries.appointers_at_large(session, now)))
    session.refresh(by)
    if by.is_suspended(now):
        raise Conflict(lazy("Your own account has been suspended at this moment."))
    person = _account(session, person_id)
    person.suspended_at, person.suspended_until, person.suspended_because = now, until, reason
    ended = end_sessions(session, person, now)
    end_tokens_of(session, person.id)
    write_letter(session, person, SUSPENDED_LETTER, {"until": until.isoformat(), "reason": reason}, now)
    security_event(SecurityEvent.ACCOUNT_SUSPENDED, Outcome.DONE, who=by.id, about=person.id, sessions=ended)


def lift_suspension(session: Session, person_id: int, by: Person, now: datetime) -> None:
    """Let somebody sign in again before the suspension ends. Raises Conflict when there is none."""
    _require(session, by, now)
    theirs = update(Person).where(Person.id == person_id, Person.suspended_until > now)
    lifted = {"suspended_until": None, "suspended_at": None, "suspended_because": ""}
    if not updated_one_row(session, theirs.values(**lifted)):
        raise Conflict(lazy("This account is not suspended."))
    write_letter(session, _account(session, person_id), LIFTED_LETTER, {}, now)
    security_event(SecurityEvent.SUSPENSION_LIFTED, Outcome.DONE, who=by.id, about=person_id)


def sign_out_everywhere(session: Session, person_id: int, by: Person, now: datetime) -> int:
    """End every session of somebody; how many there were."""
    _require(session, by, now)
    person = _account(session, person_id)
    if ended := end_sessions(session, person, now):
        write_letter(session, person, SIGNED_OUT_LETTER, {}, now)
    security_event(SecurityEvent.SESSIONS_ENDED, Outcome.DONE, who=by.id, about=person_id, sessions=ended)
    return ended


def end_one_session(session: Session, person_id: int, session_id: int, by: Person, now: datetime) -> None:
    """End one session of somebody; one that has ended stays so."""
    _require(session, by, now)
    this = (UserSession.id == session_id, UserSession.person_id == person_id, UserSession.ended_at.is_(None))
    if updated_rows(session, update(UserSession).where(*this).values(ended_at=now)):
        security_event(SecurityEvent.SESSION_ENDED, Outcome.DONE, who=by.id, about=person_id)


def remove_second_factor(session: Session, person_id: int, by: Person, now: datetime) -> None:
    """Let somebody who has lost their app and their recovery codes sign in by one factor again; a letter tells them.

    Raises Conflict when they have none.
    """
    _require(session, by, now)
    raise_if(refuse_own_account(person_id, by.id))
    if not authenticators.remove_second_factor(session, _account(session, person_id), now):
        raise Conflict(lazy("They have no second factor."))
    security_event(SecurityEvent.SECOND_FACTOR_RESET, Outcome.DONE, who=by.id, about=person_id)


def remove_passkeys(session: Session, person_id: int, by: Person, now: datetime) -> None:
    """Take every passkey of somebody away, such as when a device was stolen; a letter tells them of each.

    Raises Conflict when they have none, or no other way in.
    """
    _require(session, by, now)
    raise_if(refuse_own_account(person_id, by.id))
    person = _account(session, person_id)
    gone = [remove_passkey(session, person, one.id, now) for one in passkeys_of(session, person_id)]
    if not any(gone):
        raise Conflict(lazy("They have no passkey."))
    security_event(SecurityEvent.PASSKEY_REMOVED, Outcome.DONE, who=by.id, about=person_id, number=len(gone))


def _require(session: Session, by: Person, now: datetime) -> None:
    raise_if(refuse_without(MANAGE_PEOPLE, permissions_of(session, by.id, now)))


def _account(session: Session, person_id: int) -> Person:
    one = select(Person).where(Person.id == person_id, Person.deleted_at.is_(None)).with_for_update()
    person = session.scalars(one).one_or_none()
    if person is None:
        raise NotFound(lazy("There is no such account."))
    return person
