"""What people do with tools: say that one looks for an owner, take that back, offer to help, withdraw."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import link
from portal.core.errors import Conflict, Invalid, raise_if
from portal.core.i18n import lazy
from portal.core.permissions import refuse_without
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.people.models import Account, Person
from portal.roles.queries import people_who_may, permissions_of
from portal.tools import rules
from portal.tools.access import STEWARD_TOOLS, refuse_own_account, refuse_withdrawal
from portal.tools.models import AdoptionOffer, AdoptionOfferState, Tool
from portal.tools.queries import adoption, maintainers

TOOL = "tool"
HELP_OFFERED = "tools.help_offered"


def open_adoption(session: Session, tool: Tool, by: Person, reason: str, now: datetime) -> None:
    """Say that a tool looks for an owner, and why; its other maintainers and the stewards are told.

    Raises NotAllowed for who is neither a maintainer nor a steward, Invalid without a reason, Conflict when it is said
    already.
    """
    raise_if(maintainers.refusal_to_speak(session, tool.id, by.id, now))
    _refuse(rules.objection_to_text(reason, missing=lazy("Write the reason.")), "reason")
    not_yet = update(Tool).where(Tool.id == tool.id, Tool.wanted_since.is_(None))
    wanted = {"wanted_since": now, "wanted_reason": reason.strip(), "wanted_by_id": by.id}
    if not updated_one_row(session, not_yet.values(**wanted)):
        raise rules.wanted_already()
    tell = _concerned(session, tool, now)
    record(session, "tools.owner_wanted", **_event(tool, by, reason=reason.strip()), tell=tell, now=now)


def close_adoption(session: Session, tool: Tool, by: Person, now: datetime) -> None:
    """Say that a tool looks for nobody any more: open offers are closed, and who made them is told.

    Raises NotAllowed for who is neither a maintainer nor a steward, Conflict when nobody is looked for.
    """
    raise_if(maintainers.refusal_to_speak(session, tool.id, by.id, now))
    offers = adoption.open_adoption_offers(session, tool.id)
    wanted = update(Tool).where(Tool.id == tool.id, Tool.wanted_since.is_not(None))
    if not updated_one_row(session, wanted.values(wanted_since=None, wanted_reason="", wanted_by_id=None)):
        raise Conflict(lazy("This tool is no longer looking for anybody."))
    still_open = update(AdoptionOffer).where(
        AdoptionOffer.tool_id == tool.id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    session.execute(still_open.values(state=AdoptionOfferState.CLOSED, closed_at=now, open_key=None))
    settle(session, (TOOL, tool.id), HELP_OFFERED, now)
    tell = {*_concerned(session, tool, now), *(offer.person_id for offer in offers)}
    record(session, "tools.owner_not_wanted", **_event(tool, by), tell=tell, now=now)


def offer_to_adopt(session: Session, tool: Tool, person: Person, note: str, now: datetime) -> AdoptionOffer:
    """Say that one could help with a tool; its maintainers and the stewards are told.

    Raises Invalid without a note, Conflict when the tool looks for nobody or the person's offer is open already.
    """
    _refuse(rules.objection_to_text(note, missing=lazy("Write a few words.")), "note")
    if tool.wanted_since is None:
        raise rules.not_wanted()
    key = adoption.offer_key(tool.id, person.id)
    adoption_offer = AdoptionOffer(
        tool_id=tool.id, person_id=person.id, note=note.strip(), created_at=now, open_key=key
    )
    waiting = Conflict(lazy("Your offer for this tool is open already. Its maintainers and the stewards know."))
    with insert_unless_taken(session, waiting):
        session.add(adoption_offer)
    tell = _concerned(session, tool, now)
    record(session, "tools.help_offered", **_event(tool, person, note=adoption_offer.note), tell=tell, now=now)
    return adoption_offer


def withdraw(session: Session, adoption_offer: AdoptionOffer, person: Person, now: datetime) -> None:
    """Take an offer back. Raises NotAllowed for somebody else's, Conflict when it is closed by now."""
    raise_if(refuse_withdrawal(adoption_offer.person_id, person.id))
    still_open = update(AdoptionOffer).where(
        AdoptionOffer.id == adoption_offer.id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    if not updated_one_row(
        session, still_open.values(state=AdoptionOfferState.WITHDRAWN, closed_at=now, open_key=None)
    ):
        raise Conflict(lazy("This offer is not open any more."))
    settle(session, (TOOL, adoption_offer.tool_id), HELP_OFFERED, now, by=person.id)
    tell = _concerned(session, adoption_offer.tool, now)
    record(session, "tools.offer_withdrawn", **_event(adoption_offer.tool, person), tell=tell, now=now)


def verify_account(session: Session, tool: Tool, account: Account, by: Person, now: datetime) -> None:
    """Vouch that an account named by a tool's record belongs to the person who says so; they are told.

    Raises NotAllowed for who is no steward and for one's own, Conflict for an account the record does not name or that
    is verified already.
    """
    raise_if(refuse_without(STEWARD_TOOLS, permissions_of(session, by.id, now)))
    raise_if(refuse_own_account(account.person_id, by.id))
    named = maintainers.maintainers_of(session, tool.id)
    if not any(maintainer.account and maintainer.account.id == account.id for maintainer in named):
        raise Conflict(lazy("This tool’s record does not name that account any more."))
    if not updated_one_row(
        session, update(Account).where(Account.id == account.id, Account.verified_at.is_(None)).values(verified_at=now)
    ):
        raise Conflict(lazy("This account is confirmed already."))
    values = _event(tool, by, account=account.username)
    record(session, "tools.account_confirmed", **values, tell=[account.person_id], now=now)


def _event(tool: Tool, actor: Person, **values: object) -> dict[str, Any]:
    event_values = {"title": tool.title, **values, "link": link("tools.show", name=tool.name)}
    return {"actor": actor, "subject": (TOOL, tool.id), "values": event_values}


def _concerned(session: Session, tool: Tool, now: datetime) -> Iterable[int]:
    """The maintainers who have an account here, and the stewards."""
    known = [person.id for person in maintainers.known_maintainers(session, tool.id)]
    return {*known, *people_who_may(session, STEWARD_TOOLS, now)}


def _refuse(objection: Any, field: str) -> None:
    if objection is not None:
        raise Invalid(objection, field)
