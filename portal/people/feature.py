"""What the room of people brings: accounts, sign-in, profiles, and the skills that people have."""

from __future__ import annotations

from datetime import timedelta

from portal.core.content import Library, Problems
from portal.core.content_files import ContentFiles
from portal.core.dashboard import NextStepRule
from portal.core.feature import Feature
from portal.core.schedule import NIGHT, Sweep
from portal.people import actions, content, dashboard, erasures, finding, jobs, kept_names, mentions
from portal.people.invitations import jobs as invitation_jobs
from portal.people.invitations import privacy
from portal.people.invitations import views as invitation_views
from portal.people.invitations.access import INVITE
from portal.people.invitations.letters import INVITATION_MAIL
from portal.people.letters import ACCOUNT_MAIL
from portal.people.views import blueprint


def _load_content(files: ContentFiles, problems: Problems, library: Library) -> None:
    content.load(files, problems, library)
    kept_names.load(files, problems, library)


FEATURE = Feature(
    name="people",
    content_search=(finding.SKILLS,),
    blueprints=(blueprint, invitation_views.blueprint),
    permissions=(INVITE,),
    mentions=(mentions.find_people, mentions.find_skills),
    load_content=_load_content,
    sweeps=(
        Sweep("people.forget_tries", jobs.forget, every=timedelta(days=1), at=NIGHT),
        Sweep("people.forget_sessions", jobs.forget_sessions, every=timedelta(days=1), at=NIGHT),
        Sweep("people.forget_security", jobs.forget_security, every=timedelta(days=1), at=NIGHT),
        Sweep("people.forget_invitations", invitation_jobs.forget_invitations, every=timedelta(days=1), at=NIGHT),
        Sweep("people.forget_forms", jobs.forget_forms, every=timedelta(hours=1)),
        Sweep(actions.COMPLETE_ERASURES, erasures.complete_erasures, every=timedelta(minutes=15)),
    ),
    mail_kinds=(ACCOUNT_MAIL, INVITATION_MAIL),
    next_steps=(NextStepRule(80, dashboard.propose_skills), NextStepRule(130, dashboard.propose_account)),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.has_skills,
    export=privacy.export,
    erase=privacy.erase,
)
