"""What the outside services tell us, in the portal's own words. Plain values: no I/O here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol


class ChangeState(StrEnum):
    """Where a change stands on its server."""

    OPEN = "open"
    MERGED = "merged"
    ABANDONED = "abandoned"


class EventKind(StrEnum):
    """What happened to a change. Whatever is none of these is not an event (topic set, reviewer added, …)."""

    UPLOAD = "upload"
    WORK_IN_PROGRESS = "work_in_progress"
    READY = "ready"
    MERGE = "merge"
    ABANDON = "abandon"
    RESTORE = "restore"
    WORD = "word"
    """A message, comment, vote or approval by anyone, a bot included (see `RemoteEvent.is_bot`)."""


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """Somebody on a source. `username` is never empty: the server's id stands in where it hides the name."""

    username: str
    name: str = ""
    is_bot: bool = False


class RemoteEvent(NamedTuple):
    """One thing that counts in the life of a change.

    `by` is None when the server does not say who. `votes` maps a label to a value: Gerrit's -2..+2; GitLab's approval
    is {"Approval": 1}, its request for changes {"Approval": -1}; 0 is a vote taken back. `is_bot` is true for whatever
    a bot account did, and for a word that an automation left in a person's name.
    """

    at: datetime
    kind: EventKind
    by: RemoteAccount | None
    patchset: int
    is_bot: bool = False
    votes: Mapping[str, int] = MappingProxyType({})
    is_approval: bool = False


class RemoteChange(NamedTuple):
    """A Gerrit change or a GitLab merge request as the server told it.

    `key` is unique within its source and never changes (Gerrit: the number; GitLab: "<project id>!<iid>").
    `events` are in time order, those of one moment as they happened. `head_checks_failed` is the state of the newest
    pipeline where known (GitLab), else None. `insertions` and `deletions` count lines, None where the server does not
    say. `change_id` is what stays with a commit when it moves elsewhere (Gerrit's "I1f2e…").
    """

    key: str
    number: int
    project: str
    url: str
    title: str
    author: RemoteAccount
    state: ChangeState
    created_at: datetime
    updated_at: datetime
    patchsets: int
    work_in_progress: bool
    events: tuple[RemoteEvent, ...] = ()
    insertions: int | None = None
    deletions: int | None = None
    head_checks_failed: bool | None = None
    closed_at: datetime | None = None
    change_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes as it came, and how far the walk has come (0.0 to 1.0, None where it cannot be told)."""

    changes: tuple[RemoteChange, ...]
    done: float | None = None


class ReviewSource(Protocol):
    """One Gerrit or GitLab server, as the portal reads it. Every method may raise `clients.errors.SourceError`."""

    def changes(self, *, since: datetime | None, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of changes updated at or after `since` (None: all that is visible), each change at least once.

        The pages come in no promised order: the newest `updated_at` of all is known only at the end. What moves during
        the walk is told again as it is then. `known` lets a source leave out what has not moved since it was stored.
        """
        ...

    def open_changes(self, *, before: datetime, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of open changes last updated before then.

        What moves during the walk may be missing from it: it belongs to `changes(since=before)` then.
        """
        ...

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        """How many changes of that author were merged before then, counted up to `at_most`."""
        ...

    def version(self) -> str:
        """The server's version, to see that it answers. Empty when it does not tell."""
        ...


class KnownChanges(Protocol):
    """What the portal has already stored of a source, asked page by page (one SQL statement a page)."""

    def updated_at(self, keys: list[str]) -> dict[str, datetime]:
        """When each of those changes was last updated, as stored; absent where unknown."""
        ...
