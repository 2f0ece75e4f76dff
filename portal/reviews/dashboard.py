"""What reviews bring to a person's dashboard: their own changes, and newcomers whom they could answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.contributions.dashboard import own_changes
from portal.contributions.rules import WaitingOn
from portal.core.dashboard import DashboardRequest, NextStep, WayIn
from portal.core.i18n import _, ngettext
from portal.people.dashboard import skills_and_languages
from portal.reviews.queries import newcomers_waiting
from portal.roles.dashboard import held_roles

REVIEWING = frozenset({"code-reviewer", "queue-owner"})
"""The roles whose holders look after changes of others."""
ROWS, SHOWN = 5, 3
SKILL, KNOWS_IT = "code-review", 3
"""Whoever has this skill at this level or above reviews what others write."""


def has_begun(request: DashboardRequest) -> bool:
    """Whether a change of this person's waits on them."""
    return _waiting_change(request) is not None


def helps_others(request: DashboardRequest) -> bool:
    """Whether this person reviews: by a role, by what they can do, or as somebody who is new on no server."""
    is_reviewer = _has_role(request) or request.once(skills_and_languages).skills.get(SKILL, 0) >= KNOWS_IT
    return is_reviewer or any(not change.is_newcomer for change in request.once(own_changes))


def own_changes_section(request: DashboardRequest) -> Sequence[Any] | None:
    """This person's open changes; nothing where there are none."""
    return request.once(own_changes) or None


def newcomers(request: DashboardRequest) -> Sequence[Any]:
    """The changes of newcomers that wait longest for a reviewer, for who looks after changes of others."""
    if not _has_role(request):
        return ()
    return newcomers_waiting(request.session, ROWS)


def newcomers_section(request: DashboardRequest) -> Sequence[Any] | None:
    """The first of them; nothing where nobody waits."""
    return request.once(newcomers)[:SHOWN] or None


def way_in(request: DashboardRequest) -> WayIn | None:
    """See the review queue, for somebody none of whose changes is open."""
    return None if request.once(own_changes) else WayIn(_("See the review queue"), "reviews.queue")


def propose_own_change(request: DashboardRequest) -> NextStep | None:
    """Go on with a change of one's own that waits on oneself."""
    change = _waiting_change(request)
    if not change:
        return None
    sentence = _("Your change “%(title)s” is waiting for you.", title=change.title)
    if change.url:
        return NextStep(sentence, _("Open the change"), "", url=change.url)
    return NextStep(sentence, _("Open the change"), "reviews.change", {"change_id": change.id})


def propose_newcomers(request: DashboardRequest) -> NextStep | None:
    """Review a newcomer's change, where a role asks for it."""
    waiting = len(request.once(newcomers))
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
        _("Nothing is waiting for you. The queue shows where an answer would help most."),
        _("See the review queue"),
        "reviews.queue",
    )


def _has_role(request: DashboardRequest) -> bool:
    return any(role.slug in REVIEWING for role, _until in request.once(held_roles))


def _waiting_change(request: DashboardRequest) -> Any | None:
    return next((change for change in request.once(own_changes) if change.waiting_on == WaitingOn.AUTHOR), None)
