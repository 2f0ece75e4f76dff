"""What home brings: the front page, the dashboard, search and help, where all rooms are seen together."""

from __future__ import annotations

from datetime import timedelta

from portal.core import indexing
from portal.core.feature import Feature
from portal.core.jobs import Sweep
from portal.home import content, downloads, stuck

FEATURE = Feature(
    name="home",
    blueprints=(stuck.blueprint, downloads.blueprint),
    load_content=content.load,
    sweeps=(Sweep(indexing.SWEEP, indexing.index, every=timedelta(minutes=1)),),
)
