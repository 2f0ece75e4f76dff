"""What the room of roles brings: definitions, their holders, and what these may do."""

from __future__ import annotations

from datetime import timedelta

from portal.core.feature import Feature
from portal.core.jobs import Sweep
from portal.roles import api, downloads, files, jobs, privacy, views

FEATURE = Feature(
    name="roles",
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    load_content=files.load,
    sweeps=(Sweep("roles.end_terms", jobs.end_terms, every=timedelta(minutes=15)),),
    export=privacy.export,
    erase=privacy.erase,
)
