"""`portal sync`: pulls changes now, with a progress bar on a terminal."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from portal.contributions.jobs import SyncResult, sync
from portal.contributions.models import SyncOutcome
from portal.core.jobs import Portal
from portal.core.terminal import is_terminal, print_failure, print_note, print_success

BAR_STEPS = 1000


def run(portal: Portal, slugs: Sequence[str], *, full: bool, as_json: bool) -> bool:
    """Sync these sources one after the other and tell how each went. True when every one went well."""
    if not slugs and not as_json:
        print_note("No source is configured: add [[sources]] to the settings. config.example.toml shows how.")
    results = [_sync_one(portal, slug, full=full, quiet=as_json) for slug in slugs]
    if as_json:
        rows = [dataclasses.asdict(result) | {"said": result.sentence} for result in results]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    return all(result.outcome is SyncOutcome.DONE for result in results)


def _sync_one(portal: Portal, slug: str, *, full: bool, quiet: bool) -> SyncResult:
    with _bar(slug, shown=not quiet and is_terminal()) as bar:
        (result,) = sync(portal, [slug], full=full, progress=bar.update)
    if not quiet:
        _report(result)
    return result


def _report(result: SyncResult) -> None:
    if result.outcome is SyncOutcome.DONE:
        print_success(
            f"{result.slug}: {result.changes} changes on {result.pages} pages, {result.new_changes} of them new"
        )
    elif result.outcome is SyncOutcome.RUNNING:
        print_failure(f"{result.slug}: somebody else is syncing it right now; try again in a minute")
    else:
        said = f" ({result.detail})" if result.detail else ""
        print_failure(f"{result.slug}: {result.sentence} The last data stands.{said}")


class _Bar:
    """Shows how far the walk has come, where the source can tell, and how many changes came so far."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def update(self, _slug: str, changes: int, done: float | None) -> None:
        """The source tells that it came this far (0 to 1)."""
        if self._bar:
            self._bar.update(max(0, int((done or 0) * BAR_STEPS) - self._bar.pos), changes)


@contextmanager
def _bar(slug: str, *, shown: bool) -> Iterator[_Bar]:
    if not shown:
        yield _Bar(None)
        return
    shown_bar: Any = click.progressbar(
        length=BAR_STEPS, label=slug, show_eta=False, item_show_func=lambda changes: f"{changes or 0} changes"
    )
    with shown_bar as bar:
        yield _Bar(bar)
