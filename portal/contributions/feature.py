"""What the room of contributions brings: what is known of changes on the review servers, kept up to date."""

from __future__ import annotations

from datetime import timedelta

from portal.contributions import dashboard, jobs, mentions
from portal.core.dashboard import SetupCheck
from portal.core.feature import Feature
from portal.core.schedule import Sweep

FEATURE = Feature(
    name="contributions",
    setup_checks=(SetupCheck(20, dashboard.sources_standing),),
    mentions=(mentions.find_changes,),
    sweeps=(Sweep("contributions.sync_sources", jobs.sync_sources, every=timedelta(minutes=1)),),
)
