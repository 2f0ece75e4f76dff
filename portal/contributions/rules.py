"""Whose turn a change is, since when and why; and who counts as a newcomer. The help page states the same in words.

The events of a change are walked in time order. Underneath lies the turn that people's doings gave; on top of it may
lie what holds the change with its author (failed checks, work in progress) and what ends all waiting (closed).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from portal.forges.shapes import ChangeState, EventKind, RemoteAccount, RemoteChange, RemoteEvent


class WaitingOn(StrEnum):
    """Who has to act next on a change."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    NOBODY = "nobody"


class Reason(StrEnum):
    """Why a change waits where it waits. A change that waits on nobody has none."""

    NO_RESPONSE = "no_response"
    NEW_PATCH_SET = "new_patch_set"
    AUTHOR_ANSWERED = "author_answered"
    POSITIVE_VOTE = "positive_vote"
    APPROVED = "approved"
    COMMENT = "comment"
    CHANGES_REQUESTED = "changes_requested"
    CHECKS_FAILED = "checks_failed"
    WORK_IN_PROGRESS = "work_in_progress"


SIDE_OF: dict[Reason, WaitingOn] = {
    Reason.NO_RESPONSE: WaitingOn.REVIEWER,
    Reason.NEW_PATCH_SET: WaitingOn.REVIEWER,
    Reason.AUTHOR_ANSWERED: WaitingOn.REVIEWER,
    Reason.POSITIVE_VOTE: WaitingOn.REVIEWER,
    Reason.APPROVED: WaitingOn.REVIEWER,
    Reason.COMMENT: WaitingOn.AUTHOR,
    Reason.CHANGES_REQUESTED: WaitingOn.AUTHOR,
    Reason.CHECKS_FAILED: WaitingOn.AUTHOR,
    Reason.WORK_IN_PROGRESS: WaitingOn.AUTHOR,
}
"""Every reason belongs to one side, so a reason can never contradict the side it is shown with."""


class WaitState(NamedTuple):
    """Where a change stands. `since` is when the present side began, `first_response_at` None while nobody answered."""

    waiting_on: WaitingOn
    since: datetime
    reason: Reason | None
    first_response_at: datetime | None


def wait_state_of(change: RemoteChange) -> WaitState:
    """Walk the events of a change in time order (those of one moment as they came) and say where it stands."""
    walk = _Walk(change)
    events = sorted(change.events, key=attrgetter("at"))
    head = _head_upload(events) if change.head_checks_failed else None
    if head == -1:
        walk.fail_checks(change.created_at)
    for index, event in enumerate(events):
        walk.take(event)
        if index == head:
            walk.fail_checks(event.at)
    walk.believe_the_server(change)
    return walk.standing()


def is_newcomer(merged_before: int, newcomer_until: int) -> bool:
    """Whether an author with that many changes merged before this one was created still counts as new."""
    return merged_before < newcomer_until


def newcomer_until(
    merges: list[datetime], asked_before: datetime | None, merged_before: int, limit: int
) -> datetime | None:
    """Until when an author was a newcomer: a change created later is not a newcomer's. None: still one.

    `merges` are the moments at which the author's changes were merged, as the portal has seen, in order.
    Where the records begin only at `asked_before`, the server said that `merged_before` were merged before that.
    """
    seen = merges[limit - 1 : limit]
    if asked_before is not None and merged_before >= limit:
        seen.append(asked_before)
    elif asked_before is not None:
        later = [moment for moment in merges if moment >= asked_before]
        seen += later[limit - merged_before - 1 : limit - merged_before]
    return min(seen, default=None)


def _head_upload(events: list[RemoteEvent]) -> int:
    """Where the newest patch set was uploaded; -1 where the server does not tell."""
    uploads = (index for index, event in enumerate(events) if event.kind is EventKind.UPLOAD)
    return max(uploads, default=-1)


def _begins_as_draft(change: RemoteChange) -> bool:
    """Servers tell when a change stops being a draft, but not that it began as one."""
    for event in change.events:
        if event.kind is EventKind.READY:
            return True
        if event.kind is EventKind.WORK_IN_PROGRESS:
            return False
    return change.work_in_progress


def _is_human(event: RemoteEvent) -> bool:
    return event.by is not None and not event.is_bot and not event.by.is_bot


_HEAD_PIPELINE = RemoteAccount(username="")
"""Stands for the pipeline of the newest patch set among those whose checks failed: no account has an empty name."""


