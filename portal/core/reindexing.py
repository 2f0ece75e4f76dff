"""Indexing everything again, by what is due like all indexing: so it may be broken off and goes on, with the worker or
without, and whoever searches meanwhile finds everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.due import DueState
from portal.core.feature import features_of
from portal.core.indexing import SearchDue, queue_indexing


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """How far it has come: `done` of `total`, in ids of rows; whether `somebody_else` is at it, or `is_stuck`: what is
    left failed and is tried again later.
    """

    done: int
    total: int
    is_finished: bool
    somebody_else: bool
    is_stuck: bool


def begin_rebuild(session: Session) -> list[str]:
    """Let everything be indexed again; kinds of which a walk through all rows is under way go on. Gives those kinds."""
    under_way = {row.kind for row in _walks(session)}
    for kind in features_of(session).search_indexes.keys() - under_way:
        queue_indexing(session, kind, {"after": 0})
    return sorted(under_way)


def rebuild_progress(session: Session) -> RebuildProgress:
    """How far the walks through all rows have come."""
    walks, now = _walks(session), clock.now()
    newest = {kind: _newest(session, index.table) for kind, index in features_of(session).search_indexes.items()}
    left = sum(max(newest.get(row.kind, 0) - row.about["after"], 0) for row in walks)
    held = session.scalar(select(SearchDue.id).where(SearchDue.leased_until > now).limit(1)) is not None
    waits = [row for row in walks if row.due_at > now]
    total = sum(newest.values())
    return RebuildProgress(max(total - left, 0), total, not walks, held, bool(waits) and len(waits) == len(walks))


def findable(session: Session) -> Mapping[str, int]:
    """How many rows of each kind are found by search."""
    indexes = features_of(session).search_indexes
    return {kind: session.scalar(select(func.count()).select_from(one.table)) or 0 for kind, one in indexes.items()}


def _walks(session: Session) -> list[SearchDue]:
    waiting = session.scalars(select(SearchDue).where(SearchDue.state == DueState.WAITING))
    return [row for row in waiting if "after" in row.about]


def _newest(session: Session, table: Any) -> int:
    (key,) = table.c.row_id.foreign_keys
    return session.scalar(select(func.max(key.column))) or 0
