"""Role definitions: content/roles/<slug>.md with translations, checked."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from portal.core.i18n import lazy

MENTOR = "mentor"
COORDINATOR = "mentoring-coordinator"
STEWARD = "portal-steward"


class Permission(StrEnum):
    """What a role can permit here. What a person may do comes from the roles they hold, and from nothing else."""

    BE_MENTOR = "mentoring.mentor"
    APPROVE_MENTORS = "mentoring.approve_mentors"
    COORDINATE = "mentoring.coordinate"
    APPOINT = "roles.appoint"
    ADMINISTER = "site.administer"
    SEE_ALL_PEOPLE = "people.see_all"
    SYNC_REVIEWS = "reviews.sync"


PERMITS: dict[Permission, Any] = {
    Permission.BE_MENTOR: lazy("Take requests of newcomers and accompany mentees."),
    Permission.APPROVE_MENTORS: lazy("Read applications of mentors, and approve or decline them."),
    Permission.COORDINATE: lazy("See all requests and pairings, and end a pairing that cannot go on."),
    Permission.APPOINT: lazy("Appoint people to every role, and end it."),
    Permission.ADMINISTER: lazy("See the state of this site and of its sources."),
    Permission.SEE_ALL_PEOPLE: lazy("See what people have chosen not to show to everybody."),
    Permission.SYNC_REVIEWS: lazy("Ask the portal to fetch changes from a source at once."),
}
