"""What mentors hear of the learning of those they mentor."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.activity.actions import tell
from portal.activity.models import Event
from portal.mentoring.models import Pairing, PairingState


def tell_mentors(session: Session, event: Event) -> None:
    """Tell whoever mentors the one who did this, now and not when it happened."""
    their_pairings = (Pairing.mentee_id == event.actor_id, Pairing.state == PairingState.ACTIVE)
    tell(session, event, session.scalars(select(Pairing.mentor_id).where(*their_pairings)).all())
