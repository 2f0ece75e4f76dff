"""What the room of mail brings: the one sweep by which the mail of every room leaves."""

from __future__ import annotations

from datetime import timedelta

from portal.core.dashboard import SetupCheck
from portal.core.feature import Feature
from portal.core.schedule import NIGHT, Sweep
from portal.mail import dashboard, jobs

FEATURE = Feature(
    name="mail",
    setup_checks=(SetupCheck(40, dashboard.mail_standing),),
    sweeps=(
        Sweep("mail.deliver", jobs.deliver, every=timedelta(minutes=1)),
        Sweep("mail.forget", jobs.forget, every=timedelta(days=1), at=NIGHT),
    ),
)
