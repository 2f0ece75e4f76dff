"""Offers to take a role: made, withdrawn, declined. An appointment answers one by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core.errors import Conflict, Invalid, NotAllowed
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.people.models import Person
from portal.roles import queries, rules
from portal.roles.actions import appointers
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.models import RoleOffer


def require_open(session: Session, definition: RoleDefinition, person: Person, now: datetime) -> None:
    """Raises Conflict when this person cannot offer to take the role at present."""
    held = queries.holders_of(session, definition.slug, now)
    is_holder = any(one.person_id == person.id for one in held)
    objection = rules.objection_to_offer(definition, len(held), is_holder=is_holder)
    if objection is not None:
        raise Conflict(objection)


def offer(
    session: Session,
    definition: RoleDefinition,
    person: Person,
    reason: str,
    definitions: RoleDefinitions,
    now: datetime,
) -> RoleOffer:
    """Offer to take a role; those who appoint to it are told. Raises Invalid without a reason, Conflict when the role
    cannot be offered for or the person's offer is open already.
    """
    _refuse_reason(reason)
    require_open(session, definition, person, now)
    made = RoleOffer(
        person_id=person.id,
        role=definition.slug,
        reason=reason.strip(),
        created_at=now,
        open_key=f"{definition.slug}:{person.id}",
    )
    waiting = Conflict(lazy("Your offer for this role is open already. Those who appoint will answer it."))
    with insert_unless_taken(session, waiting):
        session.add(made)
    tell = appointers(session, definition.slug, definitions, now)
    _record(session, "roles.offered", made, person, tell, {"reason": made.reason}, now)
    return made


def withdraw(session: Session, made: RoleOffer, person: Person, definitions: RoleDefinitions, now: datetime) -> None:
    """Take an offer back. Raises NotAllowed for somebody else's, Conflict when it has been answered by now."""
    if made.person_id != person.id:
        raise NotAllowed(lazy("Only the person who made an offer can withdraw it."))
    _settle(session, made, {"state": "withdrawn", "closed_at": now})
    _record(session, "roles.offer_withdrawn", made, person, appointers(session, made.role, definitions, now), {}, now)


def decline(session: Session, made: RoleOffer, by: Person, answer: str, now: datetime) -> None:
    """Decline an offer with a reason. Raises Invalid without one, Conflict when the offer is no longer open."""
    _refuse_reason(answer)
    _settle(
        session,
        made,
        {"state": "declined", "closed_at": now, "answered_by_id": by.id, "answer": answer.strip()},
    )
    _record(session, "roles.offer_declined", made, by, [made.person_id], {"reason": answer.strip()}, now)


def _settle(session: Session, made: RoleOffer, values: dict[str, Any]) -> None:
    still_open = update(RoleOffer).where(RoleOffer.id == made.id, RoleOffer.state == "open")
    if not updated_one_row(session, still_open.values(open_key=None, **values)):
        raise Conflict(lazy("This offer is no longer open: it was withdrawn or answered."))


def _refuse_reason(reason: str) -> None:
    objection = rules.objection_to_reason(reason)
    if objection is not None:
        raise Invalid(objection, "reason")


def _record(
    session: Session,
    verb: str,
    made: RoleOffer,
    by: Person,
    tell: list[int],
    values: dict[str, Any],
    now: datetime,
) -> None:
    every = {"role": made.role, "link": link("roles.show", slug=made.role)}
    record(session, verb, actor=by, subject=("role_offer", made.id), values={**every, **values}, tell=tell, now=now)
