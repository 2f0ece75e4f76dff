"""Stand-ins for review servers, behind the same door as the real ones but without a network."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.clients.errors import SourceError
from portal.forges.shapes import ChangePage, ChangeState, EventKind, RemoteAccount, RemoteChange, RemoteEvent

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANA = RemoteAccount("ana", "Ana")
REX = RemoteAccount("rex", "Rex")

TWO_SOURCES = """
[[sources]]
slug = "gerrit"
kind = "gerrit"
name = "Gerrit"
url = "http://127.0.0.1:1"

[[sources]]
slug = "gitlab"
kind = "gitlab"
name = "GitLab"
url = "http://127.0.0.1:2"
"""


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def change(number: int = 1, *, author: RemoteAccount = ANA, days: float = 3, **values: Any) -> RemoteChange:
    """An open change, uploaded so many days ago."""
    created = values.pop("created_at", days_ago(days))
    events = values.pop("events", (RemoteEvent(created, EventKind.UPLOAD, author, 1),))
    known: dict[str, Any] = {
        "key": str(number),
        "number": number,
        "project": "tools/wiki",
        "url": f"http://gerrit.test/c/{number}",
        "title": f"Change {number}",
        "author": author,
        "state": ChangeState.OPEN,
        "created_at": created,
        "updated_at": max(event.at for event in events),
        "patchsets": 1,
        "work_in_progress": False,
        "events": events,
    }
    return RemoteChange(**{**known, **values})


def merged(number: int, *, author: RemoteAccount = ANA, created: float, closed: float) -> RemoteChange:
    """A change created and merged so many days ago."""
    events = (
        RemoteEvent(days_ago(created), EventKind.UPLOAD, author, 1),
        RemoteEvent(days_ago(closed), EventKind.MERGE, REX, 1),
    )
    state, at = ChangeState.MERGED, days_ago(closed)
    return change(number, author=author, days=created, events=events, state=state, closed_at=at)


def commented(number: int, *, days: float, answered: float, by: RemoteAccount = REX, **values: Any) -> RemoteChange:
    """An open change on which somebody said something."""
    events = (
        RemoteEvent(days_ago(days), EventKind.UPLOAD, ANA, 1),
        RemoteEvent(days_ago(answered), EventKind.WORD, by, 1, by.is_bot),
    )
    return change(number, days=days, events=events, **values)


class StandInSource:
    """A server that answers from memory, in pages of `size`, and remembers what it was asked."""

    def __init__(self, *changes: RemoteChange, size: int = 2) -> None:
        self.all = list(changes)
        self.size = size
        self.error: Exception | None = None
        self.fails_after = 0
        self.asked: list[tuple[datetime | None, bool]] = []
        self.asked_of: list[tuple[str, datetime]] = []
        self.merged: dict[str, list[datetime]] = {}

    def changes(self, *, since: datetime | None, known: Any = None) -> Iterator[ChangePage]:
        self.asked.append((since, False))
        return self._pages(lambda one: since is None or one.updated_at >= since)

    def open_changes(self, *, before: datetime, known: Any = None) -> Iterator[ChangePage]:
        self.asked.append((before, True))
        return self._pages(lambda one: one.updated_at < before and one.state is ChangeState.OPEN)

    def _pages(self, wanted: Callable[[RemoteChange], bool]) -> Iterator[ChangePage]:
        rows = [one for one in self.all if wanted(one)]
        rows.sort(key=lambda one: one.updated_at, reverse=True)
        for page in itertools.count():
            if self.error and page >= self.fails_after:
                raise self.error
            part = rows[page * self.size : (page + 1) * self.size]
            yield ChangePage(tuple(part), None)
            if (page + 1) * self.size >= len(rows):
                return

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        self.asked_of.append((username, before))
        if self.error:
            raise self.error
        return min(at_most, sum(moment < before for moment in self.merged.get(username, [])))

    def version(self) -> str:
        return "3.13.5"


class StandInClients:
    """The outside world of a site under test."""

    def __init__(self, **sources: StandInSource) -> None:
        self.sources = sources

    def source(self, config: Any) -> StandInSource:
        return self.sources[config.slug]


def fail(source: StandInSource, error: SourceError, after: int = 0) -> None:
    """From now on this server breaks down after so many pages."""
    source.error, source.fails_after = error, after
