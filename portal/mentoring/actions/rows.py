"""Conditional changes to single rows: each says whether it was the one that made the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from portal.core.errors import NotAllowed
from portal.core.i18n import _
from portal.core.rows import inserted, updated_one_row
from portal.mentoring.access import no_such_request, offers_nothing
from portal.mentoring.models import Mentor, MentorState, Request, RequestLanguage, RequestState, Skip
from portal.people.models import PersonLanguage

NO_HOLD: dict[str, Any] = {"held_by": None, "held_until": None, "hold_extended": False}


def find_request(session: Session, request_id: int) -> Request:
    """The request as it is now. Raises NotFound."""
    request = session.get(Request, request_id, populate_existing=True)
    if request is None:
        raise no_such_request()
    return request


def lock_request(session: Session, request_id: int) -> Request:
    """The request, whose row stays locked until the end of this unit of work. Raises NotFound."""
    session.execute(select(Request.id).where(Request.id == request_id).with_for_update())
    return find_request(session, request_id)


def note_skip(session: Session, request_id: int, mentor_id: int, reason: str, now: datetime) -> bool:
    """This mentor does not see this request again, for the newest reason; False when they had passed it before."""
    values = {"reason": reason, "at": now}
    if inserted(session, insert(Skip).values(request_id=request_id, mentor_id=mentor_id, **values)):
        return True
    session.execute(update(Skip).where(Skip.request_id == request_id, Skip.mentor_id == mentor_id).values(values))
    return False


def find_mentor(session: Session, person_id: int) -> Mentor:
    """The mentor, whose row stays locked until the end of this unit of work. Raises NotAllowed for everybody else."""
    row = select(Mentor).where(Mentor.person_id == person_id).with_for_update(of=Mentor)
    mentor = session.scalars(row.execution_options(populate_existing=True)).one_or_none()
    if mentor is None:
        raise offers_nothing()
    return mentor


def take_seat(session: Session, person_id: int) -> bool:
    """One more mentee for this mentor; False when every seat is taken. The database counts."""
    is_free = (Mentor.state == MentorState.APPROVED) & (Mentor.taken < Mentor.capacity)
    coming = update(Mentor).where(Mentor.person_id == person_id, is_free)
    return updated_one_row(session, coming.values(taken=Mentor.taken + 1))


def free_seat(session: Session, person_id: int) -> None:
    """One mentee less for this mentor (whose row may be gone by now)."""
    leaving = update(Mentor).where(Mentor.person_id == person_id, Mentor.taken > 0)
    updated_one_row(session, leaving.values(taken=Mentor.taken - 1))


def require_shared_language(session: Session, request_id: int, mentor_id: int) -> None:
    """Raises NotAllowed when the two could not talk."""
    shared = (
        select(RequestLanguage.code)
        .join(PersonLanguage, PersonLanguage.code == RequestLanguage.code)
        .where(RequestLanguage.request_id == request_id, PersonLanguage.person_id == mentor_id)
    )
    if session.scalars(shared.limit(1)).first() is None:
        sentence = _("You two share no language. Add yours to your profile if one is missing there.")
        raise NotAllowed(sentence, code="no_shared_language")


def can_be_taken(mentor_id: int, now: Any) -> Any:
    """The condition under which this mentor may take a request: open, in time, not their own, not held by another."""
    not_held = or_(Request.held_by.is_(None), Request.held_by == mentor_id, Request.held_until <= now)
    is_open = (Request.state == RequestState.OPEN) & (Request.expires_at > now)
    return is_open & (Request.person_id != mentor_id) & not_held
