"""What is in review of a tool: tools and reviews are strangers, and meet here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.contributions import queries as contributions
from portal.core.config import SourceConfig
from portal.forges.forge import forges_of
from portal.home.queries.front import ROWS


@dataclass(frozen=True)
class InReview:
    """The open changes of a repository that wait longest, and the source and project by which the queue shows all."""

    changes: Sequence[Any]
    source: str
    project: str


def in_review(session: Session, sources: Sequence[SourceConfig], repository: str) -> InReview | None:
    """The open changes of a repository, given by an address on the web; None when it is on none of these sources.

    At most one statement. Several sources may look at the same server: the changes of all are shown.
    """
    forges = forges_of(session)
    projects = [
        (source.slug, project)
        for source in sources
        if (project := forges.of(source).project_at(repository, source.url))
    ]
    if not projects:
        return None
    rows = contributions.open_changes_in(session, projects, ROWS)
    slug = rows[0].source_slug if rows else projects[0][0]
    return InReview(rows, slug, dict(projects)[slug])
