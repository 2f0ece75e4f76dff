"""Who fits whom and why, who may claim, whose turn runs out: what is true of mentoring. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.core.errors import Conflict, NotAllowed, PortalError
from portal.core.formats import exact
from portal.core.i18n import _, time_zones
from portal.mentoring.access import refuse_own_request
from portal.mentoring.models import Mentor, MentorState, Need, Pairing, PairingState, Request, RequestState, Side

PITCH_LENGTH = 240
GOAL_SHORTEST, GOAL_LONGEST = 20, 2000
MESSAGE_LENGTH = 5000
NEEDS_AT_MOST = 8
CAPACITY_AT_MOST = 20
AWAY_AT_MOST = timedelta(days=365)
TOLD_AT_MOST = 10
NUDGE_DAYS = (7, 14)
TIME_OUT_DAYS = 28
LAST_CALL = timedelta(days=7)
WAKING_HOURS = 12
BEST_LEVEL = 4
# One skill more or less of at most eight moves the score by 125: more than all lesser things can give together.
FIRST, SECOND, LEVEL, HOURS = 1000, 60, 25, 15


@dataclass(frozen=True, slots=True)
class Ask:
    """What a newcomer asks for: a goal in their words (Markdown), skills by need, language codes."""

    goal: str
    needs: Mapping[str, Need]
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class RequestProfile:
    """What fit needs to know of a request: skills by need, languages, time zone ("" when not said)."""

    musts: frozenset[str]
    wants: frozenset[str]
    languages: frozenset[str]
    zone: str = ""


@dataclass(frozen=True, slots=True)
class MentorProfile:
    """What fit needs to know of a mentor: skill levels 1–4, languages, time zone ("" when not said)."""

    levels: Mapping[str, int]
    languages: frozenset[str]
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a mentor fits a request, and the reasons. A higher score fits better.

    Skills that the mentor has come with their level. `hours` of the day are those in which both are awake; None when
    one of the two has not said where they live.
    """

    score: int
    musts: tuple[tuple[str, int], ...]
    wants: tuple[tuple[str, int], ...]
    missing_musts: tuple[str, ...]
    missing_wants: tuple[str, ...]
    languages: tuple[str, ...]
    hours: int | None

    @property
    def covered(self) -> int:
        """How many of the skills asked for the mentor has."""
        return len(self.musts) + len(self.wants)

    @property
    def asked_for(self) -> int:
        """How many skills are asked for."""
        return self.covered + len(self.missing_musts) + len(self.missing_wants)

    @property
    def lacks_all_musts(self) -> bool:
        """Whether the mentor has not one of the skills that the newcomer must have: ranked at the end."""
        return bool(self.missing_musts) and not self.musts

    @property
    def can_help(self) -> bool:
        """Whether the mentor is told of the request unasked: they have a skill asked for, and of the musts one."""
        return bool(self.covered) and not self.lacks_all_musts


class MentorStanding(StrEnum):
    """What a mentor can be asked for at the moment."""

    APPLIED = "applied"
    DECLINED = "declined"
    RETIRED = "retired"
    AWAY = "away"
    FULL = "full"
    AVAILABLE = "available"


def fit(wish: RequestProfile, offer: MentorProfile, now: datetime) -> Fit | None:
    """How well this mentor fits this request; None when they share no language, for then they cannot talk.

    Musts count before everything else (where there is none, wants do), then wants, levels, and hours in common.
    """
    languages = wish.languages & offer.languages
    if not languages:
        return None
    musts, missing_musts = _split(wish.musts, offer.levels)
    wants, missing_wants = _split(wish.wants - wish.musts, offer.levels)
    hours = shared_hours(wish.zone, offer.zone, now)
    score = _score((musts, missing_musts), (wants, missing_wants), hours)
    return Fit(score, musts, wants, missing_musts, missing_wants, tuple(sorted(languages)), hours)


def rank_key(fit: Fit, asked_at: datetime, request_id: int, *, is_proposed: bool = False) -> tuple[str, int]:
    """Sorts requests for a mentor: what a coordinator asked them to take first, what lacks all musts last; then by
    score, then who has waited longest.
    """
    late = "-" if is_proposed else "1" if fit.lacks_all_musts else "0"
    return f"{late} {9999 - fit.score:04d} {asked_at.isoformat(timespec='microseconds')}", request_id


def shared_hours(zone: str, other_zone: str, now: datetime) -> int | None:
    """The hours of a day in which it is between 9:00 and 21:00 in both time zones; None when one is not known."""
    if zone not in time_zones() or other_zone not in time_zones():
        return None
    apart = abs(_offset(zone, now) - _offset(other_zone, now)).total_seconds() / 3600
    return int(WAKING_HOURS - min(apart, 24 - apart))


def is_away(away_until: datetime | None, now: datetime) -> bool:
    """Whether a mentor is away: they see no new requests and owe no word until then."""
    return away_until is not None and away_until > now


def free_seats(mentor: Mentor) -> int:
    """How many more mentees the mentor takes. A capacity lowered below what is taken leaves none."""
    return max(0, mentor.capacity - mentor.taken)


def standing(mentor: Mentor, now: datetime) -> MentorStanding:
    """What this mentor can be asked for now."""
    if mentor.state != MentorState.APPROVED:
        return MentorStanding(mentor.state)
    if is_away(mentor.away_until, now):
        return MentorStanding.AWAY
    return MentorStanding.AVAILABLE if free_seats(mentor) else MentorStanding.FULL


