"""The kinds of notices that several rooms tell people of. A kind that one room alone tells of stands in that room."""

from __future__ import annotations

from portal.core.i18n import lazy
from portal.core.notices import Cadence, NoticeKind

ANSWERS = NoticeKind(
    "answers",
    lazy("Answers to me"),
    lazy("What became of a request, an application or an offer of mine."),
    Cadence.NOW,
    order=20,
)
DECISIONS = NoticeKind(
    "decisions",
    lazy("Things that wait for my answer"),
    lazy("Applications, offers to take a role, and offers to help with a tool."),
    Cadence.NOW,
    order=40,
)
