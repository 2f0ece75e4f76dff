"""What tools bring to a person's dashboard: those they look after, and those they offered to help with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.core.dashboard import DashboardRequest, NextStep, WayIn
from portal.core.formats import duration
from portal.core.i18n import _, ngettext
from portal.people.dashboard import accounts
from portal.roles.dashboard import is_permitted
from portal.tools.access import STEWARD_TOOLS
from portal.tools.queries import adoption
from portal.tools.queries.adoption import AdoptionOfferItem, OwnTool

NEEDS_OWNER = {"needs_owner": "yes"}
OFFERS = {"_anchor": "offers"}


@dataclass(frozen=True, slots=True)
class ToolsCard:
    """The tools one looks after, and those one has offered to help with."""

    tools: Sequence[OwnTool]
    offered: Sequence[AdoptionOfferItem]

    def __bool__(self) -> bool:
        return bool(self.tools or self.offered)


def card(request: DashboardRequest) -> ToolsCard:
    """This person's tools. A record counts as far as the account it names is verified to be theirs."""
    verified = [account for account in request.once(accounts) if account.is_verified]
    tools, offered = adoption.tools_around(request.session, request.person.id, verified)
    return ToolsCard(tools, offered)


def has_begun(request: DashboardRequest) -> bool:
    """Whether this person looks after a tool or has offered to."""
    return bool(request.once(card))


def helps_others(request: DashboardRequest) -> bool:
    """Whether this person looks after a tool."""
    return bool(request.once(card).tools)


def way_in(request: DashboardRequest) -> WayIn | None:
    """See which tools need somebody, for who has to do with none."""
    return None if request.once(card) else WayIn(_("See tools that need somebody"), "tools.index", NEEDS_OWNER)


def propose_unanswered(request: DashboardRequest) -> NextStep | None:
    """Look after offers that nobody answers, for a steward of tools."""
    if not is_permitted(request, STEWARD_TOOLS):
        return None
    patience = timedelta(days=request.portal.config.limits.patience_days)
    waiting = adoption.longest_unanswered(request.session, request.now - patience)
    if waiting is None:
        return None
    sentence = ngettext(
        "%(num)s person offered to help with “%(title)s” %(time)s ago, and nobody has answered.",
        "%(num)s people offered to help with “%(title)s”, the first %(time)s ago, and nobody has answered.",
        waiting.offers,
        title=waiting.title,
        time=duration(request.now - waiting.since),
    )
    return NextStep(sentence, _("See the offers"), "tools.show", {"name": waiting.name, **OFFERS})


def propose_helpers(request: DashboardRequest) -> NextStep | None:
    """Answer those who could help with a tool of one's own."""
    tool = next((own_tool for own_tool in request.once(card).tools if own_tool.offers), None)
    if not tool:
        return None
    sentence = ngettext(
        "%(num)s person could help with “%(title)s” and waits for your answer.",
        "%(num)s people could help with “%(title)s” and wait for your answer.",
        tool.offers,
        title=tool.title,
    )
    return NextStep(sentence, _("Read who could help"), "tools.show", {"name": tool.name, **OFFERS})
