"""The tracks' own words for people."""

from __future__ import annotations

from portal.core.i18n import _, known_languages, lazy, ngettext
from portal.tracks.rules import StepStatus

STEP_STATUSES = {
    StepStatus.LOCKED: lazy("Not open yet"),
    StepStatus.AVAILABLE: lazy("Open"),
    StepStatus.STARTED: lazy("Started"),
    StepStatus.SUBMITTED: lazy("Being checked"),
    StepStatus.DONE: lazy("Done"),
}


def step_status(status: StepStatus) -> str:
    """Where somebody is with a step."""
    return str(STEP_STATUSES[status])


def length(minutes: int) -> str:
    """How long something takes, in hours and minutes."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("%(num)s minute", "%(num)s minutes", rest)
    if not rest:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def language(code: str) -> str:
    """A language of the interface, by its own name."""
    return known_languages()[code].name


def direction(code: str) -> str:
    """Which way a text in this language runs: ltr or rtl."""
    return known_languages()[code].direction
