"""What a person may take along of their learning, and what becomes of it when they leave the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.people.models import Person
from portal.tracks.models import Enrolment, StepProgress

TRACK_FIELDS = ("track_id", "state", "started_at", "changed_at", "finished_at")
STEP_FIELDS = ("step_id", "state", "note", "is_note_shared", "tries", "answers", "started_at", "done_at")


def erase(_portal: Portal, session: Session, person: Person, _now: datetime) -> None:
    """Forget which tracks this person took and what they did of them: nobody else needs it."""
    session.execute(delete(StepProgress).where(StepProgress.person_id == person.id))
    session.execute(delete(Enrolment).where(Enrolment.person_id == person.id))


def export(session: Session, person: Person) -> dict[str, Any]:
    """The tracks this person took, and each step they opened, with their note or their last answers."""
    tracks = select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.started_at)
    steps = select(StepProgress).where(StepProgress.person_id == person.id).order_by(StepProgress.started_at)
    return {
        "tracks": [export_row(row, TRACK_FIELDS) for row in session.scalars(tracks)],
        "steps": [export_row(row, STEP_FIELDS) for row in session.scalars(steps)],
    }
