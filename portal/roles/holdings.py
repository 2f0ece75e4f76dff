"""The rows of holdings: given and closed. Nobody asks in here whether somebody may: that is for the actions above."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle, settle_without_permission
from portal.activity.rules import link
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.feature import features_of
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.people.actions import end_sessions
from portal.people.models import Person
from portal.roles import queries, rules
from portal.roles.access import APPOINT, refuse_appointing
from portal.roles.content import RoleDefinition
from portal.roles.models import RoleHolder, RoleOffer

HOLDER, OFFER = "role_holder", "role_offer"


def give(
    session: Session,
    definition: RoleDefinition,
    person: Person,
    by: Person | None,
    reason: str,
    until: date | None,
    now: datetime,
) -> RoleHolder:
    """Give the role to this person up to and including the day `until` (None: without a fixed end), and tell them.

    An open offer of theirs is answered by it. Raises Invalid for a reason or a day that cannot stand, NotFound for
    somebody who left, Conflict when they hold the role or every seat is taken.
    """
    refuse(rules.objection_to_reason(reason), "reason")
    refuse(rules.objection_to_until(until, now.date()), "until")
    if person.deleted_at:
        raise NotFound(lazy("This person has left the portal."))
    held = RoleHolder(
        person_id=person.id,
        role=definition.slug,
        since=now,
        until=until,
        appointed_by_id=by.id if by else None,
        reason=reason.rstrip(),
        active_key=f"{definition.slug}:{person.id}",
        seat_key=_free_seat(session, definition),
    )
    taken = Conflict(lazy("This person holds the role already, or somebody took the last seat just now."))
    with insert_unless_taken(session, taken):
        session.add(held)
    _sign_in_anew(session, held, by, now)
    _note(SecurityEvent.ROLE_GIVEN, held, by)
    _accept_offer(session, held, now)
    record_holding(session, "roles.appointed", held, by, [person], {"reason": held.reason, "until": until}, now)
    return held


def close(session: Session, held: RoleHolder, by: Person | None, reason: str, now: datetime) -> None:
    """End a holding without telling anybody. Raises Conflict when it has ended, or for the last who may appoint."""
    if is_last_appointer(session, held, now):
        raise Conflict(lazy("Nobody else here may appoint people. Appoint somebody to this role first, then end this."))
    values = {
        "ended_at": now,
        "ended_by_id": by.id if by else None,
        "end_reason": reason,
        "active_key": None,
        "seat_key": None,
    }
    mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.ended_at.is_(None))
    if not updated_one_row(session, mine.values(**values)):
        raise Conflict(lazy("This has ended already. The history of the role says when and why."))
    _sign_in_anew(session, held, by, now)
    _note(SecurityEvent.ROLE_ENDED, held, by)
    settle(session, (HOLDER, held.id), "roles.term_nears", now)
    _settle_what_they_answered(session, held, now)


def _note(event: SecurityEvent, held: RoleHolder, by: Person | None) -> None:
    security_event(event, Outcome.DONE, who=by.id if by else None, about=held.person_id, role=held.role)


def _sign_in_anew(session: Session, held: RoleHolder, by: Person | None, now: datetime) -> None:
    """Whoever gets power over others, or loses it, is signed out: who took one of their sessions has none of it.

    Who does it for themselves has just shown that it is them, and goes on.
    """
    definition = queries.definitions_of(session).by_slug.get(held.role)
    is_power = definition and features_of(session).powers & set(definition.permissions)
    if is_power and not (by and by.id == held.person_id):
        ended = end_sessions(session, session.get_one(Person, held.person_id), now)
        security_event(SecurityEvent.SESSIONS_ENDED, Outcome.DONE, about=held.person_id, sessions=ended)


def _accept_offer(session: Session, held: RoleHolder, now: datetime) -> None:
    offer_id = session.scalar(select(RoleOffer.id).where(RoleOffer.open_key == held.active_key))
    if offer_id is None:
        return
    accepted = {"state": "accepted", "open_key": None, "closed_at": now, "answered_by_id": held.appointed_by_id}
    session.execute(update(RoleOffer).where(RoleOffer.id == offer_id).values(**accepted))
    settle(session, (OFFER, offer_id), "roles.offered", now)


def _settle_what_they_answered(session: Session, held: RoleHolder, now: datetime) -> None:
    """What waited for the holder because of this role alone waits for them no more."""
    definition = queries.definitions_of(session).by_slug.get(held.role)
    granted = frozenset(definition.permissions) if definition else frozenset()
    still_held = queries.roles_of(session, held.person_id, now)
    still_granted = queries.definitions_of(session).permissions_of(still_held)
    settle_without_permission(session, held.person_id, granted - still_granted, now)
    for offer_id, appointed_by in queries.open_offers_with_appointers(session):
        if refuse_appointing(appointed_by, still_held, still_granted):
            settle(session, (OFFER, offer_id), "roles.offered", now, of=held.person_id)


def is_last_appointer(session: Session, held: RoleHolder, now: datetime) -> bool:
    """Whether nobody would be left who may appoint to all roles if this holding ended."""
    granting = queries.definitions_of(session).granting(APPOINT)
    if held.role not in granting:
        return False
    # The rows are locked, so that two who step down at once cannot each count on the other.
    active = select(RoleHolder.id).where(RoleHolder.role.in_(granting), queries.is_active(now))
    ids = session.scalars(active.order_by(RoleHolder.id).with_for_update())
    return not set(ids) - {held.id}


def appointers(session: Session, role: str, now: datetime) -> list[int]:
    """Whom to tell of what concerns this role; nobody for a role whose file is gone."""
    definition = queries.definitions_of(session).by_slug.get(role)
    return queries.appointers_of(session, definition, now) if definition else []


def record_holding(
    session: Session,
    verb: str,
    held: RoleHolder,
    by: Person | None,
    tell: list[Any],
    values: dict[str, Any],
    now: datetime,
) -> None:
    """Note what happened to a holding, and tell people of it."""
    every = {"role": held.role, "link": link("roles.show", slug=held.role)}
    record(session, verb, actor=by, subject=(HOLDER, held.id), values={**every, **values}, tell=tell, now=now)


def refuse(objection: Any, field: str) -> None:
    """Raises Invalid for an objection to what was typed into this field."""
    if objection is not None:
        raise Invalid(objection, field)


def _free_seat(session: Session, definition: RoleDefinition) -> str | None:
    taken = select(RoleHolder.seat_key).where(RoleHolder.role == definition.slug, RoleHolder.ended_at.is_(None))
    keys = list(session.scalars(taken))
    if definition.is_full(len(keys)):
        raise Conflict(lazy("Every seat of this role is taken. End somebody’s term first, or change the role."))
    numbers = range(1, (definition.max_seats or 0) + 1)
    return next((key for number in numbers if (key := f"{definition.slug}#{number}") not in keys), None)
