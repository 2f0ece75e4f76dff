"""The JSON API of the review queue: /api/v1/changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from spectree import Tag

from portal.contributions import queries as contributions
from portal.contributions.models import Change, Source
from portal.contributions.rules import Reason, WaitingOn
from portal.core import openapi
from portal.core.access import anyone, guard
from portal.core.api import ListQuery, Text, example, make_blueprint, operation
from portal.core.web import db
from portal.forges.forge import FORGE_KINDS
from portal.forges.shapes import ChangeState
from portal.reviews import queries

blueprint = make_blueprint("reviews")
CHANGES = Tag(name="Changes", description="The review queue: Gerrit changes and GitLab merge requests.")
AUTHOR = {"username": "leila", "name": "Leila", "is_bot": False}
CHANGE = {
    "source": "gerrit",
    "kind": "gerrit",
    "project": "tools/mapper",
    "number": 1042,
    "url": "https://gerrit.example.org/c/tools/mapper/+/1042",
    "title": "Draw rivers below roads",
    "state": "open",
    "author": AUTHOR,
    "created_at": "2026-11-18T12:00:00Z",
    "updated_at": "2026-11-20T08:30:00Z",
    "patchsets": 2,
    "first_response_at": "2026-11-19T09:12:00Z",
    "waiting_on": "reviewer",
    "waiting_since": "2026-11-20T08:30:00Z",
    "waiting_reason": "new_patch_set",
    "is_newcomer": True,
    "work_in_progress": False,
}


class ChangesQuery(ListQuery):
    """What to list. Without a filter: every change the portal knows, open or not, the latest created first."""

    source: Text | None = Field(None, description="The slug of a source.", examples=["gerrit"])
    project: Text | None = Field(None, description="The full name of a project.", examples=["tools/mapper"])
    state: ChangeState | None = Field(None, description="Where the change stands on its server.")
    waiting_on: WaitingOn | None = Field(None, description="Who has to act next.")
    newcomer: bool | None = Field(None, description="Whether the author was new on the source.")
    author: Text | None = Field(None, description="The author's username on the source.", examples=["leila"])


class AuthorItem(BaseModel):
    """Who wrote a change."""

    model_config = example(AUTHOR)

    username: str
    name: str
    is_bot: bool


class ChangeItem(BaseModel):
    """A Gerrit change or a GitLab merge request. Times are UTC."""

    model_config = example(CHANGE)

    source: str = Field(description="The slug of its source.")
    kind: str = Field(description="What the source runs.", json_schema_extra={openapi.SITE_ENUM: FORGE_KINDS})
    project: str
    number: int = Field(description="Gerrit's change number, or the merge request's number within its project.")
    url: str
    title: str
    state: ChangeState
    author: AuthorItem
    created_at: datetime
    updated_at: datetime
    patchsets: int
    first_response_at: datetime | None = Field(description="First word of a human who is not the author.")
    waiting_on: WaitingOn
    waiting_since: datetime = Field(description="Since when it waits where it waits.")
    waiting_reason: Reason | None = Field(description="Why; null when it waits for nobody.")
    is_newcomer: bool
    work_in_progress: bool


class ChangeList(BaseModel):
    """A page of changes, and where the next one begins."""

    model_config = example({"items": [CHANGE], "next": "WyIyMDI2LTExLTE4VDEyOjAwOjAwKzAwOjAwIiwxXQ"})

    items: list[ChangeItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@blueprint.get("/changes")
@guard(anyone)
@operation("listChanges", ChangeList, CHANGES)
def changes(query: ChangesQuery) -> Any:
    """List changes

    The order never changes while you follow `next`, so that every change is met once.
    """
    sources = contributions.sources(db())
    rows, cursor = queries.changes_page(
        db(), sources, _conditions(query, sources), cursor=query.cursor or "", limit=query.limit
    )
    by_id = {source.id: source for source in sources}
    return ChangeList(items=[_item(row, by_id[row.source_id]) for row in rows], next=cursor)


def _conditions(query: ChangesQuery, sources: list[Source]) -> dict[str, Any]:
    source_id = next((source.id for source in sources if source.slug == query.source and source.is_active), 0)
    columns = {
        "source_id": None if query.source is None else source_id,
        "project": query.project,
        "state": query.state and query.state.value,
        "waiting_on": query.waiting_on and query.waiting_on.value,
        "is_newcomer": query.newcomer,
        "author_username": query.author,
    }
    return {column: value for column, value in columns.items() if value is not None}


def _item(change: Change, source: Source) -> ChangeItem:
    return ChangeItem(
        source=source.slug,
        kind=source.kind,
        project=change.project,
        number=change.number,
        url=change.url,
        title=change.title,
        state=ChangeState(change.state),
        author=AuthorItem(username=change.author_username, name=change.author_name, is_bot=change.author_is_bot),
        created_at=change.created_at,
        updated_at=change.updated_at,
        patchsets=change.patchsets,
        first_response_at=change.first_response_at,
        waiting_on=WaitingOn(change.waiting_on),
        waiting_since=change.waiting_since,
        waiting_reason=Reason(change.waiting_reason) if change.waiting_reason else None,
        is_newcomer=change.is_newcomer,
        work_in_progress=change.work_in_progress,
    )
