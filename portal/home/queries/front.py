"""What the front page shows: four ways in, each with what waits there right now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.contributions import queries as contributions
from portal.contributions.models import Source
from portal.core.content import Library
from portal.mentoring.queries.requests import MentoringFigures, figures
from portal.reviews import queries as reviews
from portal.roles.content import RoleDefinitions
from portal.roles.queries import vacancies
from portal.tools.models import Tool
from portal.tracks.content import TrackCount

ROWS = 5
TOOLS = 3
SKILLS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ToolsForAdoption:
    """Tools that look for an owner: how many there are, and those that have looked longest."""

    count: int
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The community right now."""

    sources: Sequence[Source]
    changes: reviews.QueueFigures
    newcomers: Sequence[Any]
    mentoring: MentoringFigures
    vacancies: int
    tools: ToolsForAdoption
    tracks: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody has begun anything here: no change, no request, no mentor, no tool that needs somebody."""
        mentoring = self.mentoring
        return not (self.changes.open or mentoring.open_requests or mentoring.mentors or self.tools.count)


def front_page(session: Session, library: Library, now: datetime) -> FrontPage:
    """What the front page shows."""
    sources = contributions.sources(session)
    return FrontPage(
        sources=[source for source in sources if source.is_active],
        changes=reviews.figures(session, sources),
        newcomers=reviews.longest_waiting_newcomers(session, sources, ROWS),
        mentoring=figures(session, now),
        vacancies=vacancies(session, library.get(RoleDefinitions), now),
        tools=tools_for_adoption(session, TOOLS),
        tracks=library.get(TrackCount).number,
    )


def tools_for_adoption(session: Session, limit: int) -> ToolsForAdoption:
    """The tools that look for an owner, those that have looked longest first: one statement."""
    everyone = func.count().over()
    query = select(Tool.name, Tool.title, Tool.summary, Tool.wanted_since, everyone.label("of"))
    query = query.where(Tool.wanted_since.is_not(None)).order_by(Tool.wanted_since, Tool.title_key, Tool.id)
    rows = session.execute(query.limit(limit)).all()
    return ToolsForAdoption(rows[0].of if rows else 0, rows)
