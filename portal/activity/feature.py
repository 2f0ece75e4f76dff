"""What the room of activity brings: notices, and their way by mail."""

from __future__ import annotations

from portal.activity import downloads, privacy, views
from portal.activity.kinds import ANSWERS, DECISIONS
from portal.activity.letters import NOTICE_MAIL
from portal.core.feature import Feature

FEATURE = Feature(
    name="activity",
    notice_kinds=(ANSWERS, DECISIONS),
    blueprints=(views.blueprint, downloads.blueprint),
    mail_kinds=(NOTICE_MAIL,),
    export=privacy.export,
    erase=privacy.erase,
)
