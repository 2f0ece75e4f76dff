"""Storing sound records: what is new is added, what differs is updated, and what people set here stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.core.indexing import reindex
from portal.tools import rules
from portal.tools.models import Tool, ToolFacet, ToolPerson
from portal.tools.toolinfo import NormalisedRecord

TOOLS = "tools"
"""The kind under which search knows tools."""


class StoredRecord(NamedTuple):
    """What became of a record, and of which other origin the tool is where it was refused for that."""

    outcome: ImportOutcome
    other_origin: str = ""


class ImportOutcome(StrEnum):
    """What became of a record."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


def store_records(
    session: Session, records: Sequence[NormalisedRecord], origin: str, now: datetime, *, take_over: bool = False
) -> list[StoredRecord]:
    """Store records of different names, and tell what became of each, in order. Statements grow with what changed.

    A tool that came from elsewhere is another's: it stays as it is, unless it is to be taken over.
    """
    origin = origin[:500]
    stored = {
        row.name: row for row in session.scalars(select(Tool).where(Tool.name.in_([record.name for record in records])))
    }
    outcomes: list[StoredRecord] = []
    written = []
    for record in records:
        known = stored.get(record.name)
        is_anothers = known is not None and known.origin != origin
        if known and known.digest == record.digest and not (is_anothers and take_over):
            outcomes.append(StoredRecord(ImportOutcome.UNCHANGED))
            continue
        if known and is_anothers and not take_over:
            outcomes.append(StoredRecord(ImportOutcome.REFUSED, known.origin))
            continue
        outcomes.append(StoredRecord(ImportOutcome.UPDATED if known else ImportOutcome.ADDED))
        tool = known or Tool(name=record.name, added_at=now)
        _describe(tool, record, origin, now)
        session.add(tool)
        written.append((tool, record))
    session.flush()
    _store_parts(session, written)
    reindex(session, TOOLS, [tool.id for tool, _record in written])
    return outcomes


def _describe(tool: Tool, normalised: NormalisedRecord, origin: str, now: datetime) -> None:
    record = normalised.record
    tool.title = record["title"]
    tool.title_key = tool.title.casefold()[:255]
    tool.summary = rules.summary(record)
    tool.tool_type = record.get("tool_type", "")
    tool.is_deprecated = record.get("deprecated", False)
    tool.is_experimental = record.get("experimental", False)
    tool.record, tool.digest = record, normalised.digest
    tool.origin, tool.changed_at = origin, now


def _store_parts(session: Session, written: Sequence[tuple[Tool, NormalisedRecord]]) -> None:
    """The words the tools are found by and the people they name, in place of those they had."""
    if not written:
        return
    ids = [tool.id for tool, _record in written]
    session.execute(delete(ToolFacet).where(ToolFacet.tool_id.in_(ids)))
    session.execute(delete(ToolPerson).where(ToolPerson.tool_id.in_(ids)))
    facets = [
        {"tool_id": tool.id, "kind": kind, "value": value}
        for tool, record in written
        for kind, value in rules.facets(record.record)
    ]
    people = [_person(tool.id, position, author) for tool, record in written for position, author in _authors(record)]
    if facets:
        session.execute(insert(ToolFacet), facets)
    if people:
        session.execute(insert(ToolPerson), people)


def _authors(record: NormalisedRecord) -> list[tuple[int, dict[str, str]]]:
    return list(enumerate(record.record.get("author", [])))


def _person(tool_id: int, position: int, author: dict[str, str]) -> dict[str, Any]:
    fields = ("name", "wiki_username", "developer_username", "url")
    return {"tool_id": tool_id, "place": position, **{field: author.get(field, "") for field in fields}}
