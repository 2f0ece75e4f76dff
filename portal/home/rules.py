"""What a person should do next: one thing, the most useful one, with the reason in its sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.core.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence, and the one button beside it: its words and where it leads."""

    sentence: str
    action: str
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    """An address elsewhere, where the button leads off the site."""


@dataclass(frozen=True, slots=True)
class OwedWord:
    """A pairing in which this person owes the next word, to whom, and for how many days."""

    pairing_id: int
    other: str
    days: int


@dataclass(frozen=True, slots=True)
class OwnChange:
    """An open change of this person's that waits on them, and for how many days."""

    title: str
    url: str
    days: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What the portal knows of a person on the dashboard. Counts are whole numbers.

    `offers` and `vacancies` count only what this person may appoint to.
    """

    owed: OwedWord | None = None
    own_change: OwnChange | None = None
    applications: int = 0
    offers: int = 0
    vacancies: int = 0
    fitting_requests: int = 0
    has_skills: bool = False
    is_mentor: bool = False
    is_paired: bool = False
    has_request: bool = False
    lacks_account: bool = False
    newcomers_waiting: int = 0
    reviews_changes: bool = False
    holds_role: bool = False


def next_step(situation: Situation) -> NextStep:
    """The first of these that applies: people who wait come before things, and things begun before new ones."""
    return next(step for rule in _RULES if (step := rule(situation)))


def _answer(situation: Situation) -> NextStep | None:
    owed = situation.owed
    if not owed:
        return None
    sentence = (
        ngettext(
            "%(name)s has waited %(num)s day for your answer.",
            "%(name)s has waited %(num)s days for your answer.",
            owed.days,
            name=owed.other,
        )
        if owed.days
        else _("%(name)s waits for your answer.", name=owed.other)
    )
    return NextStep(sentence, _("Open the pairing"), "mentoring.pairing", {"pairing_id": owed.pairing_id})


def _mend_change(situation: Situation) -> NextStep | None:
    change = situation.own_change
    if not change:
        return None
    sentence = _("Your change “%(title)s” waits on you.", title=change.title)
    if change.url:
        return NextStep(sentence, _("Open the change"), "", url=change.url)
    return NextStep(sentence, _("See the review queue"), "reviews.queue")


def _decide_applications(situation: Situation) -> NextStep | None:
    if not situation.applications:
        return None
    sentence = ngettext(
        "%(num)s person applied as a mentor and waits for your answer.",
        "%(num)s people applied as mentors and wait for your answer.",
        situation.applications,
    )
    return NextStep(sentence, _("Read the applications"), "mentoring.applications")


def _answer_offers(situation: Situation) -> NextStep | None:
    if not situation.offers:
        return None
    sentence = ngettext(
        "%(num)s person offers to take a role and waits for an answer.",
        "%(num)s people offer to take a role and wait for an answer.",
        situation.offers,
    )
    return NextStep(sentence, _("See the roles"), "roles.index")


def _take_request(situation: Situation) -> NextStep | None:
    if not situation.fitting_requests:
        return None
    sentence = ngettext(
        "%(num)s newcomer asks for what you can teach.",
        "%(num)s newcomers ask for what you can teach.",
        situation.fitting_requests,
    )
    return NextStep(sentence, _("Look at the requests"), "mentoring.requests")


def _name_skills(situation: Situation) -> NextStep | None:
    if situation.has_skills:
        return None
    return NextStep(
        _("Say what you can do and what you want to learn. The portal uses it to find people who fit."),
        _("Fill in your profile"),
        "people.profile",
    )


def _ask(situation: Situation) -> NextStep | None:
    if situation.is_mentor or situation.is_paired or situation.has_request or situation.holds_role:
        return None
    return NextStep(
        _("A mentor answers your questions and looks at your first change with you."),
        _("Ask for a mentor"),
        "mentoring.ask",
    )


def _review_newcomers(situation: Situation) -> NextStep | None:
    if not situation.reviews_changes or not situation.newcomers_waiting:
        return None
    sentence = ngettext(
        "%(num)s change of a newcomer waits for a reviewer.",
        "%(num)s changes of newcomers wait for a reviewer.",
        situation.newcomers_waiting,
    )
    args = {"newcomer": "yes", "waiting_on": "reviewer"}
    return NextStep(sentence, _("Review one of them"), "reviews.queue", args)


def _fill_seats(situation: Situation) -> NextStep | None:
    if not situation.vacancies:
        return None
    sentence = ngettext(
        "%(num)s seat in a role is vacant. You can appoint somebody.",
        "%(num)s seats in roles are vacant. You can appoint somebody.",
        situation.vacancies,
    )
    return NextStep(sentence, _("See the roles"), "roles.index")


def _link_account(situation: Situation) -> NextStep | None:
    if not situation.lacks_account:
        return None
    return NextStep(
        _("Tell us your username on Gerrit or GitLab, and your open changes show up here."),
        _("Add an account"),
        "people.profile",
        {"_anchor": "accounts"},
    )


def _look_around(_situation: Situation) -> NextStep:
    return NextStep(
        _("Nothing waits on you. The queue shows where a kind word would help most."),
        _("See the review queue"),
        "reviews.queue",
    )


_RULES: tuple[Callable[[Situation], NextStep | None], ...] = (
    _answer,
    _mend_change,
    _decide_applications,
    _answer_offers,
    _name_skills,
    _take_request,
    _ask,
    _review_newcomers,
    _fill_seats,
    _link_account,
    _look_around,
)
