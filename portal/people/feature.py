"""What the room of people brings: accounts, sign-in, profiles, and the skills that people have."""

from __future__ import annotations

from datetime import timedelta

from portal.core.dashboard import NextStepRule
from portal.core.feature import Feature
from portal.core.schedule import NIGHT, Sweep
from portal.people import content, dashboard, finding, jobs
from portal.people.letters import ACCOUNT_MAIL
from portal.people.views import blueprint

FEATURE = Feature(
    name="people",
    content_search=(finding.SKILLS,),
    blueprints=(blueprint,),
    load_content=content.load,
    sweeps=(
        Sweep("people.forget_tries", jobs.forget, every=timedelta(days=1), at=NIGHT),
        Sweep("people.forget_forms", jobs.forget_forms, every=timedelta(hours=1)),
    ),
    mail_kinds=(ACCOUNT_MAIL,),
    next_steps=(NextStepRule(80, dashboard.propose_skills), NextStepRule(130, dashboard.propose_account)),
    has_begun=dashboard.has_skills,
)
