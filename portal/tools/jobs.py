"""Importing toolinfo records, from files and from the web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from portal.clients.errors import SourceError
from portal.core import clock
from portal.core.jobs import Portal
from portal.tools import reading, toolinfo
from portal.tools.fields import quoted
from portal.tools.queries import term_counts
from portal.tools.reading import MOST_BYTES, ToolinfoEntry, UnreadableFile
from portal.tools.storing import ImportOutcome, StoredRecord, store_records
from portal.tools.toolinfo import NormalisedRecord, RecordRefused

BATCH = 200
MOST_LISTED = 1000
"""How many addresses of one crawler list are read."""


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """What became of one record: its name or its number, and what was mended, or why it was refused."""

    name: str
    outcome: ImportOutcome
    notes: tuple[str, ...] = ()


@dataclass
class ImportResult:
    """What came of one file or address. `problem` tells why nothing could be read there."""

    location: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    counts: dict[ImportOutcome, int] = field(default_factory=lambda: dict.fromkeys(ImportOutcome, 0))
    mended: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every record there became a tool."""
        return not self.problem and not self.counts[ImportOutcome.REFUSED]


class ImportProgress:
    """Hears how an import goes, while it goes. This one keeps it to itself."""

    def record_told(self, location: str, record: ImportedRecord) -> None:
        """A record of this file or address was mended or refused."""

    def advanced(self, location: str, records: int) -> None:
        """So many records of it are dealt with."""


def import_toolinfo(
    portal: Portal, locations: list[str], progress: ImportProgress, *, take_over: bool = False
) -> Iterator[ImportResult]:
    """Import every file and address, one after the other.

    A list of addresses, as crawlers keep it, is followed one step. Of records with the same name in one run the first
    counts. What was imported before a failure stays. A tool that came from another file or address is refused, unless
    it is to be taken over.
    """
    seen: set[str] = set()
    for location in locations:
        listed: list[str] = []
        yield _import_one(portal, location, seen, listed, progress, take_over)
        for address in listed:
            yield _import_one(portal, address, seen, None, progress, take_over)
    with portal.unit_of_work() as session:
        term_counts.count_terms(session)


def is_address(location: str) -> bool:
    """Whether this names something on the web, not a file."""
    return "://" in location


def _import_one(
    portal: Portal,
    location: str,
    seen: set[str],
    listed: list[str] | None,
    progress: ImportProgress,
    take_over: bool,
) -> ImportResult:
    result = ImportResult(location)
    progress.advanced(location, 0)
    try:
        text, result.notes = reading.text_of(_read(portal, location))
        records = _normalised(reading.entries(text), seen, listed, result)
        while batch := list(islice(records, BATCH)):
            _store_batch(portal, location, batch, result, progress, take_over)
    except UnreadableFile as error:
        result.problem = str(error)
    except SourceError as error:
        result.problem = f"it could not be fetched: {error}"
    except OSError as error:
        result.problem = f"it could not be read: {error.strerror or error}"
    return result


def _read(portal: Portal, location: str) -> bytes:
    if is_address(location):
        body: bytes = portal.clients.web.get(location).body
        return body
    with Path(location).open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _normalised(
    entries: Iterator[ToolinfoEntry], seen: set[str], listed: list[str] | None, result: ImportResult
) -> Iterator[NormalisedRecord | ImportedRecord]:
    """Each entry as a sound record, or told as refused; addresses go to `tools_page`."""
    for entry in entries:
        if isinstance(entry.value, str) and listed is not None and is_address(entry.value):
            if len(listed) < MOST_LISTED:
                listed.append(entry.value)
            elif len(listed) == MOST_LISTED and not result.problem:
                result.problem = f"only the first {MOST_LISTED} addresses of a list are read; split it"
            continue
        yield _normalise_entry(entry, seen)


def _normalise_entry(entry: ToolinfoEntry, seen: set[str]) -> NormalisedRecord | ImportedRecord:
    try:
        if entry.problem:
            raise RecordRefused(entry.problem, entry.name)
        record = toolinfo.normalise(entry.value)
        if record.name in seen:
            raise RecordRefused("another record of this name came before it; names must differ", record.name)
    except RecordRefused as refusal:
        name = quoted(refusal.name) if refusal.name else f"entry {entry.number}"
        return ImportedRecord(name, ImportOutcome.REFUSED, (str(refusal),))
    seen.add(record.name)
    return record


def _store_batch(
    portal: Portal,
    location: str,
    batch: list[NormalisedRecord | ImportedRecord],
    result: ImportResult,
    progress: ImportProgress,
    take_over: bool,
) -> None:
    """Store a batch in one unit of work; then count it, and tell of what is worth telling."""
    accepted = [record for record in batch if isinstance(record, NormalisedRecord)]
    with portal.unit_of_work() as session:
        stored = iter(store_records(session, accepted, _origin(location), clock.now(), take_over=take_over))
    for item in batch:
        imported = item if isinstance(item, ImportedRecord) else _imported(item, next(stored))
        result.counts[imported.outcome] += 1
        result.mended += imported.outcome is not ImportOutcome.REFUSED and bool(imported.notes)
        if imported.notes:
            progress.record_told(location, imported)
    progress.advanced(location, sum(result.counts.values()))


def _imported(record: NormalisedRecord, stored: StoredRecord) -> ImportedRecord:
    notes = tuple(record.mended)
    if stored.other_origin:
        other = quoted(stored.other_origin)
        notes = (f"this tool came from {other}, which keeps it; --take-over has it come from here from now on",)
    return ImportedRecord(record.name, stored.outcome, notes)


def _origin(location: str) -> str:
    # Of a file only its name: where it lies on this machine is nobody's business.
    return location if is_address(location) else Path(location).name
