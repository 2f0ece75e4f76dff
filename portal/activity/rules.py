"""How the values of an event are kept (plain, with people by their id, so that nobody's name outlives them), and when
what happened is told by mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.activity.models import PAGE_LONGEST, Event
from portal.core.act_limits import ActLimit, ActSettings
from portal.core.i18n import time_zones
from portal.core.notices import Cadence
from portal.people.models import Person

WITHIN = timedelta(hours=1)
"""What a person may do so often is counted over this time."""
ONE_DAY = timedelta(days=1)
"""So long nobody gets another notice of an act that says the same."""
MORNING = time(8)
"""When the daily letter leaves, by the clock of its reader."""

EXCERPT = 1000
"""So many characters of what somebody wrote stand in a letter; the rest is behind its link."""
ELLIPSIS = "…"
IN_A_LINE = 160
"""So many characters of it stand beside a notice in a list."""
OWN_WORDS = ("said", "reason", "note", "thanks")
"""The values of events that hold what somebody typed."""

_PERSON = "person"
# What every letter and every notice knows by itself: a value may not take its place.
RESERVED = frozenset({"actor", "person", "site", "limits", "url", "letter_kind", "unsubscribe_url"})


def link(endpoint: str, **args: str | int) -> dict[str, object]:
    """Where a notice leads, as the value `link` of an event: the endpoint and its arguments."""
    return {"endpoint": endpoint, "args": args}


def page_of(endpoint: str, args: Mapping[str, Any]) -> str:
    """A page in one line, whatever its address looks like: notices and the page they lead to know each other by it."""
    shown = [f"{name}={value}" for name, value in sorted(args.items()) if not name.startswith("_")]
    return " ".join([endpoint, *shown])[:PAGE_LONGEST]


def linked_page(values: Mapping[str, Any]) -> str:
    """The page that an event with these values leads to; empty where it leads nowhere."""
    target = values.get("link")
    return page_of(target["endpoint"], target["args"]) if target else ""


def words_in(values: Mapping[str, Any]) -> str:
    """The beginning of what somebody typed beside what they did, in one line; empty where they typed nothing."""
    # Where there is a note, too, the reason was chosen from a list.
    names = [name for name in OWN_WORDS if name != "reason" or "note" not in values]
    written = next((str(values[name]) for name in names if values.get(name)), "")
    return excerpt(" ".join(written.split()), IN_A_LINE)


def without_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without what somebody typed; a reason that was chosen from a list stays."""
    is_chosen = "reason" in values and "note" in values
    kept = {key: value for key, value in values.items() if key not in OWN_WORDS or (is_chosen and key == "reason")}
    return {**kept, "note": ""} if is_chosen else kept


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """The values as they are stored: a person becomes their id, a date or a moment its ISO text.

    Raises ValueError for a value with a name that letters and notices use themselves.
    """
    if taken := RESERVED & values.keys():
        raise ValueError(f"every letter has a {', '.join(sorted(taken))} of its own: choose another name")
    return {key: _plain(value) for key, value in values.items()}


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of what somebody wrote, at most so many characters; where it is cut a … stands, between words."""
    text = text.strip()
    if len(text) <= length:
        return text
    cut = text[:length]
    whole_words = cut.rsplit(maxsplit=1)[0] if cut[-1:].strip() and text[length].strip() else cut
    # A word longer than the rest of it is cut where it is.
    return (whole_words if len(whole_words) > length // 2 else cut).rstrip() + ELLIPSIS


def people_in(values: Mapping[str, Any]) -> set[int]:
    """The ids of the people that stand in stored values."""
    return {value[_PERSON] for value in values.values() if _is_person(value)}


def named(values: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, object]:
    """Stored values as they are read: each person by the name they have now."""
    return {key: names[value[_PERSON]] if _is_person(value) else value for key, value in values.items()}


def due_at(cadence: Cadence, zone: str, now: datetime) -> datetime:
    """When a notice of this moment leaves by mail: now, or next morning in the reader's time zone (empty: UTC)."""
    return now if cadence is Cadence.NOW else next_morning(zone, now)


def next_morning(zone: str, now: datetime) -> datetime:
    """The first eight o'clock after this moment in a time zone; in UTC where the zone is empty or unknown."""
    time_zone = ZoneInfo(zone) if zone in time_zones() else UTC
    local = now.astimezone(time_zone)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    return datetime.combine(day, MORNING, time_zone).astimezone(UTC)


def id_of(person: Person) -> dict[str, int]:
    """A person as they stand in stored values."""
    return {_PERSON: person.id}


def _plain(value: object) -> object:
    if isinstance(value, Person):
        return id_of(value)
    return value.isoformat() if isinstance(value, date) else value


def _is_person(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_PERSON}


def most_acts(limit: ActLimit, settings: ActSettings, age: timedelta, *, has_power: bool) -> int:
    """How many acts of this kind a person may do within an hour whose account is so old."""
    an_hour = limit.an_hour or 0
    is_new = age < timedelta(days=settings.new_account_days) and not has_power
    most = an_hour if not is_new or limit.at_first is None else limit.at_first
    return max(most * (settings.times_with_role if has_power else 1) * settings.percent // 100, 1)


def wait_for_act(times: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """How long somebody must wait who did it at these times, the newest first, and may so often within an hour."""
    return times[most - 1] + WITHIN - now if len(times) >= most else timedelta(0)


def says_the_same(event: Event, earlier: Event, limit: ActLimit) -> bool:
    """Whether an act tells nothing new after an earlier one of the same person and verb, whatever words are with it."""
    is_same_thing = limit.is_anew or event.subject_id == earlier.subject_id
    same_kind = event.subject_kind == earlier.subject_kind
    return is_same_thing and same_kind and _without_words(event.values) == _without_words(earlier.values)


def _without_words(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key not in (*OWN_WORDS, "link")}
