"""A GitLab that knows what the portal asks of one: lists by last update, paging by Link, notes, approvals, tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from tests.fakes.server import FakeServer, Reply, Request

Json = dict[str, Any]

_LIST = re.compile(r"/api/v4/(?:(projects|groups)/([^/]+)/)?merge_requests")
_ONE = re.compile(r"/api/v4/projects/([^/]+)/merge_requests/(\d+)(?:/(notes|approvals))?")
_COUNTED = 10_000


class FakeGitlab(FakeServer):
    """Fill it with `add_merge_request` or `add_raw`; move what is there with `say`, `merge`, `touch`.

    With `tokens`, everything but public reading wants one of them. `free_edition` hides approvals; `moved` maps an old
    project path to the new one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.merge_requests: dict[tuple[int, int], Json] = {}
        self.notes: dict[tuple[int, int], list[Json]] = {}
        self.approvals: dict[tuple[int, int], list[Json]] = {}
        self.pipelines: dict[tuple[int, int], Json] = {}
        self.tokens: set[str] = set()
        self.is_private = False
        self.free_edition = False
        self.paging_headers = True
        self.moved: dict[str, str] = {}
        self.version = "18.5.0"
        self.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
        self._projects: dict[str, int] = {}
        self._note_id = 0

    def user(self, username: str, **more: Any) -> Json:
        """A user as GitLab names one beside everything they did."""
        number = sum(username.encode()) * 7
        return {"id": number, "username": username, "name": username.title(), "state": "active", **more}

    def add_merge_request(
        self,
        iid: int,
        *,
        project: str = "group/tool",
        title: str = "Mend the thing",
        author: str = "nora",
        created: datetime | None = None,
        updated: datetime | None = None,
        state: str = "opened",
        draft: bool = False,
        **more: Any,
    ) -> Json:
        """A merge request as the lists tell it."""
        created = created or updated or self._tick()
        number = self._projects.setdefault(project, 100 + len(self._projects))
        return self.add_raw(
            {
                "id": number * 1000 + iid,
                "iid": iid,
                "project_id": number,
                "title": title,
                "state": state,
                "created_at": stamp(created),
                "updated_at": stamp(updated or created),
                "draft": draft,
                "author": self.user(author),
                "references": {"short": f"!{iid}", "relative": f"!{iid}", "full": f"{project}!{iid}"},
                "web_url": f"{self.url}/{project}/-/merge_requests/{iid}",
                **more,
            }
        )

    def add_raw(self, merge_request: Json) -> Json:
        """A recorded merge request as it is."""
        self.merge_requests[_key(merge_request)] = merge_request
        return merge_request

    def say(
        self,
        merge_request: Json,
        body: str,
        *,
        by: str | None = "rita",
        at: datetime | None = None,
        system: bool = False,
        **more: Any,
    ) -> None:
        """Add a note; the merge request moves to the end of the list."""
        at = at or self._tick()
        self._note_id += 1
        note = {"id": self._note_id, "body": body, "system": system, "created_at": stamp(at), **more}
        note["author"] = self.user(by) if by else None
        self.notes.setdefault(_key(merge_request), []).append(note)
        self.touch(merge_request, at=at)

    def notice(self, merge_request: Json, body: str, *, by: str | None = "nora", at: datetime | None = None) -> None:
        """Add a system note."""
        self.say(merge_request, body, by=by, at=at, system=True)

    def touch(self, merge_request: Json, *, at: datetime | None = None) -> None:
        """The merge request moves to the end of the list."""
        merge_request["updated_at"] = stamp(at or self._tick())

    def merge(self, merge_request: Json, *, by: str = "rita") -> None:
        """The merge request is merged now."""
        self.notice(merge_request, "merged", by=by)
        merge_request |= {"state": "merged", "merged_at": merge_request["updated_at"], "merge_user": self.user(by)}

    def answer(self, request: Request) -> Reply:
        """The API, as far as the portal knows it."""
        token = request.headers.get("PRIVATE-TOKEN")
        if (token or self.is_private) and token not in self.tokens:
            return _json({"message": "401 Unauthorized"}, 401)
        if request.path == "/api/v4/version":
            return _json({"version": self.version, "revision": "abc"}) if token else _json({"message": "401"}, 401)
        if match := _ONE.fullmatch(request.path):
            return self._one(request, unquote(match[1]), int(match[2]), match[3])
        if match := _LIST.fullmatch(request.path):
            return self._list(request, match[1], unquote(match[2] or ""))
        return _json({"error": "404 Not Found"}, 404)

    def _list(self, request: Request, kind: str | None, name: str) -> Reply:
        if name in self.moved:
            return self._sent_on(request, name)
        known = {_project(row) for row in self.merge_requests.values()}
        if kind == "projects" and name not in known:
            return _json({"message": "404 Project Not Found"}, 404)
        rows = [row for row in self.merge_requests.values() if _belongs(row, kind, name) and _matches(row, request)]
        order = request.one("order_by", "created_at")
        rows.sort(key=lambda row: (row[order], row["id"]), reverse=request.one("sort", "desc") == "desc")
        if kind is None and request.one("scope", "created_by_me") != "all":
            rows = []
        return self._paged(request, rows)

    def _one(self, request: Request, project: str, iid: int, part: str | None) -> Reply:
        key = (int(project) if project.isdecimal() else self._projects.get(project, 0), iid)
        if key not in self.merge_requests or (part == "approvals" and self.free_edition):
            return _json({"message": "404 Not found"}, 404)
        if part == "notes":
            return self._paged(request, self.notes.get(key, []))
        if part == "approvals":
            return _json({"approved_by": self.approvals.get(key, [])})
        return _json(self.merge_requests[key] | {"head_pipeline": self.pipelines.get(key)})

    def _paged(self, request: Request, rows: list[Json]) -> Reply:
        size = min(int(request.one("per_page", "20")), 100)
        page = int(request.one("page", "1"))
        pages = max(1, -(-len(rows) // size))
        return _json(rows[(page - 1) * size : page * size], headers=self._paging(request, page, pages, len(rows)))

    def _paging(self, request: Request, page: int, pages: int, total: int) -> dict[str, str]:
        if not self.paging_headers:
            return {}
        neighbours = {"prev": page - 1, "next": page + 1, "first": 1, "last": pages}
        links = {rel: number for rel, number in neighbours.items() if 1 <= number <= pages}
        headers = {"X-Page": str(page), "X-Next-Page": str(links.get("next", ""))}
        if total <= _COUNTED:
            headers |= {"X-Total": str(total), "X-Total-Pages": str(pages)}
        else:
            links.pop("last", None)
        return headers | {"Link": ", ".join(f'<{self._address(request, n)}>; rel="{rel}"' for rel, n in links.items())}

    def _address(self, request: Request, page: int) -> str:
        """An absolute address as the server knows itself, which need not be how we reach it."""
        params = [*(param for param in request.params if param[0] != "page"), ("page", page)]
        return f"https://gitlab.internal{request.path}?{urlencode(params)}"

    def _sent_on(self, request: Request, name: str) -> Reply:
        path = request.path.replace(name.replace("/", "%2F"), self.moved[name].replace("/", "%2F"))
        return Reply(301, b"", {"Location": f"{self.url}{path}?{urlencode(request.params)}"})

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def stamp(moment: datetime) -> str:
    """A time as GitLab writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(merge_request: Json) -> tuple[int, int]:
    return merge_request["project_id"], merge_request["iid"]


def _project(row: Json) -> str:
    return str(row["references"]["full"]).partition("!")[0]


def _belongs(row: Json, kind: str | None, name: str) -> bool:
    if kind is None:
        return True
    return _project(row) == name if kind == "projects" else _project(row).startswith(f"{name}/")


def _matches(row: Json, request: Request) -> bool:
    wanted = request.one("state", "all")
    after, until = request.one("updated_after"), request.one("updated_before")
    before = request.one("created_before")
    author = request.one("author_username")
    tests: Iterable[bool] = (
        wanted in ("all", row["state"]),
        not after or datetime.fromisoformat(row["updated_at"]) >= datetime.fromisoformat(after),
        not until or datetime.fromisoformat(row["updated_at"]) <= datetime.fromisoformat(until),
        not before or datetime.fromisoformat(row["created_at"]) <= datetime.fromisoformat(before),
        not author or row["author"]["username"] == author,
    )
    return all(tests)


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | (headers or {}))
