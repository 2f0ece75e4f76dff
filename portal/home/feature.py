"""What home brings: the front page, the dashboard, search and help, where all rooms are seen together."""

from __future__ import annotations

from datetime import timedelta

from portal.core import indexing
from portal.core.dashboard import DashboardSection, NextStepRule, SetupCheck
from portal.core.feature import Feature, MenuEntry
from portal.core.i18n import lazy
from portal.core.schedule import Sweep
from portal.home import api, content, dashboard, downloads, look, preview, setup, stuck, well_known

FEATURE = Feature(
    name="home",
    content_search=(content.HELP,),
    menu=(MenuEntry("home.help_index", lazy("Help"), order=60),),
    blueprints=(
        api.blueprint,
        stuck.blueprint,
        downloads.blueprint,
        look.blueprint,
        preview.blueprint,
        setup.blueprint,
        well_known.blueprint,
    ),
    api_scopes=(api.PROFILE_READ,),
    load_content=content.load,
    sweeps=(Sweep(indexing.SWEEP, indexing.index_documents, every=timedelta(minutes=1)),),
    next_steps=(NextStepRule(122, setup.propose_setup),),
    setup_checks=(SetupCheck(10, setup.name_standing), SetupCheck(50, setup.backup_standing)),
    dashboard_sections=(DashboardSection("home/_mentees_tracks.html", 20, dashboard.mentees_tracks),),
)
