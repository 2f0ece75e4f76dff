"""What the room of stewards brings."""

from __future__ import annotations

from datetime import timedelta

from portal.admin import dashboard, jobs, views
from portal.admin.access import MANAGE_PEOPLE, SEE_SITE
from portal.admin.running import CHECK
from portal.core.dashboard import DashboardCard
from portal.core.feature import Feature
from portal.core.i18n import lazy
from portal.core.schedule import Sweep

FEATURE = Feature(
    name="admin",
    permissions=(MANAGE_PEOPLE, SEE_SITE),
    blueprints=(views.blueprint,),
    sweeps=(Sweep(CHECK, jobs.check_outside, every=timedelta(hours=1)),),
    dashboard_cards=(DashboardCard(lazy("Administration"), "admin.index", "admin/_card.html", 90, dashboard.places),),
)
