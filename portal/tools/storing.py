"""Storing sound records: what is new is added, what differs is updated, and what people set here stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.core.indexing import find_anew
from portal.tools import rules
from portal.tools.models import Tool, ToolFacet, ToolPerson
from portal.tools.toolinfo import SoundRecord

TOOLS = "tools"
"""The kind under which search knows tools."""


class Fate(StrEnum):
    """What became of a record."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


def store(session: Session, records: Sequence[SoundRecord], origin: str, now: datetime) -> list[Fate]:
    """Store records of different names, and tell what became of each, in order. Statements grow with what changed."""
    stored = {
        row.name: row for row in session.scalars(select(Tool).where(Tool.name.in_([one.name for one in records])))
    }
    fates, moved = [], []
    for one in records:
        known = stored.get(one.name)
        if known and known.digest == one.digest:
            fates.append(Fate.UNCHANGED)
            continue
        fates.append(Fate.UPDATED if known else Fate.ADDED)
        tool = known or Tool(name=one.name, added_at=now)
        _describe(tool, one, origin[:500], now)
        session.add(tool)
        moved.append((tool, one))
    session.flush()
    _store_parts(session, moved)
    find_anew(session, TOOLS, [tool.id for tool, _one in moved])
    return fates


def _describe(tool: Tool, one: SoundRecord, origin: str, now: datetime) -> None:
    record = one.record
    tool.title = record["title"]
    tool.title_key = tool.title.casefold()[:255]
    tool.summary = rules.summary(record)
    tool.tool_type = record.get("tool_type", "")
    tool.is_deprecated = record.get("deprecated", False)
    tool.is_experimental = record.get("experimental", False)
    tool.record, tool.digest = record, one.digest
    tool.origin, tool.changed_at = origin, now


def _store_parts(session: Session, moved: Sequence[tuple[Tool, SoundRecord]]) -> None:
    """The words the tools are found by and the people they name, in place of those they had."""
    if not moved:
        return
    ids = [tool.id for tool, _one in moved]
    session.execute(delete(ToolFacet).where(ToolFacet.tool_id.in_(ids)))
    session.execute(delete(ToolPerson).where(ToolPerson.tool_id.in_(ids)))
    facets = [
        {"tool_id": tool.id, "kind": kind, "value": value}
        for tool, one in moved
        for kind, value in rules.facets(one.record)
    ]
    people = [_person(tool.id, place, said) for tool, one in moved for place, said in _authors(one)]
    if facets:
        session.execute(insert(ToolFacet), facets)
    if people:
        session.execute(insert(ToolPerson), people)


def _authors(one: SoundRecord) -> list[tuple[int, dict[str, str]]]:
    return list(enumerate(one.record.get("author", [])))


def _person(tool_id: int, place: int, said: dict[str, str]) -> dict[str, Any]:
    fields = ("name", "wiki_username", "developer_username", "url")
    return {"tool_id": tool_id, "place": place, **{field: said.get(field, "") for field in fields}}
