"""What the room of tracks brings: learning tracks, and how far people are in them."""

from __future__ import annotations

from portal.core.act_limits import UNBOUNDED
from portal.core.dashboard import DashboardCard, NextStepRule
from portal.core.feature import Feature, MenuEntry
from portal.core.i18n import lazy
from portal.core.notices import Cadence, NoticeKind
from portal.tracks import api, dashboard, downloads, files, mentions, privacy, search, views

TRACKS = NoticeKind(
    "tracks",
    lazy("Learning tracks"),
    lazy("When one of my mentees has finished a track."),
    Cadence.DAILY,
    order=70,
)

FEATURE = Feature(
    name="tracks",
    content_search=(search.TRACKS,),
    notice_kinds=(TRACKS,),
    notices={"tracks.finished": TRACKS},
    act_limits={"tracks.finished": UNBOUNDED},
    menu=(MenuEntry("tracks.index", lazy("Tracks"), order=10),),
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    mentions=(mentions.find_steps,),
    load_content=files.load,
    export=privacy.export,
    erase=privacy.erase,
    dashboard_cards=(DashboardCard(lazy("My tracks"), "tracks.index", "tracks/_card.html", 20, dashboard.own_tracks),),
    next_steps=(
        NextStepRule(60, dashboard.propose_beginning),
        NextStepRule(70, dashboard.propose_next_step),
        NextStepRule(110, dashboard.propose_what_fits_next),
    ),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.has_begun,
)
