"""What stewards find on their dashboard: the way to what they look after. It asks the database nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.admin.access import MANAGE_PEOPLE, SEE_SITE
from portal.core.dashboard import DashboardRequest
from portal.core.i18n import lazy
from portal.roles.dashboard import is_permitted

PLACES = (
    ("admin.people", lazy("Accounts"), MANAGE_PEOPLE),
    ("admin.events", lazy("What happened at the doors"), MANAGE_PEOPLE),
    ("admin.site", lazy("How the site runs"), SEE_SITE),
)


def places(request: DashboardRequest) -> Sequence[tuple[str, Any]]:
    """Where this person may go, as endpoint and words."""
    return [(endpoint, words) for endpoint, words, permission in PLACES if is_permitted(request, permission)]
