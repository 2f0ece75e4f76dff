"""Offers to take a role: made, withdrawn, declined. An appointment answers one by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import link
from portal.core.errors import Conflict, raise_if
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.people.models import Person
from portal.roles import queries, rules
from portal.roles.access import refuse_withdrawal
from portal.roles.content import RoleDefinition
from portal.roles.holdings import OFFER, appointers, refuse
from portal.roles.models import RoleOffer


def require_open(session: Session, definition: RoleDefinition, person: Person, now: datetime) -> None:
    """Raises Conflict when this person cannot offer to take the role at present."""
    held = queries.holders_of(session, definition.slug, now)
    is_holder = any(holding.person_id == person.id for holding in held)
    objection = rules.objection_to_offer(definition, len(held), is_holder=is_holder)
    if objection is not None:
        raise Conflict(objection)


def offer(session: Session, definition: RoleDefinition, person: Person, reason: str, now: datetime) -> RoleOffer:
    """Offer to take a role; those who appoint to it are told. Raises Invalid without a reason, Conflict when the role
    cannot be offered for or the person's offer is open already.
    """
    refuse(rules.objection_to_reason(reason), "reason")
    require_open(session, definition, person, now)
    role_offer = RoleOffer(
        person_id=person.id,
        role=definition.slug,
        reason=reason.rstrip(),
        created_at=now,
        open_key=f"{definition.slug}:{person.id}",
    )
    waiting = Conflict(lazy("Your offer for this role is open already. Those who appoint will answer it."))
    with insert_unless_taken(session, waiting):
        session.add(role_offer)
    tell = appointers(session, definition.slug, now)
    _record(session, "roles.offered", role_offer, person, tell, {"reason": role_offer.reason}, now)
    return role_offer


def withdraw(session: Session, role_offer: RoleOffer, person: Person, now: datetime) -> None:
    """Take an offer back. Raises NotAllowed for somebody else's, Conflict when it has been answered by now."""
    raise_if(refuse_withdrawal(role_offer.person_id, person.id))
    _settle(session, role_offer, {"state": "withdrawn", "closed_at": now})
    _record(session, "roles.offer_withdrawn", role_offer, person, appointers(session, role_offer.role, now), {}, now)


def decline(session: Session, role_offer: RoleOffer, by: Person, answer: str, now: datetime) -> None:
    """Decline an offer with a reason.

    Raises NotAllowed for who may not appoint to the role, Invalid without a reason, Conflict when the offer is no
    longer open.
    """
    definition = queries.definitions_of(session).get(role_offer.role)
    raise_if(queries.refusal_to_appoint(session, definition, by.id, now))
    refuse(rules.objection_to_reason(answer), "reason")
    _settle(
        session,
        role_offer,
        {"state": "declined", "closed_at": now, "answered_by_id": by.id, "answer": answer.strip()},
    )
    _record(session, "roles.offer_declined", role_offer, by, [role_offer.person_id], {"reason": answer.strip()}, now)


def _settle(session: Session, role_offer: RoleOffer, values: dict[str, Any]) -> None:
    still_open = update(RoleOffer).where(RoleOffer.id == role_offer.id, RoleOffer.state == "open")
    if not updated_one_row(session, still_open.values(open_key=None, **values)):
        raise Conflict(lazy("This offer is no longer open: it was withdrawn or answered."))
    settle(session, (OFFER, role_offer.id), "roles.offered", values["closed_at"])


def _record(
    session: Session,
    verb: str,
    role_offer: RoleOffer,
    by: Person,
    tell: list[int],
    values: dict[str, Any],
    now: datetime,
) -> None:
    every = {"role": role_offer.role, "link": link("roles.show", slug=role_offer.role)}
    record(session, verb, actor=by, subject=(OFFER, role_offer.id), values={**every, **values}, tell=tell, now=now)
