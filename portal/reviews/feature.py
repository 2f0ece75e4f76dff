"""What the room of reviews brings: the queue of open changes, and what search finds of changes."""

from __future__ import annotations

from portal.contributions.actions import SEARCHED
from portal.contributions.models import CHANGE_SEARCH
from portal.core.dashboard import DashboardSection, NextStepRule
from portal.core.feature import Feature, MenuEntry
from portal.core.i18n import lazy
from portal.core.indexing import SearchIndex
from portal.reviews import api, dashboard, downloads, opportunities, search, views
from portal.reviews.access import SYNC_NOW

FEATURE = Feature(
    name="reviews",
    row_search=(search.SEARCH,),
    permissions=(SYNC_NOW,),
    menu=(MenuEntry("reviews.queue", lazy("Review queue"), order=30),),
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    search_indexes=(SearchIndex(SEARCHED, CHANGE_SEARCH, search.index_documents),),
    dashboard_sections=(
        DashboardSection("reviews/_newcomers.html", 5, dashboard.newcomers_section),
        DashboardSection("reviews/_own_changes.html", 40, dashboard.own_changes_section),
    ),
    next_steps=(
        NextStepRule(20, dashboard.propose_own_change),
        NextStepRule(55, dashboard.propose_newcomers),
        NextStepRule(140, dashboard.propose_looking_around),
    ),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.has_begun,
    helps_others=dashboard.helps_others,
    opportunities=opportunities.find,
)
