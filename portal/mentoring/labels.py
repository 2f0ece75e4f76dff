"""Mentoring's own words for people."""

from __future__ import annotations

from typing import Any

from portal.core.i18n import lazy
from portal.mentoring.models import EndReason, Need
from portal.mentoring.rules import MentorStanding

NEEDS: dict[str, Any] = {
    Need.MUST.value: lazy("must have: my mentor needs it"),
    Need.WANT.value: lazy("good to have: it would help"),
}

STANDINGS: dict[str, Any] = {
    MentorStanding.AVAILABLE.value: lazy("has a free seat"),
    MentorStanding.FULL.value: lazy("no free seat at the moment"),
    MentorStanding.AWAY.value: lazy("away at the moment"),
    MentorStanding.APPLIED.value: lazy("has applied"),
    MentorStanding.DECLINED.value: lazy("application declined"),
    MentorStanding.RETIRED.value: lazy("no longer a mentor"),
}

END_REASONS: dict[str, Any] = {
    EndReason.NO_TIME.value: lazy("no time at the moment"),
    EndReason.OTHER_SKILLS.value: lazy("other skills are needed"),
    EndReason.NO_ANSWER.value: lazy("no answer from the other person"),
    EndReason.DOES_NOT_FIT.value: lazy("the two do not get on well"),
    EndReason.PLANS_CHANGED.value: lazy("plans have changed"),
    EndReason.OTHER.value: lazy("another reason"),
    EndReason.REASSIGNED.value: lazy("moved to another mentor by a coordinator"),
    EndReason.ROLE_ENDED.value: lazy("the mentor has left the role"),
    EndReason.ACCOUNT_DELETED.value: lazy("one of the two has deleted their account"),
}
# What people can choose; the rest is what the portal itself says.
CHOSEN_REASONS = (
    EndReason.NO_TIME,
    EndReason.OTHER_SKILLS,
    EndReason.NO_ANSWER,
    EndReason.DOES_NOT_FIT,
    EndReason.PLANS_CHANGED,
    EndReason.OTHER,
)
