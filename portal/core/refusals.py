"""Who is refused, and who runs into a limit, is noted at the doors: by whom, where, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import g, request
from flask_login import current_user

from portal.core.api_access import known_caller
from portal.core.errors import PortalError
from portal.core.security_log import Outcome, SecurityEvent, security_event

EVENTS: Mapping[int, SecurityEvent] = MappingProxyType(
    {403: SecurityEvent.REQUEST_REFUSED, 429: SecurityEvent.LIMIT_REACHED}
)


def note_refused(refusal: PortalError) -> None:
    """Somebody was told no, on a page of its own or in their form. It is kept in `g.refusal` for the rooms, too."""
    g.refusal = refusal
    note_status(refusal.status, refusal.code)


def note_status(status: int, why: str) -> None:
    """A request was answered with this status, where that says that somebody may not, or not so often."""
    if event := EVENTS.get(status):
        note(event, why)


def note(event: SecurityEvent, why: str) -> None:
    """Note it of who asks. Before a form is given back: that ends the unit of work which knows them."""
    program = known_caller()
    who = program.person.id if program else getattr(current_user, "id", None)
    security_event(event, Outcome.REFUSED, who=who, why=why, method=request.method, page=request.endpoint or "")
