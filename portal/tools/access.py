"""Who may do what with tools."""

from __future__ import annotations

from portal.core.i18n import lazy
from portal.core.permissions import Permission

STEWARD_TOOLS = Permission(
    "tools.steward", lazy("Say of any tool that it looks for an owner, and confirm who its maintainers are.")
)