def is_open_again(pairing: Pairing, side: Side) -> bool:
    """Whether the mentee, who reads this, has their request back in the lists now that this pairing is over."""
    is_over = pairing.state != PairingState.ACTIVE
    return side is Side.MENTEE and is_over and pairing.request.state == RequestState.OPEN


def has_expired(request: Request, now: datetime) -> bool:
    """Whether nobody may claim this request any more, told so by the sweep or not yet."""
    return request.state == RequestState.EXPIRED or (request.state == RequestState.OPEN and request.expires_at <= now)


def is_open(request: Request, now: datetime) -> bool:
    """Whether a mentor may claim this request, held or not."""
    return request.state == RequestState.OPEN and request.expires_at > now


def holder(request: Request, now: datetime) -> int | None:
    """The mentor who looks at this request at the moment. A hold that has run out is none."""
    held = request.state == RequestState.OPEN and request.held_until is not None and request.held_until > now
    return request.held_by if held else None


def refuse_hold(request: Request, person_id: int, now: datetime) -> PortalError | None:
    """Why this mentor may not hold or claim this request now, saying what to do instead; None when they may."""
    if refusal := refuse_own_request(request.person_id, person_id):
        return refusal
    if request.state == RequestState.PAIRED:
        return Conflict(_("Another mentor has just claimed this request. Your list shows who else is waiting."))
    if request.state == RequestState.WITHDRAWN:
        return Conflict(_("The person who asked has withdrawn this request. Your list shows who else is waiting."))
    if has_expired(request, now):
        return Conflict(
            _("This request has expired. The person who asked can renew it; then it is in your list again.")
        )
    if request.held_until and holder(request, now) not in (None, person_id):
        until = exact(request.held_until)
        return Conflict(
            _("Another mentor is looking at this request, until %(until)s at most. Try again then.", until=until)
        )
    return None


def refuse_seat(mentor: Mentor) -> PortalError | None:
    """Why this mentor takes nobody at the moment; None when a seat is free."""
    if mentor.state != MentorState.APPROVED:
        return NotAllowed(_("Say first what you can help with: fill in the page for mentors."), code="offers_nothing")
    if not free_seats(mentor):
        return Conflict(_("All your seats are taken. Complete a pairing or raise your number of seats, then claim."))
    return None


def side_of(pairing: Pairing, person_id: int) -> Side | None:
    """Which side of a pairing somebody is; None for everybody else, who must not even know that it exists."""
    if person_id == pairing.mentor_id:
        return Side.MENTOR
    return Side.MENTEE if person_id == pairing.mentee_id else None


def clock_start(turn: str, turn_since: datetime, away_until: datetime | None) -> datetime:
    """When the clock of the present turn began to run: a mentor's does not run while they are away."""
    if turn == Side.MENTOR and away_until is not None:
        return max(turn_since, away_until)
    return turn_since


def due_nudge(waited: timedelta, nudged_days: int) -> int | None:
    """The reminder (after so many days) that the side which owes a word should get now, and has not got yet.

    A sweep that did not run for a week sends the one that fits today, not all it has missed.
    """
    due = [days for days in NUDGE_DAYS if timedelta(days=days) <= waited and days > nudged_days]
    return due[-1] if due else None


def has_timed_out(waited: timedelta, nudged_days: int, nudged_at: datetime | None, now: datetime) -> bool:
    """Whether the silence has ended the pairing. Never without the last reminder, and a week to answer it."""
    if waited < timedelta(days=TIME_OUT_DAYS) or nudged_days < NUDGE_DAYS[-1] or nudged_at is None:
        return False
    return now - nudged_at >= LAST_CALL


def median_wait(waits: Iterable[tuple[timedelta, bool]]) -> timedelta | None:
    """After how long half of the requests had found a mentor; None while fewer than half have.

    Each wait comes with whether it ended with a mentor. Those who still wait (or gave up) count for as long as they
    have waited, so that the answer does not look best when the queue is worst (Kaplan–Meier estimate).
    """
    ordered = sorted(waits, key=lambda wait: (wait[0], not wait[1]))
    left, still_waiting = len(ordered), 1.0
    for length, is_paired in ordered:
        if is_paired:
            still_waiting *= 1 - 1 / left
        if still_waiting <= 0.5:
            return length
        left -= 1
    return None


def _split(needed: frozenset[str], levels: Mapping[str, int]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    ordered = sorted(needed)
    return (
        tuple((skill, levels[skill]) for skill in ordered if skill in levels),
        tuple(skill for skill in ordered if skill not in levels),
    )


Part = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]


def _score(musts: Part, wants: Part, hours: int | None) -> int:
    first, second = (musts, wants) if any(musts) else (wants, musts)
    levels = [level for _skill, level in (*musts[0], *wants[0])]
    mean_level = sum(levels) / len(levels) if levels else 0
    known_hours = WAKING_HOURS / 2 if hours is None else hours
    parts = (
        FIRST * _share(first),
        SECOND * _share(second),
        LEVEL * mean_level / BEST_LEVEL,
        HOURS * known_hours / WAKING_HOURS,
    )
    return round(sum(parts))


def _share(part: Part) -> float:
    covered, missing = part
    return len(covered) / (len(covered) + len(missing)) if covered or missing else 1.0


def _offset(zone: str, now: datetime) -> timedelta:
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
