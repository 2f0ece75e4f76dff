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
class OfferedTool:
    """A tool this person looks after, and how many people could help with it."""

    name: str
    title: str
    offers: int


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """The track this person follows, by its titles, and the step that comes next in it."""

    track: str
    step: str
    track_title: str
    step_title: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FirstTrack:
    """The track that newcomers begin with, its first step, and how long it is."""

    track: str
    step: str
    title: str
    steps: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What the portal knows of a person on the dashboard. Counts are whole numbers.

    `offers` and `vacancies` count only what this person may appoint to.
    """

    owed: OwedWord | None = None
    own_change: OwnChange | None = None
    offered_tool: OfferedTool | None = None
    open_track: OpenTrack | None = None
    first_track: FirstTrack | None = None
    applications: int = 0
    offers: int = 0
    vacancies: int = 0
    fitting_requests: int = 0
    has_skills: bool = False
    is_mentor: bool = False
    is_paired: bool = False
    has_request: bool = False
    has_track: bool = False
    has_tool: bool = False
    lacks_account: bool = False
    newcomers_waiting: int = 0
    reviews_changes: bool = False
    holds_role: bool = False

    @property
    def is_new(self) -> bool:
        """Whether this person has begun nothing here yet."""
        begun = self.has_skills or self.has_track or self.has_request or self.has_tool
        return not (begun or self.is_paired or self.is_mentor or self.holds_role or self.own_change)


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


def _answer_helpers(situation: Situation) -> NextStep | None:
    tool = situation.offered_tool
    if not tool:
        return None
    sentence = ngettext(
        "%(num)s person could help with “%(title)s” and waits for your answer.",
        "%(num)s people could help with “%(title)s” and wait for your answer.",
        tool.offers,
        title=tool.title,
    )
    return NextStep(sentence, _("Read who could help"), "tools.show", {"name": tool.name, "_anchor": "offers"})


def _begin(situation: Situation) -> NextStep | None:
    first = situation.first_track
    if not first or not situation.is_new:
        return None
    sentence = ngettext(
        "Begin with “%(title)s”: %(num)s step, each on a page of its own. You can stop and go on at any time.",
        "Begin with “%(title)s”: %(num)s steps, each on a page of its own. You can stop and go on at any time.",
        first.steps,
        title=first.title,
    )
    return NextStep(sentence, _("Open the first step"), "tracks.step", {"slug": first.track, "step_slug": first.step})


def _continue_track(situation: Situation) -> NextStep | None:
    track = situation.open_track
    if not track:
        return None
    sentence = _("Next in “%(track)s”: %(step)s.", track=track.track_title, step=track.step_title)
    return NextStep(sentence, _("Open this step"), "tracks.step", {"slug": track.track, "step_slug": track.step})


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
    _answer_helpers,
    _begin,
    _continue_track,
    _name_skills,
    _take_request,
    _ask,
    _review_newcomers,
    _fill_seats,
    _link_account,
    _look_around,
)
