"""Offers to help with a tool, and what is somebody's own: the tools they look after or offered to help with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from portal.core.database import UtcDateTime
from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.core.rows import run_prepared
from portal.people.queries import OwnAccount
from portal.people.rules import WIKI
from portal.tools import rules
from portal.tools.models import AdoptionOffer, AdoptionOfferState, Tool, ToolPerson

MOST_OWN = 20
"""So many tools of one person are shown."""


@dataclass(frozen=True, slots=True)
class OwnTool:
    """A tool that somebody looks after. `offers`: how many people could help with it."""

    name: str
    title: str
    wanted_since: datetime | None
    offers: int


@dataclass(frozen=True, slots=True)
class AdoptionOfferItem:
    """A tool that somebody has offered to help with."""

    name: str
    title: str
    created_at: datetime


def open_adoption_offers(session: Session, tool_id: int) -> list[AdoptionOffer]:
    """Who could help with a tool; who waits longest first."""
    waiting = select(AdoptionOffer).where(
        AdoptionOffer.tool_id == tool_id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    return list(session.scalars(waiting.options(joinedload(AdoptionOffer.person)).order_by(AdoptionOffer.id)))


def open_adoption_offer_of(session: Session, tool_id: int, person_id: int) -> AdoptionOffer | None:
    """This person's open offer to help with a tool."""
    return session.scalars(
        select(AdoptionOffer).where(AdoptionOffer.open_key == offer_key(tool_id, person_id))
    ).one_or_none()


def adoption_offer(session: Session, offer_id: int) -> AdoptionOffer:
    """One offer with its tool, closed ones too. Raises NotFound."""
    query = select(AdoptionOffer).where(AdoptionOffer.id == offer_id).options(joinedload(AdoptionOffer.tool))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(lazy("There is no such offer."))
    return row


@dataclass(frozen=True, slots=True)
class UnansweredOffers:
    """A tool with offers to help that nobody has answered for long: how many, and since when the first waits."""

    name: str
    title: str
    offers: int
    since: datetime


def longest_unanswered(session: Session, before: datetime) -> UnansweredOffers | None:
    """The tool whose oldest open offer has waited longest, made before this moment. One statement."""
    since = func.min(AdoptionOffer.created_at)
    waiting = select(Tool.name, Tool.title, func.count(), since).join(AdoptionOffer, AdoptionOffer.tool_id == Tool.id)
    waiting = waiting.where(AdoptionOffer.state == AdoptionOfferState.OPEN, AdoptionOffer.created_at < before)
    row = session.execute(waiting.group_by(Tool.id, Tool.name, Tool.title).order_by(since).limit(1)).first()
    return UnansweredOffers(*row) if row else None


def offer_key(tool_id: int, person_id: int) -> str:
    """The key that lets a person have one open offer a tool."""
    return f"{tool_id}:{person_id}"


def tools_around(
    session: Session, person_id: int, accounts: Collection[OwnAccount]
) -> tuple[list[OwnTool], list[AdoptionOfferItem]]:
    """The tools that name one of these accounts, which must be verified, those with offers first; and those that this
    person has offered to help with and that still look for somebody, the newest offer first. One statement.
    """
    own = _tools_naming(accounts)
    both: Any = _OFFERS_OF if own is None else union_all(own, _OFFERS_OF)
    rows = run_prepared(session, both, {"person": person_id}).all()
    tools = [OwnTool(row.name, row.title, row.wanted_since, row.offers) for row in rows if row.is_own]
    offered = [AdoptionOfferItem(row.name, row.title, row.offered_at) for row in rows if not row.is_own]
    offered.sort(key=lambda item: item.created_at, reverse=True)
    return sorted(tools, key=lambda item: (-item.offers, item.title.casefold())), offered


def _tools_naming(accounts: Collection[OwnAccount]) -> Any | None:
    if not accounts:
        return None
    offers = select(func.count()).where(
        AdoptionOffer.tool_id == Tool.id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    counted = offers.correlate(Tool).scalar_subquery().label("offers")
    named = Tool.id.in_(select(ToolPerson.tool_id).where(or_(*map(_names, accounts))))
    columns: list[Any] = [Tool.name, Tool.title, Tool.wanted_since, counted]
    nothing: Any = literal(None, UtcDateTime())
    shown: Any = select(literal(1).label("is_own"), *columns, nothing.label("offered_at"))
    shown = shown.where(named)
    # A part of a union is cut only inside a table of its own.
    return select(shown.order_by(counted.desc(), Tool.title_key, Tool.id).limit(MOST_OWN).subquery())


def _offers_of_a_person() -> Any:
    columns: list[Any] = [Tool.name, Tool.title, Tool.wanted_since, literal(0).label("offers")]
    mine: Any = select(literal(0).label("is_own"), *columns, AdoptionOffer.created_at.label("offered_at"))
    mine = mine.join(Tool, Tool.id == AdoptionOffer.tool_id)
    mine = mine.where(AdoptionOffer.person_id == bindparam("person"), AdoptionOffer.state == AdoptionOfferState.OPEN)
    return select(mine.order_by(AdoptionOffer.id.desc()).limit(MOST_OWN).subquery())


# Every dashboard asks it: it is built once.
_OFFERS_OF = _offers_of_a_person()


def _names(account: OwnAccount) -> ColumnElement[bool]:
    if account.service == WIKI:
        return ToolPerson.wiki_username.in_(rules.account_names(account.username))
    return and_(ToolPerson.developer_username == account.username, ToolPerson.developer_username != "")