class _Walk:
    """The state of a change between two of its events. `step` numbers the events: the higher, the later."""

    __slots__ = (
        "_author",
        "_closed",
        "_draft_step",
        "_failed",
        "_first_response_at",
        "_newest",
        "_side",
        "_since",
        "_step",
        "_turn",
        "_turn_step",
    )

    def __init__(self, change: RemoteChange) -> None:
        self._author = change.author.username
        self._step = 0
        self._turn, self._turn_step = Reason.NEW_PATCH_SET, 0
        self._draft_step: int | None = 0 if _begins_as_draft(change) else None
        self._failed: dict[str, int] = {}
        self._closed = False
        self._newest = 0
        self._first_response_at: datetime | None = None
        self._side = self._side_now()
        self._since = change.created_at

    def take(self, event: RemoteEvent) -> None:
        """Let one event count."""
        self._step += 1
        _STEPS[event.kind](self, event)
        if self._first_response_at is None and event.kind in _RESPONSES and _is_human(event):
            self._note_first_response(event)
        self._move(event.at)

    def fail_checks(self, at: datetime) -> None:
        """The pipeline of the newest patch set failed: with the author until there is a newer one."""
        self._step += 1
        self._failed[_HEAD_PIPELINE.username] = self._step
        self._move(at)

    def believe_the_server(self, change: RemoteChange) -> None:
        """What the server says of the present outranks a history with holes (an event it did not report)."""
        self._closed = change.state is not ChangeState.OPEN
        if change.work_in_progress != (self._draft_step is not None):
            self._step += 1
            self._draft_step = self._step if change.work_in_progress else None
        self._move(change.closed_at or change.updated_at if self._closed else change.updated_at)

    def standing(self) -> WaitState:
        """The answer, once every event has counted."""
        return WaitState(self._side, self._since, self._reason(), self._first_response_at)

    def _upload(self, event: RemoteEvent) -> None:
        self._newest = max(self._newest, event.patchset)
        self._failed.clear()
        self._give(Reason.NEW_PATCH_SET)

    def _restore(self, event: RemoteEvent) -> None:
        self._closed = False
        by_author = event.by is not None and event.by.username == self._author
        self._give(Reason.AUTHOR_ANSWERED if by_author else Reason.NEW_PATCH_SET)

    def _close(self, _event: RemoteEvent) -> None:
        self._closed = True

    def _start_draft(self, _event: RemoteEvent) -> None:
        self._draft_step = self._step

    def _end_draft(self, _event: RemoteEvent) -> None:
        self._draft_step = None

    def _word(self, event: RemoteEvent) -> None:
        if event.is_bot or (event.by is not None and event.by.is_bot):
            self._bots_word(event)
        elif event.by is not None:
            self._humans_word(event, event.by)

    def _bots_word(self, event: RemoteEvent) -> None:
        if event.patchset < self._newest:
            return
        bot = event.by.username if event.by else "?"
        values = event.votes.values()
        if values and min(values) < 0:
            self._failed[bot] = self._step
        elif values and max(values) > 0:
            self._failed.pop(bot, None)

    def _humans_word(self, event: RemoteEvent, by: RemoteAccount) -> None:
        values = event.votes.values()
        if by.username == self._author:
            self._give(Reason.AUTHOR_ANSWERED)
        elif values and min(values) < 0:
            self._give(Reason.CHANGES_REQUESTED)
        elif event.is_approval:
            self._give(Reason.APPROVED)
        else:
            self._give(Reason.POSITIVE_VOTE if values and max(values) > 0 else Reason.COMMENT)

    def _give(self, reason: Reason) -> None:
        self._turn, self._turn_step = reason, self._step

    def _note_first_response(self, event: RemoteEvent) -> None:
        by_author = event.by is not None and event.by.username == self._author
        self._first_response_at = None if by_author else event.at

    def _move(self, at: datetime) -> None:
        """Note a change of side. An event that leaves the side as it is does not move `since`."""
        side = self._side_now()
        if side is not self._side:
            self._side, self._since = side, at

    def _side_now(self) -> WaitingOn:
        if self._closed:
            return WaitingOn.NOBODY
        held = self._failed or self._draft_step is not None
        return WaitingOn.AUTHOR if held else SIDE_OF[self._turn]

    def _reason(self) -> Reason | None:
        """That of the latest event which put the change where it is now."""
        if self._side is WaitingOn.NOBODY:
            return None
        if self._side is WaitingOn.REVIEWER:
            return self._turn if self._first_response_at else Reason.NO_RESPONSE
        latest = [(step, Reason.CHECKS_FAILED) for step in self._failed.values()]
        if self._draft_step is not None:
            latest.append((self._draft_step, Reason.WORK_IN_PROGRESS))
        if SIDE_OF[self._turn] is WaitingOn.AUTHOR:
            latest.append((self._turn_step, self._turn))
        return max(latest)[1]


_RESPONSES = frozenset({EventKind.WORD, EventKind.MERGE, EventKind.ABANDON})
_STEPS = {
    EventKind.UPLOAD: _Walk._upload,
    EventKind.WORK_IN_PROGRESS: _Walk._start_draft,
    EventKind.READY: _Walk._end_draft,
    EventKind.MERGE: _Walk._close,
    EventKind.ABANDON: _Walk._close,
    EventKind.RESTORE: _Walk._restore,
    EventKind.WORD: _Walk._word,
}
