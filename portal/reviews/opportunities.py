"""Which changes somebody could look at with the skills they have: those of newcomers who wait longest."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from flask import url_for

from portal.contributions import queries as contributions
from portal.contributions.models import Source
from portal.core.dashboard import DashboardRequest
from portal.core.formats import duration
from portal.core.i18n import _
from portal.core.opportunities import Opportunity, OpportunityGroup
from portal.people.dashboard import skills_and_languages
from portal.reviews.pages import page_of_change
from portal.reviews.queries import longest_waiting_newcomers

OF_EVERY_CHANGE = frozenset({"git", "code-review"})
"""Whoever knows these can look at any change."""
LOOKED_THROUGH = 100
SHOWN = 3


def find(request: DashboardRequest, skills: Collection[str]) -> OpportunityGroup | None:
    """Newcomers' changes for somebody with these skills, and their others: those that fit most of them first."""
    sources = {source.id: source for source in contributions.sources(request.session)}
    waiting = longest_waiting_newcomers(request.session, list(sources.values()), LOOKED_THROUGH)
    known = {*skills, *request.once(skills_and_languages).skills}
    fits = {change.id: fit(known, sources[change.source_id], change.project) for change in waiting}
    best = sorted((change for change in waiting if fits[change.id]), key=lambda change: -fits[change.id])[:SHOWN]
    everything = Opportunity(_("All changes of newcomers"), url_for("reviews.queue", newcomer="yes"))
    rows = [_opportunity(request, change) for change in best]
    return OpportunityGroup(_("Answer a newcomer, as somebody answered you"), 20, rows, everything)


def fit(skills: Collection[str], source: Source, project: str) -> int:
    """How many of these skills a change of this project asks for: what every change asks for, its server, its name.

    A project is about a skill whose slug stands in its name: mediawiki/extensions/Foo about mediawiki-extensions.
    """
    named = f"-{re.sub(r'[^a-z0-9]+', '-', project.lower())}-"
    return sum(skill in OF_EVERY_CHANGE or skill == source.kind or f"-{skill}-" in named for skill in skills)


def _opportunity(request: DashboardRequest, change: Any) -> Opportunity:
    waits = duration(request.now - change.waiting_since)
    note = _("%(project)s, waiting for %(time)s", project=change.project, time=waits)
    return Opportunity(change.title or _("(no title)"), page_of_change(change), note)
