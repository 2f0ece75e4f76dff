"""Reading changes from a Gerrit server (3.9 and newer) over REST.

Gerrit lists changes by last update, newest first, and knows no other order. A change touched while we page jumps to
the front, so offsets would skip rows. We walk by time instead: each page asks for what was last updated up to the
moment the page before ended with. What was touched meanwhile is fetched by a second, short walk from where the first
one began.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.clients.errors import BadAnswer, TooLarge
from portal.clients.http import HttpClient
from portal.forges.connection import Connection
from portal.forges.gerrit.parse import parse_change
from portal.forges.gerrit.settings import GerritConfig
from portal.forges.shapes import ChangePage, KnownChanges, RemoteChange
from portal.forges.walks import CHANGE_SIZE, STALE_PAGES, leave_out, pages_from

Row = dict[str, Any]

_OPTIONS = ("DETAILED_ACCOUNTS", "MESSAGES", "ALL_REVISIONS")
"""Who, what was said, and who uploaded when. Measured on 3.13 with 100 changes a page: ALL_REVISIONS adds a tenth to
the time; labels would add as much again, and old votes are in the messages alone."""
_WHOLE: list[tuple[str, str | int]] = [("o", option) for option in _OPTIONS]
_LEFT_OUT = "_left_out"
_RESTARTS = 20
_ANY_STATUS = "(status:open OR status:closed)"
_STATUS = re.compile(r"-?\b(?:status:\w+|is:(?:open|closed|new|pending|merged|abandoned)\b)", re.IGNORECASE)


def connect(source: GerritConfig, connection: Connection) -> GerritSource:
    """A client for this source. Nothing is asked of the server yet. Raises Unauthorised without its credentials."""
    basic = None
    if source.username_env:
        basic = (connection.secret(source.username_env), connection.secret(source.password_env))
    return GerritSource(
        connection.http(source.url, basic=basic),
        url=source.url,
        query=source.query,
        bots=source.bots,
        page_size=source.page_size,
        signed_in=basic is not None,
    )


class GerritSource:
    """One Gerrit server. `query` limits what is read."""

    def __init__(
        self,
        http: HttpClient,
        *,
        url: str,
        query: str = "",
        bots: Collection[str] = frozenset(),
        page_size: int = 100,
        signed_in: bool = False,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._query = query.strip()
        self._bots = frozenset(bots)
        self._page_size = max(2, page_size)  # a page of one could not overlap with the next
        self._prefix = "/a" if signed_in else ""

    def version(self) -> str:
        """What the server calls its version; test builds say "(dev)"."""
        answer = self._http.json(f"{self._prefix}/config/server/version")
        return answer if isinstance(answer, str) else ""

    def changes(self, *, since: datetime | None, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of changes, newest first, then those touched during the walk. Private changes are left out."""
        window = _Window(after=None if since is None else _lower(_text(since)))
        handed_on: list[Row] = []
        while True:
            pages, newest, latest = 0, None, []
            for rows, done in self._walk(window, since):
                pages += 1
                newest = newest or (rows[0]["updated"] if rows else None)
                latest += [_itself(row) for row in rows if row["updated"] == newest]
                yield self._page([row for row in rows if not handed_on or _itself(row) not in handed_on], done)
            if pages <= 1 or newest is None or _lower(newest) == window.after:
                return
            # The second walk begins with the rows with which this one began. They are told again only if something
            # happened to them within the same second.
            window, since, handed_on = _Window(after=_lower(newest)), None, latest

    def open_changes(self, *, before: datetime, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of open changes that nobody touched since then, newest first. Private changes are left out."""
        last = _text(before - timedelta(milliseconds=1))
        for rows, _done in self._walk(_Window(before=_lower(last), open_only=True), None):
            yield self._page(rows, None)

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        """How many changes of that owner were merged until then, at most `at_most`. Needs Gerrit 3.4."""
        owner = username.replace('"', "")
        query = f'owner:"{owner}" status:merged mergedbefore:"{_lower(_text(before))}"'
        rows = self._rows([("q", query), ("n", at_most)])
        return min(len(rows), at_most)

    def _walk(self, window: _Window, since: datetime | None) -> Iterator[tuple[list[Row], float | None]]:
        """Pages without the rows that two neighbouring pages share, and how far back in time we are."""
        seen: set[tuple[int, str]] = set()
        newest, stale = None, 0
        for rows in pages_from(window, self._fetch, _next_window):
            fresh = [row for row in rows if (row["_number"], row["updated"]) not in seen]
            newest = newest or (rows[0]["updated"] if rows else None)
            oldest = rows[-1]["updated"] if rows else ""
            seen.update((row["_number"], row["updated"]) for row in rows)
            seen = {row for row in seen if row[1] == oldest}
            stale = 0 if fresh else stale + 1
            if stale > STALE_PAGES:
                raise BadAnswer("its pages lead round in a circle")
            yield fresh, _done(newest, oldest, since)

    def _fetch(self, window: _Window) -> list[Row]:
        params: list[tuple[str, str | int]] = [("q", window.query(self._query)), ("n", self._page_size)]
        if window.skip:
            params.append(("S", window.skip))
        try:
            return self._rows(params + _WHOLE)
        except TooLarge:
            # What is listed is small; each change is then asked for by itself, so that one stops no other.
            return [self._one(row) for row in self._rows(params)]

    def _one(self, listed: Row) -> Row:
        """A change of a page that is too large as a whole; without what was said of it where it is too large itself."""
        try:
            rows = self._rows([("q", f"change:{listed['_number']}"), ("n", 1), *_WHOLE], CHANGE_SIZE)
        except TooLarge:
            leave_out(self._url, str(listed["_number"]))
            return listed | {_LEFT_OUT: True}
        # What moved meanwhile comes in its turn, as it is then.
        whole = next((row for row in rows if row["updated"] == listed["updated"]), listed | {_LEFT_OUT: True})
        return whole | {key: listed[key] for key in ("_more_changes",) if key in listed}

    def _rows(self, params: list[tuple[str, str | int]], size: int = 0) -> list[Row]:
        rows = self._http.json(f"{self._prefix}/changes/", params, size=size)
        if isinstance(rows, list) and all(_is_change(row) for row in rows):
            return rows
        raise BadAnswer("not a list of changes")

    def _page(self, rows: list[Row], done: float | None) -> ChangePage:
        return ChangePage(tuple(self._parse(row) for row in rows if not _is_hidden(row)), done)

    def _parse(self, row: Row) -> RemoteChange:
        try:
            return parse_change(row, base_url=self._url, bots=self._bots)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            raise BadAnswer(f"change {row['_number']}: {error!r}"[:200]) from error


@dataclass(frozen=True, slots=True)
class _Window:
    """One page to ask for: changes last updated from `after` to `before`, both included, without the first `skip`."""

    after: str | None = None
    before: str | None = None
    open_only: bool = False
    skip: int = 0
    last_seen: int | None = None
    restarts: int = 0

    def query(self, limits: str) -> str:
        """In Gerrit's words. With no term at all it would answer open changes alone."""
        if self.after:
            # Whoever asks only for open changes still has to hear of those that were closed since.
            limits = _STATUS.sub(_ANY_STATUS, limits)
        terms = [f"({limits})"] if limits else []
        terms += ["status:open"] if self.open_only else []
        terms += [f'after:"{self.after}"'] if self.after else []
        terms += [f'before:"{self.before}"'] if self.before else []
        return " ".join(terms) or _ANY_STATUS


def _next_window(window: _Window, rows: list[Row]) -> _Window | None:
    """The page after this one, None at the end."""
    if window.last_seen is not None and (not rows or rows[0]["_number"] != window.last_seen):
        return _begin_again(window)
    if not rows or not rows[-1].get("_more_changes"):
        return None
    before = _upper(rows[-1]["updated"])
    if window.before is None or before < window.before:
        return replace(window, before=before, skip=0, last_seen=None)
    if before > window.before:
        raise BadAnswer("it does not heed before: in the query")
    return _within_one_moment(window, rows)


def _within_one_moment(window: _Window, rows: list[Row]) -> _Window:
    """All of a page has one time: step on inside it, overlapping by a row to see whether the pages held still."""
    if len(rows) == 1:
        return replace(window, skip=window.skip + 1, last_seen=None)
    return replace(window, skip=window.skip + len(rows) - 1, last_seen=rows[-1]["_number"])


def _begin_again(window: _Window) -> _Window:
    """The row we left off at is not there: changes have moved away and others slipped past us."""
    if window.restarts >= _RESTARTS:
        raise BadAnswer("its pages do not hold still")
    return replace(window, skip=0, last_seen=None, restarts=window.restarts + 1)


def _is_hidden(row: Row) -> bool:
    return bool(row.get("is_private") or row.get(_LEFT_OUT))


def _itself(row: Row) -> Row:
    """The change without what is said of its page."""
    return {key: value for key, value in row.items() if key != "_more_changes"}


def _is_change(row: object) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("_number"), int)
        and isinstance(row.get("updated"), str)
        and len(row["updated"]) >= 19
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _lower(updated: str) -> str:
    """The moment for `after:`, cut to the milliseconds that Gerrit's queries know."""
    return updated[:23]


def _upper(updated: str) -> str:
    """The moment for `before:`, never earlier than the row itself."""
    if not updated[23:].strip("0"):
        return updated[:23]
    later = datetime.fromisoformat(updated[:23]) + timedelta(milliseconds=1)
    return later.strftime("%Y-%m-%d %H:%M:%S.%f")[:23]


def _done(newest: str | None, oldest: str, since: datetime | None) -> float | None:
    """How much of the time from now back to `since` is walked; Gerrit never says how many changes there are."""
    if since is None or not newest or not oldest:
        return None
    start, reached = (datetime.fromisoformat(text[:19] + "+00:00") for text in (newest, oldest))
    whole = (start - since).total_seconds()
    return 1.0 if whole <= 0 else min(1.0, (start - reached).total_seconds() / whole)
