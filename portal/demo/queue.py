"""The demo's review queue: recorded changes, read by the real parser and stored by the real sync."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contributions.actions import begin_sync, fail_sync
from portal.contributions.jobs import sync_source
from portal.contributions.models import Source
from portal.core.config import SourceConfig
from portal.core.jobs import Portal
from portal.demo.recorded import BOTS, changes_as_of
from portal.forges.gerrit.parse import parse_change
from portal.forges.gerrit.settings import GerritConfig
from portal.forges.shapes import ChangePage, KnownChanges, RemoteChange

PAGE = 500
BEFORE = timedelta(hours=3)
# Nobody answers at this address, and no change of the recording links there: it stands in for the real server.
ADDRESS = "http://127.0.0.1"
SOURCE = GerritConfig(slug="recorded", name="Recorded Gerrit", url=ADDRESS)


class RecordedGerrit:
    """A Gerrit whose answers were recorded: what `forges.gerrit` reads from a server, this reads from a file."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def changes(self, *, since: datetime | None, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Every recorded change, page by page."""
        parsed = (_without_link(parse_change(raw, base_url=ADDRESS, bots=BOTS)) for raw in changes_as_of(self._now))
        while page := tuple(islice(parsed, PAGE)):
            yield ChangePage(page)

    def open_changes(self, *, before: datetime, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """None by themselves: the recording is told whole."""
        yield from ()

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        """Nothing was merged before the recording begins."""
        return 0

    def version(self) -> str:
        """The Gerrit of those days."""
        return "2.3"


class RecordedClients:
    """The clients of a site whose only source is the recording."""

    def __init__(self, now: datetime) -> None:
        self._gerrit = RecordedGerrit(now)

    def source(self, _config: SourceConfig) -> RecordedGerrit:
        """The recording, whatever is asked for."""
        return self._gerrit


def load(portal: Portal, now: datetime) -> str:
    """Store the recording as a source of its own; tells how much there was."""
    with portal.unit_of_work() as session:
        _make_source(session, now)
    result = sync_source(dataclasses.replace(portal, clients=RecordedClients(now)), SOURCE, full=True)
    return f"{result.changes} recorded changes of a real Gerrit, moved in time"


def _make_source(session: Session, now: datetime) -> None:
    # A load that was stopped half-way leaves its source behind, perhaps still leased: this one goes on from there.
    source = session.scalar(select(Source).where(Source.slug == SOURCE.slug))
    if source is None:
        source = Source(slug=SOURCE.slug, kind=SOURCE.kind, name=SOURCE.label, url="", due_at=now)
        session.add(source)
    session.flush()
    _fail_once(session, source, now - BEFORE)
    session.refresh(source)
    source.due_at, source.lease, source.leased_until = now + timedelta(days=36500), None, None


def _fail_once(session: Session, source: Source, at: datetime) -> None:
    """Servers are silent at times: the list of syncs shows what that looks like."""
    sync, soon = begin_sync(session, source.id, True, at), timedelta(minutes=5)
    fail_sync(session, sync, "timeout", "", every=soon, retry_after=soon, now=at + timedelta(seconds=30))


def _without_link(change: RemoteChange) -> RemoteChange:
    # The people of the recording are pseudonymous and stay so: nothing leads to the server where they have names.
    return change._replace(url="")
