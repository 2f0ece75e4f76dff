"""What a person may take along of their tokens, never the tokens; all of it goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.api_tokens import queries
from portal.api_tokens.actions import end_tokens_of
from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person

FIELDS = ("name", "scopes", "made_at", "ends_at", "last_used_at", "last_network")


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """End every token of theirs."""
    end_tokens_of(session, person.id)


def export(session: Session, person: Person) -> list[dict[str, Any]]:
    """What they made tokens for, and when each was last used."""
    return [export_row(one, FIELDS) for one in queries.tokens_of(session, person.id)]
