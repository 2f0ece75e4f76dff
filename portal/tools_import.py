"""`portal tools import`: brings toolinfo records in, and says of each what was mended or why it was refused."""

from __future__ import annotations

from collections import Counter

import click

from portal.core.jobs import Portal
from portal.core.terminal import clear_progress, print_failure, print_note, print_success, show_progress
from portal.tools.fields import cleaned_text, quoted
from portal.tools.jobs import ImportedRecord, ImportProgress, ImportResult, import_toolinfo
from portal.tools.storing import ImportOutcome

MOST_LINES = 500
"""How many records of one file or address are told singly; the sums count all."""


def run(portal: Portal, locations: list[str], *, take_over: bool = False) -> bool:
    """Import these files and addresses and tell how each went. True when every record became a tool."""
    results = []
    for result in import_toolinfo(portal, locations, _TerminalProgress(), take_over=take_over):
        results.append(result)
        clear_progress()
        _sum_up(result)
    return all(result.is_complete for result in results)


class _TerminalProgress(ImportProgress):
    """Tells of each record that was mended or refused, and on a terminal how far the import has come."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()

    def record_told(self, location: str, record: ImportedRecord) -> None:
        self._lines[location] += 1
        if self._lines[location] > MOST_LINES + 1:
            return
        clear_progress()
        if self._lines[location] <= MOST_LINES:
            verb = "refused" if record.outcome is ImportOutcome.REFUSED else "mended"
            print_note(cleaned_text(f"{record.name}: {verb}: {'; '.join(record.notes)}"))
        else:
            print_note(f"only the first {MOST_LINES} are told singly; the sums count all")

    def advanced(self, location: str, records: int) -> None:
        count = f"{records:,} records" if records else "reading"
        show_progress(f"{quoted(location)}: {count} …")


def _sum_up(result: ImportResult) -> None:
    # What a stranger wrote is cleaned before it reaches a terminal.
    location = click.style(cleaned_text(result.location), bold=True)
    for line in result.notes:
        print_note(line)
    sums = [f"{number} {outcome.value}" for outcome, number in result.counts.items() if number]
    if result.mended:
        sums.append(f"{result.mended} of them mended")
    if result.problem:
        sums.append(cleaned_text(result.problem))
    line = f"{location}: {', '.join(sums) or 'nothing in it'}"
    (print_success if result.is_complete else print_failure)(line)
