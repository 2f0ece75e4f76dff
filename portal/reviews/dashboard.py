"""What reviews bring to a person's dashboard: their own changes, and newcomers whom they could answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.contributions import queries as contributions
from portal.contributions.dashboard import own_changes
from portal.contributions.rules import WaitingOn
from portal.core.dashboard import DashboardRequest, NextStep
from portal.core.i18n import _, ngettext
from portal.people.dashboard import lacks_account
from portal.reviews.queries import longest_waiting_newcomers
from portal.roles.dashboard import held_roles

REVIEWING = frozenset({"code-reviewer", "queue-owner"})
"""The roles whose holders look after changes of others."""
ROWS = 5


@dataclass(frozen=True, slots=True)
class OwnChanges:
    """One's open changes, and whether one could name an account by which more would be found."""

    changes: Sequence[Any]
    lacks_account: bool


def has_begun(request: DashboardRequest) -> bool:
    """Whether a change of this person's waits on them."""
    return _waiting_change(request) is not None


def own_changes_section(request: DashboardRequest) -> OwnChanges | None:
    """This person's open changes; nothing for somebody who has just come."""
    return None if request.is_new else OwnChanges(request.once(own_changes), lacks_account(request))


def propose_own_change(request: DashboardRequest) -> NextStep | None:
    """Go on with a change of one's own that waits on oneself."""
    change = _waiting_change(request)
    if not change:
        return None
    sentence = _("Your change “%(title)s” waits on you.", title=change.title)
    if change.url:
        return NextStep(sentence, _("Open the change"), "", url=change.url)
    return NextStep(sentence, _("See the review queue"), "reviews.queue")


def propose_newcomers(request: DashboardRequest) -> NextStep | None:
    """Review a newcomer's change, where a role asks for it."""
    if all(role.slug not in REVIEWING for role, _until in request.once(held_roles)):
        return None
    sources = contributions.sources(request.session)
    waiting = len(longest_waiting_newcomers(request.session, sources, ROWS))
    if not waiting:
        return None
    sentence = ngettext(
        "%(num)s change of a newcomer waits for a reviewer.",
        "%(num)s changes of newcomers wait for a reviewer.",
        waiting,
    )
    args = {"newcomer": "yes", "waiting_on": "reviewer"}
    return NextStep(sentence, _("Review one of them"), "reviews.queue", args)


def propose_looking_around(_request: DashboardRequest) -> NextStep:
    """See where help is wanted."""
    return NextStep(
        _("Nothing waits on you. The queue shows where a kind word would help most."),
        _("See the review queue"),
        "reviews.queue",
    )


def _waiting_change(request: DashboardRequest) -> Any | None:
    return next((change for change in request.once(own_changes) if change.waiting_on == WaitingOn.AUTHOR), None)
