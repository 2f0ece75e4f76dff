"""The words for security events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal.core.i18n import lazy
from portal.core.security_log import Outcome, SecurityEvent

KINDS: Mapping[str, Any] = {
    "": lazy("All events"),
    "sign_ins": lazy("Sign-ins that failed"),
    "limits": lazy("Limits reached"),
    "refused": lazy("Refused requests"),
    "acts": lazy("Done to others"),
    "looks": lazy("Looked at by stewards"),
}
"""What can be chosen of them."""
FACTS: Mapping[str, Any] = {
    "act": lazy("what"),
    "invitation": lazy("invitation"),
    "method": lazy("method"),
    "number": lazy("how many"),
    "page": lazy("page"),
    "provider": lazy("service"),
    "role": lazy("role"),
    "sessions": lazy("sessions"),
    "uses": lazy("uses"),
    "way": lazy("way"),
    "why": lazy("reason"),
}


def fact_label(name: str) -> Any:
    """What a fact of an event is called; its own name where there is no word for it."""
    return FACTS.get(name, name)


LABELS: Mapping[str, Callable[[Any], Any]] = {
    "event_label": lambda row: SecurityEvent(row.event).label,
    "outcome_label": lambda row: Outcome(row.outcome).label,
    "fact_label": fact_label,
}
"""What templates call to get them."""
