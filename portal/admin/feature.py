"""What the room of stewards brings."""

from __future__ import annotations

from datetime import timedelta

from portal.admin import dashboard, downloads, jobs, views, watch
from portal.admin.access import MANAGE_PEOPLE, SEE_SITE
from portal.admin.running import CHECK
from portal.core.dashboard import DashboardCard
from portal.core.feature import Feature
from portal.core.i18n import lazy
from portal.core.notices import Cadence, NoticeKind
from portal.core.schedule import Sweep

ALARMS = NoticeKind(
    "alarms",
    lazy("Alarms"),
    lazy("Unusually many failed sign-ins, refused requests or limits reached, told to those who look after accounts."),
    Cadence.NOW,
    order=80,
)

FEATURE = Feature(
    name="admin",
    permissions=(MANAGE_PEOPLE, SEE_SITE),
    blueprints=(views.blueprint, downloads.blueprint),
    notice_kinds=(ALARMS,),
    notices={"admin.alarm": ALARMS},
    notices_need={"admin.alarm": MANAGE_PEOPLE},
    sweeps=(
        Sweep(CHECK, jobs.check_outside, every=timedelta(hours=1)),
        Sweep(watch.WATCH, watch.watch_doors, every=timedelta(minutes=10)),
    ),
    dashboard_cards=(DashboardCard(lazy("Administration"), "admin.index", "admin/_card.html", 90, dashboard.places),),
)
