"""How many tools the filters find by each word: counted after an import, not while somebody waits."""

from __future__ import annotations

from sqlalchemy import (
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Session

from portal.tools import rules
from portal.tools.models import Facet, ToolFacet, ToolTerm
from portal.tools.queries.catalogue import CHOICES


def count_terms(session: Session) -> None:
    """Count anew how many tools are found by each word; of each facet the CHOICES which most tools name are kept."""
    session.execute(delete(ToolTerm))
    for kind in Facet:
        counted = [
            {"kind": kind.value, "value": value, "tools": _count_found(session, kind, value, number)}
            for value, number in _most_named(session, kind)
        ]
        if counted:
            session.execute(insert(ToolTerm), counted)


def _most_named(session: Session, kind: Facet) -> list[tuple[str, int]]:
    number = func.count()
    query = select(ToolFacet.value, number).where(ToolFacet.kind == kind).group_by(ToolFacet.value)
    rows = session.execute(query.order_by(number.desc(), ToolFacet.value).limit(CHOICES[kind]))
    return [(value, count) for value, count in rows]


def _count_found(session: Session, kind: Facet, value: str, named: int) -> int:
    """How many tools the filter finds by this word: by some, more than those that name it."""
    values = rules.MATCHING[kind](value)
    if len(set(values)) == 1:
        return named
    having = select(func.count(ToolFacet.tool_id.distinct()))
    return session.scalar(having.where(ToolFacet.kind == kind, ToolFacet.value.in_(values))) or 0
