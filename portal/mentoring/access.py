"""Who may do what in mentoring."""

from __future__ import annotations

from portal.core.i18n import lazy
from portal.core.permissions import Permission

BE_MENTOR = Permission("mentoring.mentor", lazy("Take requests of newcomers and accompany mentees."))
APPROVE_MENTORS = Permission(
    "mentoring.approve_mentors", lazy("Read applications of mentors, and approve or decline them.")
)
COORDINATE = Permission(
    "mentoring.coordinate", lazy("See all requests and pairings, and end a pairing that cannot go on.")
)
