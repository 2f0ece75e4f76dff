"""The lists of a GitLab server, page by page, without losing a row that moves meanwhile.

Merge requests are listed by last update, oldest first. One that is touched while we page moves to the end, and the next
page would skip the row that takes its place. So we walk by time: always page 1, from the moment the page before ended
with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from portal.clients.errors import BadAnswer
from portal.clients.responses import HttpResponse
from portal.forges.gitlab.parse import change_key, moment

Row = dict[str, Any]
Param = tuple[str, str | int]
Way = Literal["next", "prev"]

API = "/api/v4"
_NUMBERED = {"next": "X-Next-Page", "prev": "X-Prev-Page"}


def turned(response: HttpResponse, params: list[Param], way: Way) -> list[Param] | None:
    """The query of the next or previous page as the Link header names it, None where there is no such page.

    Only the query is taken from the link: which host we talk to is ours to choose. Behind a proxy that swallows the
    link, X-Next-Page tells the number.
    """
    url = response.links().get(way)
    if url is not None:
        return list(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    number = response.headers.get(_NUMBERED[way], "")
    return [*(param for param in params if param[0] != "page"), ("page", number)] if number else None


def list_of(response: HttpResponse) -> list[Row]:
    """A JSON list of objects. Raises BadAnswer."""
    rows = response.json()
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise BadAnswer("not a list")


def rows_of(response: HttpResponse) -> list[Row]:
    """A list of merge requests that can be told apart. Raises BadAnswer."""
    rows = list_of(response)
    try:
        for row in rows:
            change_key(row), moment(row["updated_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("not a list of merge requests") from error
    return rows


@dataclass(frozen=True, slots=True)
class Window:
    """One page to ask for: page 1 from `after` on, or inside one moment the page that a link led to.

    When one moment fills whole pages we go forth through them and back again. What is touched meanwhile leaves for a
    later moment and moves the others towards the front, so that nothing can slip past on the way back.
    """

    path: str
    page_size: int
    after: str | None = None
    before: str | None = None
    open_only: bool = False
    link: tuple[Param, ...] | None = None
    way: Literal["on", "forth", "back"] = "on"

    def params(self) -> list[Param]:
        """The query of this page."""
        if self.link is not None:
            return list(self.link)
        params: list[Param] = [("scope", "all")] if self.path == f"{API}/merge_requests" else []
        params += [("non_archived", "true")] if "/groups/" in self.path else []
        params += [("state", "opened" if self.open_only else "all"), ("order_by", "updated_at"), ("sort", "asc")]
        params += [("updated_after", self.after)] if self.after else []
        params += [("updated_before", self.before)] if self.before else []
        return [*params, ("per_page", self.page_size)]


@dataclass(frozen=True, slots=True)
class MergeRequestPage:
    """A page as it came."""

    rows: list[Row]
    response: HttpResponse
    window: Window

    @property
    def has_more(self) -> bool:
        """Whether there is a page after this one, also where a proxy swallows the paging headers."""
        if turned(self.response, [], "next") is not None:
            return True
        tells = "Link" in self.response.headers or "X-Next-Page" in self.response.headers
        return not tells and len(self.rows) >= self.window.page_size

    @property
    def is_within_one_moment(self) -> bool:
        """Whether this page was reached by links."""
        return self.window.way != "on"

    def share(self, handed_on: int) -> float | None:
        """Which part of the list has been told by now; None where the server does not count (above 10,000 rows)."""
        total = self.response.headers.get("X-Total", "")
        if not total.isdecimal() or self.is_within_one_moment:
            return None
        whole = handed_on + max(0, int(total) - len(self.rows))
        return 1.0 if whole == 0 else handed_on / whole


def next_window(window: Window, page: MergeRequestPage) -> Window | None:
    """The page after this one, None at the end."""
    if page.is_within_one_moment and not page.rows:
        # So many have left this moment that the page is gone, and others have slipped past us: once more from page 1.
        return replace(window, way="on", link=None)
    if window.way == "forth":
        return _further_forth(window, page)
    if window.way == "back":
        return _further_back(window, page)
    if not page.has_more or not page.rows:
        return None
    first, last = page.rows[0]["updated_at"], page.rows[-1]["updated_at"]
    if window.after is not None and moment(first) < _whole(window.after):
        raise BadAnswer("it does not heed updated_after")
    if window.after is None or moment(last) != moment(window.after):
        return replace(window, after=last)
    return replace(window, way="forth", link=_must_turn(page, "next"))


def _further_forth(window: Window, page: MergeRequestPage) -> Window:
    fills_the_page = bool(page.rows) and moment(page.rows[-1]["updated_at"]) == moment(window.after or "")
    if fills_the_page and page.has_more:
        return replace(window, link=_must_turn(page, "next"))
    return replace(window, way="back", link=_must_turn(page, "prev"))


def _further_back(window: Window, page: MergeRequestPage) -> Window:
    link = turned(page.response, window.params(), "prev")
    if link is not None:
        return replace(window, link=tuple(link))
    later = moment(window.after or "") + timedelta(milliseconds=1)
    return replace(window, way="on", link=None, after=later.isoformat())


def _whole(text: str) -> datetime:
    """A moment cut to the milliseconds that GitLab writes."""
    at = moment(text)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _must_turn(page: MergeRequestPage, way: Way) -> tuple[Param, ...]:
    params = turned(page.response, page.window.params(), way)
    if params is None:
        raise BadAnswer("it does not link its pages")
    return tuple(params)
