"""Who may do what with the review queue."""

from __future__ import annotations

from portal.core.i18n import lazy
from portal.core.permissions import Permission

SYNC_NOW = Permission("reviews.sync", lazy("Ask the portal to fetch changes from a source at once."))
