"""Who may do what with roles."""

from __future__ import annotations

from portal.core.i18n import lazy
from portal.core.permissions import Permission

APPOINT = Permission("roles.appoint", lazy("Appoint people to every role, and end it."))
