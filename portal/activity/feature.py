"""What the room of activity brings: notices, and their way by mail."""

from __future__ import annotations

from datetime import timedelta

from portal.activity import api, downloads, jobs, privacy, views
from portal.activity.kinds import ANSWERS, DECISIONS
from portal.activity.letters import NOTICE_MAIL
from portal.core.feature import Feature
from portal.core.schedule import NIGHT, Sweep

FEATURE = Feature(
    name="activity",
    notice_kinds=(ANSWERS, DECISIONS),
    blueprints=(views.blueprint, downloads.blueprint, api.blueprint),
    api_scopes=(api.NOTICES_READ, api.NOTICES_WRITE),
    sweeps=(
        Sweep("activity.hand_over", jobs.hand_over, every=timedelta(minutes=1)),
        Sweep("activity.forget", jobs.forget, every=timedelta(days=1), at=NIGHT),
    ),
    mail_kinds=(NOTICE_MAIL,),
    export=privacy.export,
    erase=privacy.erase,
)
