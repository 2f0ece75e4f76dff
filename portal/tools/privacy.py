"""What a person may take along of what they did for tools, and what becomes of it when they leave the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal.activity.reading import settle
from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person
from portal.tools.actions import HELP_OFFERED, TOOL
from portal.tools.models import AdoptionOffer, AdoptionOfferState, Tool


def erase(_portal: Portal, session: Session, person: Person, now: datetime) -> None:
    """Withdraw the open offers of somebody who leaves, and forget what they wrote in any, and why a tool looks for an
    owner. That it looks for one stays true without them.
    """
    is_open = (AdoptionOffer.person_id == person.id, AdoptionOffer.state == AdoptionOfferState.OPEN)
    for tool_id in session.scalars(select(AdoptionOffer.tool_id).where(*is_open)).all():
        settle(session, (TOOL, tool_id), HELP_OFFERED, now, by=person.id)
    their_offers = update(AdoptionOffer).where(AdoptionOffer.person_id == person.id)
    withdrawn = {"state": AdoptionOfferState.WITHDRAWN, "closed_at": now, "open_key": None}
    session.execute(their_offers.where(AdoptionOffer.state == AdoptionOfferState.OPEN).values(**withdrawn))
    session.execute(their_offers.values(note=""))
    session.execute(update(Tool).where(Tool.wanted_by_id == person.id).values(wanted_reason=""))


def export(session: Session, person: Person) -> dict[str, Any]:
    """This person's offers to help, and the tools of which they said that an owner is looked for."""
    offers = select(AdoptionOffer).where(AdoptionOffer.person_id == person.id).options(joinedload(AdoptionOffer.tool))
    wanted = select(Tool).where(Tool.wanted_by_id == person.id).order_by(Tool.id)
    return {
        "offers": [_offer(offer) for offer in session.scalars(offers.order_by(AdoptionOffer.id))],
        "owners_wanted": [
            {"tool": tool.name, "since": tool.wanted_since, "reason": tool.wanted_reason}
            for tool in session.scalars(wanted)
        ],
    }


def _offer(offer: AdoptionOffer) -> dict[str, Any]:
    return {"tool": offer.tool.name, **export_row(offer, ("note", "state", "created_at", "closed_at"))}
