"""`make bench`: ratios taken in one run, each with its bound. Ends with 1 when one is over. Names choose some."""

from __future__ import annotations

import sys

from tests.bench import dashboard, queue, search, start, sync

WORKS = {
    "storing": sync.storing,
    "waiting": sync.waiting,
    "memory": sync.memory,
    "unchanged": sync.unchanged,
    "queue": queue.pages,
    "search": search.pages,
    "dashboard": dashboard.against_hello,
    "start": start.against_bare_python,
}


def main(names: list[str]) -> int:
    """Measure, print, and say whether all is within its bounds."""
    fine = True
    for name in names or list(WORKS):
        for measure in WORKS[name]():
            sys.stdout.write(f"{measure}\n")
            sys.stdout.flush()
            fine = fine and measure.ok
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
