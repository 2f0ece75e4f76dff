"""Reading merge requests from a GitLab server over REST v4.

The lists themselves, and how to lose none of their rows, are in pages. Notes, approvals and pipelines are asked
for only where a merge request has moved since it was stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from portal.clients.errors import BadAnswer, Forbidden, Missing, TooLarge, Unauthorised
from portal.clients.http import HttpClient
from portal.clients.prefetch import prefetch_each
from portal.forges.connection import Connection
from portal.forges.gitlab.pages import API, MergeRequestPage, Param, Row, Window, list_of, next_window, rows_of, turned
from portal.forges.gitlab.parse import change_key, moment, parse_merge_request
from portal.forges.gitlab.settings import GitlabConfig
from portal.forges.shapes import ChangePage, KnownChanges, RemoteChange
from portal.forges.walks import CHANGE_SIZE, STALE_PAGES, leave_out, pages_from

_AT_ONCE = 4
"""Details are fetched for so many merge requests side by side: quick, and still polite."""
_DETAILED = 25
"""So many are handed on at once: a slow server takes minutes for the details of a whole page."""
_LARGEST_PAGE = 100
_MERGED_PAGES = 5
_NOTE_PAGES = 200
"""More than any discussion has: a server whose pages do not end would keep us for good."""


def connect(source: GitlabConfig, connection: Connection) -> GitlabSource:
    """A client for this source. Nothing is asked of the server yet. Raises Unauthorised without its token."""
    headers = {"PRIVATE-TOKEN": connection.secret(source.token_env)} if source.token_env else {}
    return GitlabSource(
        connection.http(source.url, headers=headers),
        projects=source.projects,
        groups=source.groups,
        bots=source.bots,
        page_size=source.page_size,
        signed_in=bool(headers),
    )


class GitlabSource:
    """One GitLab server: these projects and groups of it, or without any all that is visible."""

    def __init__(
        self,
        http: HttpClient,
        *,
        projects: Collection[str] = (),
        groups: Collection[str] = (),
        bots: Collection[str] = frozenset(),
        page_size: int = 100,
        signed_in: bool = False,
    ) -> None:
        self._http = http
        self._lists = [f"{API}/projects/{quote(name, safe='')}/merge_requests" for name in projects]
        self._lists += [f"{API}/groups/{quote(name, safe='')}/merge_requests" for name in groups]
        self._lists = self._lists or [f"{API}/merge_requests"]
        self._bots = frozenset(bots)
        self._page_size = min(page_size, _LARGEST_PAGE)
        self._signed_in = signed_in
        self._no_approvals: set[int] = set()

    def version(self) -> str:
        """What the server calls its version; it tells members only, so for others empty once it has answered."""
        try:
            answer = self._http.json(f"{API}/version")
        except (Unauthorised, Forbidden):
            if self._signed_in:
                raise
            self._fetch(Window(self._lists[0], 1))
            return ""
        return str(answer.get("version", "")) if isinstance(answer, dict) else ""

    def changes(self, *, since: datetime | None, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of merge requests, the longest untouched first, without those stored as they are."""
        after = None if since is None else since.isoformat()
        return self._lists_of(Window("", self._page_size, after), known)

    def open_changes(self, *, before: datetime, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """Pages of open merge requests that nobody touched since then, without those stored as they are."""
        last = (before - timedelta(milliseconds=1)).isoformat()
        return self._lists_of(Window("", self._page_size, before=last, open_only=True), known)

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        """How many merge requests of that author on the whole server were merged by then, counted up to `at_most`."""
        merged = 0
        params: list[Param] = [
            ("scope", "all"),
            ("state", "merged"),
            ("author_username", username),
            ("created_before", before.isoformat()),
            ("order_by", "created_at"),
            ("sort", "asc"),
            ("per_page", _LARGEST_PAGE),
        ]
        for _ in range(_MERGED_PAGES):
            response = self._http.get(f"{API}/merge_requests", params)
            rows = rows_of(response)
            merged += sum(1 for row in rows if row.get("merged_at") and moment(row["merged_at"]) < before)
            following = turned(response, params, "next")
            if merged >= at_most or following is None:
                break
            params = following
        return min(merged, at_most)

    def _lists_of(self, window: Window, known: KnownChanges | None) -> Iterator[ChangePage]:
        for index, path in enumerate(self._lists):
            for rows, share in self._walk(replace(window, path=path)):
                done = None if share is None else (index + share) / len(self._lists)
                for part in _parts(self._moved(rows, known)):
                    told = prefetch_each(self._detailed, part, _AT_ONCE)
                    yield ChangePage(tuple(change for change in told if change is not None), done)

    def _walk(self, window: Window) -> Iterator[tuple[list[Row], float | None]]:
        """Pages of one list without the rows that two neighbours share, and which part of it they make up."""
        seen: set[tuple[str, str]] = set()
        handed_on = stale = 0
        for listing in pages_from(window, self._fetch, next_window):
            stamps = {(change_key(row), row["updated_at"]) for row in listing.rows}
            fresh = [row for row in listing.rows if (change_key(row), row["updated_at"]) not in seen]
            seen |= stamps
            newest = max((stamp[1] for stamp in stamps), default="")
            seen = {stamp for stamp in seen if stamp[1] == newest or listing.is_within_one_moment}
            handed_on += len(fresh)
            stale = 0 if fresh else stale + 1
            if stale > STALE_PAGES:
                raise BadAnswer("its pages lead round in a circle")
            yield fresh, listing.share(handed_on)

    def _fetch(self, window: Window) -> MergeRequestPage:
        try:
            response = self._http.get(window.path, window.params())
        except TooLarge:
            if window.link is not None or window.page_size == 1:
                raise
            return self._fetch(replace(window, page_size=max(1, window.page_size // 4)))
        return MergeRequestPage(rows_of(response), response, window)

    def _moved(self, rows: list[Row], known: KnownChanges | None) -> list[Row]:
        stored = known.updated_at([change_key(row) for row in rows]) if known and rows else {}
        return [row for row in rows if stored.get(change_key(row)) != moment(row["updated_at"])]

    def _detailed(self, row: Row) -> RemoteChange | None:
        """The merge request with all that was said of it; None, and a line in the log, where that is too much."""
        try:
            return self._whole(row)
        except TooLarge:
            leave_out(str(row.get("web_url", "")), change_key(row))
            return None

    def _whole(self, row: Row) -> RemoteChange:
        path = f"{API}/projects/{row['project_id']}/merge_requests/{row['iid']}"
        is_open = row.get("state") in {"opened", "locked"}
        notes = self._notes(path)
        approvals = self._approvals(path, row["project_id"]) if is_open else None
        pipeline = self._pipeline(path) if is_open else None
        try:
            return parse_merge_request(row, notes=notes, approvals=approvals, pipeline=pipeline, bots=self._bots)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            raise BadAnswer(f"merge request {change_key(row)}: {error!r}"[:200]) from error

    def _notes(self, path: str) -> list[Row]:
        notes: list[Row] = []
        left = CHANGE_SIZE
        page: list[Param] = [("sort", "asc"), ("order_by", "created_at"), ("per_page", _LARGEST_PAGE)]
        for _ in range(_NOTE_PAGES):
            try:
                response = self._http.get(f"{path}/notes", page, size=left)
            except (Missing, Forbidden):
                if notes:
                    raise  # Half of a discussion would be stored as if it were the whole.
                return notes
            notes += list_of(response)
            left = max(1, left - len(response.body))
            following = turned(response, page, "next")
            if following is None:
                return notes
            page = following
        raise BadAnswer("its pages of notes do not end")

    def _approvals(self, path: str, project: int) -> Row | None:
        """Who approves it; None where the server's edition or our rights do not let us know."""
        if project in self._no_approvals:
            return None
        try:
            answer = self._http.json(f"{path}/approvals", size=CHANGE_SIZE)
        except (Missing, Forbidden, Unauthorised):
            self._no_approvals.add(project)
            return None
        return answer if isinstance(answer, dict) else None

    def _pipeline(self, path: str) -> Row | None:
        """The newest pipeline, which only the merge request by itself tells."""
        try:
            answer = self._http.json(path, size=CHANGE_SIZE)
        except (Missing, Forbidden):
            return None
        pipeline = answer.get("head_pipeline") or answer.get("pipeline") if isinstance(answer, dict) else None
        return pipeline if isinstance(pipeline, dict) else None


def _parts(rows: list[Row]) -> list[list[Row]]:
    """The rows of a page in the portions in which they are handed on; one empty portion where there are none."""
    return [rows[start : start + _DETAILED] for start in range(0, len(rows), _DETAILED)] or [[]]
