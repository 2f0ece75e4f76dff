"""The JSON API of the review queue: /api/v1/changes, described by /api/v1/openapi.json."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from flask import Blueprint, jsonify
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from spectree import Response, SpecTree

from portal.clients.shapes import ChangeState
from portal.core.access import anyone, guard
from portal.core.errors import Invalid
from portal.core.i18n import _
from portal.core.web import db, limiter, settings
from portal.reviews import queries
from portal.reviews.models import Change, Source
from portal.reviews.rules import Reason, WaitingOn

blueprint = Blueprint("reviews_api", __name__, url_prefix="/api/v1")

Text = Annotated[str, Field(min_length=1, max_length=255)]


class Kind(StrEnum):
    """What a source runs."""

    GERRIT = "gerrit"
    GITLAB = "gitlab"


class ChangesQuery(BaseModel):
    """What to list. Without a filter: every change the portal knows, open or not, the latest created first."""

    model_config = ConfigDict(extra="forbid")

    source: Text | None = Field(None, description="The slug of a source.")
    project: Text | None = Field(None, description="The full name of a project.")
    state: ChangeState | None = Field(None, description="Where the change stands on its server.")
    waiting_on: WaitingOn | None = Field(None, description="Who has to act next.")
    newcomer: bool | None = Field(None, description="Whether the author was new on the source.")
    author: Text | None = Field(None, description="The author's username on the source.")
    limit: int = Field(50, ge=1, le=200, description="How many changes at most.")
    cursor: str | None = Field(None, max_length=500, description="The `next` of the page before.")


class AuthorItem(BaseModel):
    """Who wrote a change."""

    username: str
    name: str
    is_bot: bool


class ChangeItem(BaseModel):
    """A Gerrit change or a GitLab merge request. Times are UTC."""

    source: str = Field(description="The slug of its source.")
    kind: Kind
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
    waiting_reason: Reason | None = Field(description="Why; null when it waits on nobody.")
    is_newcomer: bool
    work_in_progress: bool


class ChangeList(BaseModel):
    """A page of changes, and where the next one begins."""

    items: list[ChangeItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class ProblemDetail(BaseModel):
    """What is wrong with a request."""

    code: int
    message: str
    field: str | None = Field(None, description="The parameter at fault.")


class Problem(BaseModel):
    """The body of every refusal."""

    error: ProblemDetail


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _adapter: Any) -> None:
    """Name the parameter at fault in the form that all our refusals have."""
    if not isinstance(error, ValidationError):
        return
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        raise Invalid(_("There is no parameter “%(name)s”.", name=name), name)
    raise Invalid(_("The parameter “%(name)s” is not right: %(why)s.", name=name, why=first["msg"]), name)


spec = SpecTree(
    "flask",
    mode="strict",
    title="Contributor Portal",
    version="1",
    description="Open changes and whose turn it is, as the review queue shows them.",
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
)


def _allowance() -> str:
    return f"{settings().limits.api_per_minute} per minute"


@blueprint.get("/changes")
@guard(anyone)
@limiter.limit(_allowance)
@spec.validate(resp=Response(HTTP_200=ChangeList, HTTP_422=Problem, HTTP_429=Problem), operation_id="listChanges")
def changes(query: ChangesQuery) -> Any:
    """List changes

    The order never changes while you follow `next`, so that every change is met once.
    """
    sources = queries.sources(db())
    rows, cursor = queries.listed(
        db(), sources, _conditions(query, sources), cursor=query.cursor or "", limit=query.limit
    )
    by_id = {source.id: source for source in sources}
    return ChangeList(items=[_item(row, by_id[row.source_id]) for row in rows], next=cursor)


@blueprint.get("/openapi.json")
@guard(anyone)
def openapi() -> Any:
    """The description of this API, for machines."""
    return jsonify(spec.spec)


def _conditions(query: ChangesQuery, sources: list[Source]) -> dict[str, Any]:
    source_id = next((source.id for source in sources if source.slug == query.source and source.is_active), 0)
    wanted = {
        "source_id": None if query.source is None else source_id,
        "project": query.project,
        "state": query.state and query.state.value,
        "waiting_on": query.waiting_on and query.waiting_on.value,
        "is_newcomer": query.newcomer,
        "author_username": query.author,
    }
    return {column: value for column, value in wanted.items() if value is not None}


def _item(change: Change, source: Source) -> ChangeItem:
    return ChangeItem(
        source=source.slug,
        kind=Kind(source.kind),
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
