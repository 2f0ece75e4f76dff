"""What the room of tools brings: the catalogue, and who looks after what is in it."""

from __future__ import annotations

from portal.activity.kinds import ANSWERS, DECISIONS
from portal.core.act_limits import UNBOUNDED, ActLimit
from portal.core.dashboard import DashboardCard, NextStepRule
from portal.core.feature import Feature, MenuEntry
from portal.core.i18n import lazy
from portal.core.indexing import SearchIndex
from portal.core.notices import Cadence, NoticeKind
from portal.tools import api, dashboard, downloads, opportunities, privacy, search, views
from portal.tools.access import STEWARD_TOOLS
from portal.tools.models import TOOL_SEARCH
from portal.tools.storing import TOOLS

TOOLS_KIND = NoticeKind(
    "tools",
    lazy("Tools"),
    lazy("Tools that I look after, or offered to help with."),
    Cadence.DAILY,
    order=60,
)
HELPING = ActLimit("tools.helping", lazy("Offers to help with tools"), an_hour=10, at_first=4)
SEEKING = ActLimit("tools.seeking", lazy("Tools said to look for an owner"), an_hour=20, at_first=5)
CONFIRMING = ActLimit("tools.confirming", lazy("Confirming accounts of maintainers"), an_hour=120)

FEATURE = Feature(
    name="tools",
    row_search=(search.SEARCH,),
    permissions=(STEWARD_TOOLS,),
    notice_kinds=(TOOLS_KIND,),
    notices={
        "tools.help_offered": DECISIONS,
        "tools.account_confirmed": ANSWERS,
        "tools.offer_withdrawn": TOOLS_KIND,
        "tools.owner_not_wanted": TOOLS_KIND,
        "tools.owner_wanted": TOOLS_KIND,
    },
    act_limits={
        "tools.help_offered": HELPING,
        "tools.owner_wanted": SEEKING,
        "tools.account_confirmed": CONFIRMING,
        "tools.offer_withdrawn": UNBOUNDED,
        "tools.owner_not_wanted": UNBOUNDED,
    },
    menu=(MenuEntry("tools.index", lazy("Tools"), order=40),),
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    search_indexes=(SearchIndex(TOOLS, TOOL_SEARCH, search.index_documents),),
    export=privacy.export,
    erase=privacy.erase,
    dashboard_cards=(DashboardCard(lazy("My tools"), "tools.index", "tools/_card.html", 40, dashboard.card),),
    next_steps=(NextStepRule(50, dashboard.propose_helpers), NextStepRule(52, dashboard.propose_unanswered)),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.has_begun,
    helps_others=dashboard.helps_others,
    opportunities=opportunities.find,
)
