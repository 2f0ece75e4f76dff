"""`portal tools import`: brings toolinfo records in, and says of each what was mended or why it was refused."""

from __future__ import annotations

from collections import Counter

import click

from portal.core.jobs import Portal
from portal.core.terminal import clear_progress, print_failure, print_note, print_success, show_progress
from portal.tools.fields import clean, quoted
from portal.tools.jobs import Listener, Outcome, Told, import_from
from portal.tools.storing import Fate

MOST_LINES = 500
"""How many records of one file or address are told singly; the sums count all."""


def run(portal: Portal, places: list[str]) -> bool:
    """Import these files and addresses and tell how each went. True when every record became a tool."""
    outcomes = []
    for outcome in import_from(portal, places, _Reporter()):
        outcomes.append(outcome)
        clear_progress()
        _sum_up(outcome)
    return all(outcome.is_whole for outcome in outcomes)


class _Reporter(Listener):
    """Tells of each record that was mended or refused, and on a terminal how far the import has come."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()

    def told(self, place: str, one: Told) -> None:
        self._lines[place] += 1
        if self._lines[place] > MOST_LINES + 1:
            return
        clear_progress()
        if self._lines[place] <= MOST_LINES:
            verb = "refused" if one.fate is Fate.REFUSED else "mended"
            print_note(clean(f"{one.name}: {verb}: {'; '.join(one.notes)}"))
        else:
            print_note(f"only the first {MOST_LINES} are told singly; the sums count all")

    def came(self, place: str, records: int) -> None:
        said = f"{records:,} records" if records else "reading"
        show_progress(f"{quoted(place)}: {said} …")


def _sum_up(outcome: Outcome) -> None:
    # What a stranger wrote is cleaned before it reaches a terminal.
    place = click.style(clean(outcome.place), bold=True)
    for said in outcome.notes:
        print_note(said)
    sums = [f"{number} {fate.value}" for fate, number in outcome.counts.items() if number]
    if outcome.mended:
        sums.append(f"{outcome.mended} of them mended")
    if outcome.problem:
        sums.append(clean(outcome.problem))
    said = f"{place}: {', '.join(sums) or 'nothing in it'}"
    (print_success if outcome.is_whole else print_failure)(said)
