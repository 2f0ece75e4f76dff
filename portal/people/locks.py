"""What a person does with several browsers at once, one after the other."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import Person


def lock_person(session: Session, person_id: int) -> None:
    """Wait for whatever else changes what belongs to this person, and make that wait until this unit of work ends.

    Asked for before rows are read of which there may be only so many: two that come at once would each see as many as
    there were before. SQLite lets only one write anyway.
    """
    # FOR NO KEY UPDATE: rows of others may go on pointing to this person meanwhile. Two who write to each other at once
    # would else wait for each other without end.
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
