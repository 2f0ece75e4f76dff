"""Importing toolinfo records, from files and from the web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from portal.clients.errors import SourceError
from portal.core import clock
from portal.core.jobs import Portal
from portal.tools import queries, reading, toolinfo
from portal.tools.fields import quoted
from portal.tools.reading import MOST_BYTES, Entry, Unreadable
from portal.tools.storing import Fate, store
from portal.tools.toolinfo import Refused, SoundRecord

BATCH = 200
MOST_LISTED = 1000
"""How many addresses of one crawler list are read."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one record: its name or its number, and what was mended, or why it was refused."""

    name: str
    fate: Fate
    notes: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What came of one file or address. `problem` tells why nothing could be read there."""

    place: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    counts: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))
    mended: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every record there became a tool."""
        return not self.problem and not self.counts[Fate.REFUSED]


class Listener:
    """Hears how an import goes, while it goes. This one keeps it to itself."""

    def told(self, place: str, one: Told) -> None:
        """A record of this file or address was mended or refused."""

    def came(self, place: str, records: int) -> None:
        """So many records of it are dealt with."""


def import_from(portal: Portal, places: list[str], listener: Listener) -> Iterator[Outcome]:
    """Import every file and address, one after the other.

    A list of addresses, as crawlers keep it, is followed one step. Of records with the same name in one run the first
    counts. What was imported before a failure stays.
    """
    seen: set[str] = set()
    for place in places:
        listed: list[str] = []
        yield _import_one(portal, place, seen, listed, listener)
        for address in listed:
            yield _import_one(portal, address, seen, None, listener)
    with portal.unit_of_work() as session:
        queries.count_terms(session)


def is_address(place: str) -> bool:
    """Whether this names something on the web, not a file."""
    return "://" in place


def _import_one(portal: Portal, place: str, seen: set[str], listed: list[str] | None, listener: Listener) -> Outcome:
    outcome = Outcome(place)
    listener.came(place, 0)
    try:
        text, outcome.notes = reading.text_of(_read(portal, place))
        told = _sorted_out(reading.entries(text), seen, listed, outcome)
        while batch := list(islice(told, BATCH)):
            _settle(portal, place, batch, outcome, listener)
    except Unreadable as error:
        outcome.problem = str(error)
    except SourceError as error:
        outcome.problem = f"it could not be fetched: {error}"
    except OSError as error:
        outcome.problem = f"it could not be read: {error.strerror or error}"
    return outcome


def _read(portal: Portal, place: str) -> bytes:
    if is_address(place):
        body: bytes = portal.clients.web.get(place).body
        return body
    with Path(place).open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _sorted_out(
    entries: Iterator[Entry], seen: set[str], listed: list[str] | None, outcome: Outcome
) -> Iterator[SoundRecord | Told]:
    """Each entry as a sound record, or told as refused; addresses go to `listed`."""
    for entry in entries:
        if isinstance(entry.value, str) and listed is not None and is_address(entry.value):
            if len(listed) < MOST_LISTED:
                listed.append(entry.value)
            elif len(listed) == MOST_LISTED and not outcome.problem:
                outcome.problem = f"only the first {MOST_LISTED} addresses of a list are read; split it"
            continue
        yield _judged(entry, seen)


def _judged(entry: Entry, seen: set[str]) -> SoundRecord | Told:
    try:
        if entry.problem:
            raise Refused(entry.problem, entry.name)
        one = toolinfo.sound(entry.value)
        if one.name in seen:
            raise Refused("another record of this name came before it; names must differ", one.name)
    except Refused as refusal:
        name = quoted(refusal.name) if refusal.name else f"entry {entry.number}"
        return Told(name, Fate.REFUSED, (str(refusal),))
    seen.add(one.name)
    return one


def _settle(portal: Portal, place: str, batch: list[SoundRecord | Told], outcome: Outcome, listener: Listener) -> None:
    """Store a batch in one unit of work; then count it, and tell of what is worth telling."""
    sound = [one for one in batch if isinstance(one, SoundRecord)]
    with portal.unit_of_work() as session:
        fates = iter(store(session, sound, _origin(place), clock.now()))
    for one in batch:
        told = one if isinstance(one, Told) else Told(one.name, next(fates), tuple(one.mended))
        outcome.counts[told.fate] += 1
        outcome.mended += told.fate is not Fate.REFUSED and bool(told.notes)
        if told.notes:
            listener.told(place, told)
    listener.came(place, sum(outcome.counts.values()))


def _origin(place: str) -> str:
    # Of a file only its name: where it lies on this machine is nobody's business.
    return place if is_address(place) else Path(place).name
