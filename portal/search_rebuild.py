"""`portal search rebuild`: everything that is stored is indexed again now, with a progress bar on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from portal.core.indexing import index_next
from portal.core.jobs import Portal
from portal.core.reindexing import RebuildProgress, begin_rebuild, findable, rebuild_progress
from portal.core.terminal import is_terminal, print_failure, print_note, print_success

PAUSE_SECONDS = 0.2


def run(portal: Portal) -> bool:
    """Index everything again and tell what is found then. True when all went well."""
    with portal.unit_of_work() as session:
        under_way = begin_rebuild(session)
    if under_way:
        print_note(f"Goes on with what was begun before: {', '.join(under_way)}.")
    try:
        is_done = _work(portal)
    except KeyboardInterrupt:
        print_note("Stopped. The worker goes on with it; or run the command again.")
        return False
    if not is_done:
        print_failure("Something could not be indexed and is tried again later. The log says why: not indexed")
        return False
    with portal.database.session(read_only=True) as session:
        for kind, count in findable(session).items():
            print_success(f"{kind}: {count} can be found")
    return True


def _work(portal: Portal) -> bool:
    """Index until nothing is left: True; or until what is left has failed: False."""
    with _bar(_progress(portal)) as bar:
        while not (progress := _progress(portal)).is_finished:
            bar.update(max(0, progress.done - bar.pos))
            if not index_next(portal):
                if progress.is_stuck and not progress.somebody_else:
                    return False
                time.sleep(PAUSE_SECONDS)
        bar.update(max(0, bar.length - bar.pos))
    return True


def _progress(portal: Portal) -> RebuildProgress:
    with portal.database.session(read_only=True) as session:
        return rebuild_progress(session)


@contextmanager
def _bar(progress: RebuildProgress) -> Iterator[Any]:
    length, hidden = max(progress.total, 1), not is_terminal()
    shown: Any = click.progressbar(length=length, label="Search", hidden=hidden)
    with shown as bar:
        yield bar
