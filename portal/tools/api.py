"""The JSON API of the catalogue: /api/v1/tools."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from spectree import Tag

from portal.core.access import anyone, guard
from portal.core.api import CODES, ListQuery, Text, example, make_blueprint, operation
from portal.core.web import address, db
from portal.tools.models import Tool
from portal.tools.queries import catalogue
from portal.tools.queries.catalogue import ToolFilters

blueprint = make_blueprint("tools")
TOOLS = Tag(name="Tools", description="What the community has built, and what looks for an owner.")
TOOL = {
    "name": "mapper",
    "title": "Mapper",
    "summary": "Draws a map of everything that has coordinates.",
    "page": "https://portal.example.org/tools/mapper",
    "tool_type": "web app",
    "keywords": ["maps"],
    "is_deprecated": False,
    "is_experimental": False,
    "wanted_since": "2026-11-02T10:00:00Z",
}
WANTED = {"since": "2026-11-02T10:00:00Z", "reason": "I have no time left.", "said_by": "Maria Maker"}
RECORD = {
    "name": "mapper",
    "title": "Mapper",
    "description": "Draws a map of everything that has coordinates.",
    "url": "https://mapper.example.org/",
    "keywords": "maps",
    "author": [{"name": "Maria Maker"}],
    "license": "MIT",
    "tool_type": "web app",
    "_schema": "/toolinfo/1.2.2",
}


class ToolsQuery(ListQuery):
    """What to list. Without a filter: every tool, by title."""

    text: Text | None = Field(None, description="Words in the name or title.", examples=["map"])
    type: Text | None = Field(None, description="A toolinfo type.", examples=["web app"])
    keyword: Text | None = Field(None, description="A keyword of the tool.", examples=["maps"])
    wiki: Text | None = Field(None, description="A wiki the tool is for.", examples=["wiki.example.org"])
    speaks: Text | None = Field(None, description="The code of a language of its interface.", examples=CODES[1:2])
    license: Text | None = Field(None, description="Its licence.", examples=["MIT"])
    maintainer: Text | None = Field(None, description="Words in a maintainer’s name or account.", examples=["maria"])
    needs_owner: bool | None = Field(None, description="Only tools that look for an owner, when true.")


class ToolItem(BaseModel):
    """A tool as the list shows it."""

    model_config = example(TOOL)

    name: str = Field(description="Its permanent name, which is part of its addresses.")
    title: str
    summary: str
    page: str = Field(description="Its page here.")
    tool_type: str | None = Field(description="A toolinfo type; null when the record says none.")
    keywords: list[str]
    is_deprecated: bool
    is_experimental: bool
    wanted_since: datetime | None = Field(description="Since when it looks for an owner; null when it does not.")


class ToolList(BaseModel):
    """A page of tools, and where the next one begins."""

    model_config = example({"items": [TOOL], "next": "WyJtYXBwZXIiLDFd"})

    items: list[ToolItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class WantedItem(BaseModel):
    """That a tool looks for an owner."""

    model_config = example(WANTED)

    since: datetime
    reason: str
    said_by: str | None = Field(description="The name of who said so.")


class ToolDetail(BaseModel):
    """Everything the page of a tool shows to everybody."""

    model_config = example({"name": "mapper", "page": TOOL["page"], "wanted": WANTED, "record": RECORD})

    name: str
    page: str = Field(description="Its page here.")
    wanted: WantedItem | None = Field(description="Null when it looks for nobody.")
    record: dict[str, Any] = Field(description="Its toolinfo record, version 1.2.2.")


@blueprint.get("/tools")
@guard(anyone)
@operation("listTools", ToolList, TOOLS)
def tools(query: ToolsQuery) -> Any:
    """List tools

    By title; only those that fit every filter.
    """
    page = catalogue.tools_page(db(), _filters(query), cursor=query.cursor or "", limit=query.limit)
    return ToolList(items=[_item(row, page.keywords[row.id]) for row in page.rows], next=page.next_cursor)


@blueprint.get("/tools/<name>")
@guard(anyone)
@operation("getTool", ToolDetail, TOOLS, {"name": ("The name of the tool.", "mapper")})
def tool(name: str) -> Any:
    """Get one tool

    With its whole toolinfo record, and why it looks for an owner if it does.
    """
    row = catalogue.tool(db(), name)
    return ToolDetail(name=row.name, page=_page(row.name), wanted=_wanted(row), record=row.record)


def _filters(query: ToolsQuery) -> ToolFilters:
    return ToolFilters(
        text=query.text or "",
        tool_type=query.type or "",
        language=query.speaks or "",
        license=query.license or "",
        keyword=query.keyword or "",
        wiki=query.wiki or "",
        maintainer=query.maintainer or "",
        needs_owner=bool(query.needs_owner),
    )


def _item(row: Any, keywords: list[str]) -> ToolItem:
    return ToolItem(
        name=row.name,
        title=row.title,
        summary=row.summary,
        page=_page(row.name),
        tool_type=row.tool_type or None,
        keywords=keywords,
        is_deprecated=row.is_deprecated,
        is_experimental=row.is_experimental,
        wanted_since=row.wanted_since,
    )


def _wanted(tool: Tool) -> WantedItem | None:
    if tool.wanted_since is None:
        return None
    name = tool.wanted_by.display_name if tool.wanted_by else None
    return WantedItem(since=tool.wanted_since, reason=tool.wanted_reason, said_by=name)


def _page(name: str) -> str:
    return address("tools.show", name=name)
