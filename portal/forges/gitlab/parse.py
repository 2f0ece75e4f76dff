"""A GitLab merge request with its notes and approvals, in the portal's words.

GitLab tells the life of a merge request in notes. Those it writes itself ("system notes") say what a person did, in
English whatever the person's language is; every other note is somebody's word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from portal.forges.shapes import ChangeState, EventKind, RemoteAccount, RemoteChange, RemoteEvent

Json = Mapping[str, Any]

APPROVAL = "Approval"
"""The one label GitLab has."""

_STATES = {"merged": ChangeState.MERGED, "closed": ChangeState.ABANDONED}
_NOTICE = re.compile(
    r"(?:Status changed to )?(?:(?P<merge>merged)(?: manually)?\W*$|(?P<abandon>closed\b)|(?P<restore>reopened\b))"
    r"|(?P<upload>[Aa]dded \d+ (?:new )?commits?\b)"
    r"|(?P<ready>unmarked (?:this merge request )?as (?:a )?\*\*(?:draft|Work In Progress)\*\*"
    r"|marked this merge request as \*\*ready\*\*)"
    r"|(?P<work_in_progress>marked (?:this merge request )?as (?:a )?\*\*(?:draft|Work In Progress)\*\*)"
    r"|(?P<word>approved this merge request|unapproved this merge request|requested changes)",
    re.IGNORECASE,
)
_VOTES = {"approved this merge request": 1, "unapproved this merge request": 0, "requested changes": -1}
_TOKEN_BOT = re.compile(r"(?:project|group)_\d+_bot(?:\d+|_[0-9a-f]+)?|service_account_\w+")
_WHEN = attrgetter("at")


def change_key(raw: Json) -> str:
    """What names a merge request within its server for good."""
    return f"{raw['project_id']}!{raw['iid']}"


def moment(text: str) -> datetime:
    """GitLab's "2019-08-20T12:01:49.849Z"; some servers write their own time zone."""
    return datetime.fromisoformat(text).astimezone(UTC)


def parse_merge_request(
    raw: Json,
    *,
    notes: Iterable[Json] = (),
    approvals: Json | None = None,
    pipeline: Json | None = None,
    bots: Collection[str] = frozenset(),
) -> RemoteChange:
    """Read a merge request as GitLab lists it, with its notes; approvals and head pipeline where they are known.

    `bots` are usernames to be taken for bots beside those that GitLab marks or names as such. Raises KeyError,
    TypeError or ValueError when something that every GitLab sends is absent or is something else.
    """
    author = _account(raw["author"], bots)
    state = _STATES.get(raw["state"], ChangeState.OPEN)
    history = _MergeRequestHistory(moment(raw["created_at"]), author, bots)
    for note in notes:
        history.take(note)
    history.approve(approvals or {}, moment(raw["updated_at"]))
    closed_at = history.close(raw, state)
    return RemoteChange(
        key=change_key(raw),
        number=raw["iid"],
        project=_project(raw),
        url=raw["web_url"],
        title=raw["title"],
        author=author,
        state=state,
        created_at=moment(raw["created_at"]),
        updated_at=moment(raw["updated_at"]),
        patchsets=history.patchset,
        work_in_progress=bool(raw.get("draft", raw.get("work_in_progress", False))),
        events=tuple(sorted(history.events, key=_WHEN)),
        head_checks_failed=None if pipeline is None else pipeline.get("status") == "failed",
        closed_at=closed_at,
    )


class _MergeRequestHistory:
    """The events of a merge request, gathered note by note. Each push counts as a patch set."""

    __slots__ = ("_bots", "events", "patchset")

    def __init__(self, created_at: datetime, author: RemoteAccount, bots: Collection[str]) -> None:
        self._bots = bots
        self.patchset = 1
        self.events = [RemoteEvent(created_at, EventKind.UPLOAD, author, 1, author.is_bot)]

    def take(self, note: Json) -> None:
        """Let one note count, unless it is for members alone: who may not read it cannot wait on it."""
        if note.get("internal") or note.get("confidential"):
            return
        at = moment(note["created_at"])
        by = _account(note["author"], self._bots) if note.get("author") else None
        if not note.get("system"):
            self._add(EventKind.WORD, at, by)
            return
        match = _NOTICE.match(note["body"])
        if match is None or match.lastgroup is None:
            return
        kind = EventKind(match.lastgroup)
        self.patchset += kind is EventKind.UPLOAD
        vote = _VOTES[match[0].lower()] if kind is EventKind.WORD else None
        self._add(kind, at, by, vote)

    def approve(self, approvals: Json, updated_at: datetime) -> None:
        """Add the approvals that no note tells of; without a time of their own they count at the latest change."""
        standing = {
            event.by.username: event.votes[APPROVAL] for event in self.events if event.by and APPROVAL in event.votes
        }
        for approval in approvals.get("approved_by", ()):
            by = _account(approval["user"], self._bots)
            if standing.get(by.username) != 1:
                at = moment(approval["approved_at"]) if approval.get("approved_at") else updated_at
                self._add(EventKind.WORD, at, by, 1)

    def close(self, raw: Json, state: ChangeState) -> datetime | None:
        """When it was closed, None while it is open. Adds the closing where no note tells of it."""
        if state is ChangeState.OPEN:
            return None
        kind, field = (EventKind.MERGE, "merged") if state is ChangeState.MERGED else (EventKind.ABANDON, "closed")
        closed_at = max((event.at for event in self.events if event.kind is kind), default=None)
        at = moment(raw.get(f"{field}_at") or raw["updated_at"])
        if closed_at is None:
            who = raw.get(f"{field}_by") or (raw.get("merge_user") if state is ChangeState.MERGED else None)
            self._add(kind, at, _account(who, self._bots) if who else None)
        return closed_at or at

    def _add(self, kind: EventKind, at: datetime, by: RemoteAccount | None, vote: int | None = None) -> None:
        votes = {} if vote is None else {APPROVAL: vote}
        is_bot = by is not None and by.is_bot
        self.events.append(RemoteEvent(at, kind, by, self.patchset, is_bot, votes, vote == 1))


def _account(raw: Json, bots: Collection[str]) -> RemoteAccount:
    username = raw.get("username") or str(raw["id"])
    is_bot = bool(raw.get("bot")) or username in bots or _TOKEN_BOT.fullmatch(username) is not None
    return RemoteAccount(username, raw.get("name") or "", is_bot)


def _project(raw: Json) -> str:
    """The project's path: "group/tool" of "group/tool!12"; older servers tell it in the address alone."""
    full = (raw.get("references") or {}).get("full", "")
    if "!" in full:
        return str(full.rpartition("!")[0])
    path = raw["web_url"].partition("://")[2].partition("/")[2]
    return str(path.partition("/-/")[0].partition("/merge_requests/")[0]) or str(raw["project_id"])
