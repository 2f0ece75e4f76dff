"""What the room of roles brings: definitions, their holders, and what these may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from portal.activity.kinds import ANSWERS, DECISIONS
from portal.core.act_limits import UNBOUNDED, ActLimit
from portal.core.dashboard import DashboardCard, NextStepRule, SetupCheck
from portal.core.feature import Feature, MenuEntry
from portal.core.i18n import lazy
from portal.core.notices import Cadence, NoticeKind
from portal.core.schedule import Sweep
from portal.roles import api, dashboard, downloads, files, jobs, privacy, queries, search, views
from portal.roles.access import APPOINT

ROLES = NoticeKind(
    "roles",
    lazy("Roles"),
    lazy("Roles that I hold or appoint to: when a term begins, nears its end or ends."),
    Cadence.DAILY,
    order=50,
)
TERM_VERBS = ("appointed", "ended", "holder_left", "stepped_down", "term_ended", "term_nears", "term_prolonged")
OFFERING = ActLimit("roles.offering", lazy("Offers to take a role"), an_hour=6, at_first=3, is_anew=True)
WITHDRAWING = replace(UNBOUNDED, is_anew=True)
APPOINTING = ActLimit("roles.appointing", lazy("Appointing to roles"), an_hour=120)

FEATURE = Feature(
    name="roles",
    content_search=(search.ROLES,),
    permissions=(APPOINT,),
    notice_kinds=(ROLES,),
    notices={
        "roles.offered": DECISIONS,
        "roles.offer_withdrawn": DECISIONS,
        "roles.offer_declined": ANSWERS,
        **{f"roles.{verb}": ROLES for verb in TERM_VERBS},
    },
    act_limits={
        "roles.offered": OFFERING,
        "roles.offer_withdrawn": WITHDRAWING,
        **{f"roles.{verb}": APPOINTING for verb in ("appointed", "ended", "offer_declined", "term_prolonged")},
        **{f"roles.{verb}": UNBOUNDED for verb in ("holder_left", "stepped_down")},
    },
    has_power=queries.has_power,
    menu=(MenuEntry("roles.index", lazy("Roles"), order=50),),
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    load_content=files.load,
    sweeps=(Sweep("roles.end_terms", jobs.end_terms, every=timedelta(minutes=15)),),
    export=privacy.export,
    erase=privacy.erase,
    dashboard_cards=(DashboardCard(lazy("My roles"), "roles.index", "roles/_card.html", 30, dashboard.held_roles),),
    next_steps=(
        NextStepRule(5, dashboard.propose_second_factor),
        NextStepRule(40, dashboard.propose_offers),
        NextStepRule(120, dashboard.propose_vacancies),
    ),
    setup_checks=(SetupCheck(30, dashboard.seats_standing),),
    awaited=(dashboard.awaited,),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.holds_role,
    helps_others=dashboard.holds_role,
)
