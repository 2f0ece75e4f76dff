"""Tools as home shows them: what somebody looks after or could help with, and what is in review of a tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.contributions import queries as contributions
from portal.core.config import SourceConfig
from portal.forges.forge import forges_of
from portal.home.queries.front import ROWS
from portal.people.models import Account
from portal.people.rules import WIKI
from portal.tools.models import OfferState, Tool, ToolOffer, ToolPerson
from portal.tools.rules import account_names

MOST = 20


@dataclass(frozen=True, slots=True)
class OwnTool:
    """A tool this person looks after. `offers`: how many people could help with it."""

    name: str
    title: str
    wanted_since: datetime | None
    offers: int


@dataclass(frozen=True)
class InReview:
    """The open changes of a repository that wait longest, and the source and project by which the queue shows all."""

    changes: Sequence[Any]
    source: str
    project: str


def tools_of(session: Session, accounts: Iterable[Account]) -> list[OwnTool]:
    """The tools that name one of these accounts as far as it is verified; those with offers first. One statement."""
    theirs = [_names(account) for account in accounts if account.verified_at]
    if not theirs:
        return []
    offers = select(func.count()).where(ToolOffer.tool_id == Tool.id, ToolOffer.state == OfferState.OPEN)
    counted = offers.correlate(Tool).scalar_subquery()
    named = Tool.id.in_(select(ToolPerson.tool_id).where(or_(*theirs)))
    query = select(Tool.name, Tool.title, Tool.wanted_since, counted.label("offers")).where(named)
    rows = session.execute(query.order_by(counted.desc(), Tool.title_key, Tool.id).limit(MOST))
    return [OwnTool(row.name, row.title, row.wanted_since, row.offers) for row in rows]


def offered_to(session: Session, person_id: int) -> Sequence[Any]:
    """The tools this person has offered to help with and that still look for somebody; the newest offer first."""
    mine = select(Tool.name, Tool.title, ToolOffer.created_at).join(Tool, Tool.id == ToolOffer.tool_id)
    mine = mine.where(ToolOffer.person_id == person_id, ToolOffer.state == OfferState.OPEN)
    return session.execute(mine.order_by(ToolOffer.id.desc()).limit(MOST)).all()


def in_review(session: Session, sources: Sequence[SourceConfig], repository: str) -> InReview | None:
    """The open changes of a repository, given by an address on the web; None when it is on none of these sources.

    At most one statement. Several sources may look at the same server: the changes of all are shown.
    """
    forges = forges_of(session)
    places = [(one.slug, found) for one in sources if (found := forges[one.kind].project_at(repository, one.url))]
    if not places:
        return None
    rows = contributions.open_changes_in(session, places, ROWS)
    slug = rows[0].source_slug if rows else places[0][0]
    return InReview(rows, slug, dict(places)[slug])


def _names(account: Account) -> ColumnElement[bool]:
    if account.service == WIKI:
        return ToolPerson.wiki_username.in_(account_names(account.username))
    return and_(ToolPerson.developer_username == account.username, ToolPerson.developer_username != "")
