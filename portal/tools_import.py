"""`portal tools import`: brings toolinfo records in, and says of each what was mended or why it was refused."""

from __future__ import annotations

import click

from portal.core.jobs import Portal
from portal.core.terminal import bad, good, note
from portal.tools.fields import clean
from portal.tools.jobs import Outcome, Told, import_from
from portal.tools.storing import Fate

MOST_LINES = 500
"""How many records of one file or address are told singly; the sums count all."""


def run(portal: Portal, places: list[str]) -> bool:
    """Import these files and addresses and tell how each went. True when every record became a tool."""
    told: dict[str, int] = {}

    def tell(place: str, one: Told) -> None:
        told[place] = told.get(place, 0) + 1
        if told[place] <= MOST_LINES:
            verb = "refused" if one.fate is Fate.REFUSED else "mended"
            note(clean(f"{one.name}: {verb}: {'; '.join(one.notes)}"))
        elif told[place] == MOST_LINES + 1:
            note(f"only the first {MOST_LINES} are told singly; the sums count all")

    outcomes = []
    for outcome in import_from(portal, places, tell):
        outcomes.append(outcome)
        _sum_up(outcome)
    return all(outcome.is_whole for outcome in outcomes)


def _sum_up(outcome: Outcome) -> None:
    # What a stranger wrote is cleaned before it reaches a terminal.
    place = click.style(clean(outcome.place), bold=True)
    for said in outcome.notes:
        note(said)
    sums = [f"{number} {fate.value}" for fate, number in outcome.counts.items() if number]
    if outcome.mended:
        sums.append(f"{outcome.mended} of them mended")
    if outcome.problem:
        sums.append(clean(outcome.problem))
    said = f"{place}: {', '.join(sums) or 'nothing in it'}"
    (good if outcome.is_whole else bad)(said)
