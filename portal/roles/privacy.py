"""What a person may take along of their roles, and what becomes of these when they leave the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import link
from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person
from portal.roles.holdings import HOLDER, OFFER, appointers, close
from portal.roles.models import RoleHolder, RoleOffer


def erase(_portal: Portal, session: Session, person: Person, now: datetime) -> None:
    """End the roles of somebody who leaves, and tell those who appoint; forget every reason that they wrote, or that
    others wrote about them.

    Raises Conflict for the last person who may appoint people.
    """
    held = select(RoleHolder).where(RoleHolder.person_id == person.id, RoleHolder.ended_at.is_(None))
    for holding in session.scalars(held.order_by(RoleHolder.id)).all():
        close(session, holding, person, "", now)
        values = {"role": holding.role, "link": link("roles.show", slug=holding.role)}
        tell = appointers(session, holding.role, now)
        record(
            session, "roles.holder_left", actor=person, subject=(HOLDER, holding.id), values=values, tell=tell, now=now
        )
    is_open = (RoleOffer.person_id == person.id, RoleOffer.state == "open")
    for offer_id in session.scalars(select(RoleOffer.id).where(*is_open)).all():
        settle(session, (OFFER, offer_id), "roles.offered", now)
    their_offers = update(RoleOffer).where(RoleOffer.person_id == person.id)
    session.execute(
        their_offers.where(RoleOffer.state == "open").values(state="withdrawn", closed_at=now, open_key=None)
    )
    session.execute(their_offers.values(reason="", answer=""))
    session.execute(update(RoleOffer).where(RoleOffer.answered_by_id == person.id).values(answer=""))
    _forget_reasons(session, person.id)


def _forget_reasons(session: Session, person_id: int) -> None:
    is_theirs = RoleHolder.person_id == person_id
    began, ended = or_(is_theirs, RoleHolder.appointed_by_id == person_id), RoleHolder.ended_by_id == person_id
    session.execute(update(RoleHolder).where(began).values(reason=""))
    session.execute(update(RoleHolder).where(or_(is_theirs, ended)).values(end_reason=""))


def export(session: Session, person: Person) -> dict[str, Any]:
    """The roles this person holds and held, and their offers."""
    held = session.scalars(select(RoleHolder).where(RoleHolder.person_id == person.id).order_by(RoleHolder.id))
    offers = session.scalars(select(RoleOffer).where(RoleOffer.person_id == person.id).order_by(RoleOffer.id))
    return {
        "held": [export_row(row, ("role", "since", "until", "reason", "ended_at", "end_reason")) for row in held],
        "offers": [export_row(row, ("role", "reason", "state", "created_at", "closed_at", "answer")) for row in offers],
    }
