"""What people do with the review queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.contributions import actions as contributions
from portal.core.errors import raise_if
from portal.core.permissions import refuse_without
from portal.people.models import Person
from portal.reviews.access import SYNC_NOW
from portal.roles.queries import permissions_of


def ask_for_sync(session: Session, by: Person, now: datetime) -> None:
    """Let every source be asked before its time. Raises NotAllowed without a role that permits it."""
    raise_if(refuse_without(SYNC_NOW, permissions_of(session, by.id, now)))
    contributions.ask_for_sync(session, now)
