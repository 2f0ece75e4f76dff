"""The JSON API of one's own notices: /api/v1/me/notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import url_for
from pydantic import BaseModel, ConfigDict, Field
from spectree import Tag
from werkzeug.routing import BuildError

from portal.activity import actions, queries
from portal.activity.queries import ShownNotice
from portal.activity.sentences import sentence
from portal.core import clock
from portal.core.api import ListQuery, example, make_blueprint, token_operation
from portal.core.api_access import ApiScope, caller
from portal.core.i18n import lazy
from portal.core.web import absolute, db, portal

blueprint = make_blueprint("activity")
MINE = Tag(name="Mine", description="What concerns the person whose token it is.")
NOTICES_READ = ApiScope("notices:read", lazy("Read your notices"))
NOTICES_WRITE = ApiScope("notices:write", lazy("Mark your notices as read"))
MOST_AT_ONCE = 200
NOTICE = {
    "id": 71,
    "at": "2026-11-20T08:30:00Z",
    "kind": "answers",
    "text": "Maria Maker takes your request",
    "url": "https://portal.example.org/mentoring/pairings/12",
    "is_read": False,
}


class NoticeItem(BaseModel):
    """Something that the person was told."""

    model_config = example(NOTICE)

    id: int
    at: datetime
    kind: str = Field(description="What people choose by which notices come by mail, such as answers or decisions.")
    text: str = Field(description="What happened, in a sentence.")
    url: str | None = Field(description="Where it leads; null where it leads nowhere.")
    is_read: bool


class NoticeList(BaseModel):
    """A page of notices, and where the next one begins."""

    model_config = example({"items": [NOTICE], "next": None})

    items: list[NoticeItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class ReadNotices(BaseModel):
    """Which notices are read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": [71]}]}, defer_build=True)

    ids: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class NoticesRead(BaseModel):
    """How things stand now."""

    model_config = example({"unread": 3})

    unread: int = Field(description="How many notices of the person are not read.")


@blueprint.get("/me/notices")
@token_operation("listMyNotices", NoticeList, MINE, NOTICES_READ)
def notices(query: ListQuery) -> Any:
    """List your notices

    Unread ones first, then the newest. To ask for them marks none as read.
    """
    page = queries.notices_of(db(), caller().person.id, query.cursor or "", query.limit)
    return NoticeList(items=[_item(notice) for notice in page.rows], next=page.next_cursor)


@blueprint.post("/me/notices/read")
@token_operation("readMyNotices", NoticesRead, MINE, NOTICES_WRITE, ReadNotices)
def read_notices(json: ReadNotices) -> Any:
    """Mark notices as read

    Those that are read already, and numbers that are none of yours, are passed over: it can be sent again.
    """
    person = caller().person
    actions.read_notices(db(), person.id, json.ids, clock.now())
    return NoticesRead(unread=queries.unread_count(db(), person.id))


def _item(notice: ShownNotice) -> NoticeItem:
    url = _url(notice.values.get("link"))
    return NoticeItem(
        id=notice.id,
        at=notice.at,
        kind=portal().features.notices[notice.verb].slug,
        text=sentence(portal(), notice, caller().person, url or ""),
        url=url,
        is_read=notice.is_read,
    )


def _url(link: Any) -> str | None:
    try:
        return absolute(url_for(link["endpoint"], **link["args"])) if link else None
    except BuildError:
        return None  # The page it led to is gone in this version of the portal.
