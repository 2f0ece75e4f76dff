"""What the room of activity brings: notices, and their way by mail."""

from __future__ import annotations

from datetime import timedelta

from portal.activity import downloads, jobs, privacy, views
from portal.activity.kinds import ANSWERS, DECISIONS
from portal.core.feature import Feature
from portal.core.jobs import Sweep

FEATURE = Feature(
    name="activity",
    notice_kinds=(ANSWERS, DECISIONS),
    blueprints=(views.blueprint, downloads.blueprint),
    sweeps=(
        Sweep("activity.deliver_notices", jobs.deliver_notices, every=timedelta(minutes=1)),
        Sweep("activity.forget_mailings", jobs.forget, every=timedelta(hours=6)),
    ),
    export=privacy.export,
    erase=privacy.erase,
)
