"""The kinds of notices, in words people choose by, and which verb belongs to which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.core.i18n import lazy


class Cadence(StrEnum):
    """How often notices of a kind come by mail."""

    NOW = "now"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Kind:
    """Notices that somebody wants, or does not want, together. `cadence` holds until they choose another."""

    slug: str
    name: Any
    about: Any
    cadence: Cadence


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "mentoring",
            lazy("My mentoring"),
            lazy("Messages, whose turn it is, and when a pairing begins or ends."),
            Cadence.NOW,
        ),
        Kind(
            "answers",
            lazy("Answers to me"),
            lazy("What became of a request, an application or an offer of mine."),
            Cadence.NOW,
        ),
        Kind(
            "requests",
            lazy("People who ask for a mentor"),
            lazy("Requests that fit me as a mentor."),
            Cadence.NOW,
        ),
        Kind(
            "decisions",
            lazy("Things that wait for my answer"),
            lazy("Applications, offers to take a role, and offers to help with a tool."),
            Cadence.NOW,
        ),
        Kind(
            "roles",
            lazy("Roles"),
            lazy("Roles that I hold or appoint to: when a term begins, nears its end or ends."),
            Cadence.DAILY,
        ),
        Kind(
            "tools",
            lazy("Tools"),
            lazy("Tools that I look after, or offered to help with."),
            Cadence.DAILY,
        ),
        Kind(
            "tracks",
            lazy("Learning tracks"),
            lazy("Tracks that I follow, and those of the people I mentor."),
            Cadence.DAILY,
        ),
    )
}

VERBS = {
    "mentoring.": "mentoring",
    "mentoring.applied": "decisions",
    "mentoring.approved": "answers",
    "mentoring.declined": "answers",
    "mentoring.expired": "answers",
    "mentoring.asked": "requests",
    "mentoring.withdrawn": "requests",
    "mentoring.renewed": "requests",
    "roles.": "roles",
    "roles.offered": "decisions",
    "roles.offer_withdrawn": "decisions",
    "roles.offer_declined": "answers",
    "tools.": "tools",
    "tools.help_offered": "decisions",
    "tools.account_confirmed": "answers",
    "tracks.": "tracks",
}
"""A verb, or with a dot at its end all verbs of a feature that stand in no line of their own, and its kind."""


def kind_of(verb: str) -> Kind:
    """The kind a verb belongs to. Raises KeyError for a feature that the table does not know."""
    own = VERBS.get(verb) or VERBS[verb.partition(".")[0] + "."]
    return KINDS[own]
