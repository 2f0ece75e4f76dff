"""What the room of tokens for programs brings."""

from __future__ import annotations

from datetime import timedelta

from portal.api_tokens import bearer, jobs, privacy, views
from portal.core.feature import Feature
from portal.core.schedule import NIGHT, Sweep

FEATURE = Feature(
    name="api_tokens",
    blueprints=(views.blueprint, bearer.blueprint),
    sweeps=(Sweep("api_tokens.look_after", jobs.look_after, every=timedelta(days=1), at=NIGHT),),
    export=privacy.export,
    erase=privacy.erase,
)
