"""What coordinators do for a request: ask a mentor to take it, and write to the one who waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core.errors import Conflict, raise_if
from portal.core.i18n import _
from portal.core.permissions import refuse_without
from portal.mentoring.access import COORDINATE
from portal.mentoring.actions.rows import find_request, lock_request
from portal.mentoring.models import Request, RequestState
from portal.mentoring.queries.matching import mentors_for
from portal.mentoring.queries.proposals import REQUEST, proposers_of
from portal.mentoring.rules import is_open
from portal.people.models import Person
from portal.roles.queries import permissions_of


def propose(session: Session, request_id: int, coordinator: Person, mentor: Person, note: str, now: datetime) -> None:
    """Ask a mentor to take a request. It stays open to others, and the mentor is free to say no.

    Raises NotAllowed for who may not coordinate, Conflict when the request is not open, or not for this mentor.
    """
    _require_coordinator(session, coordinator, now)
    # Two coordinators may ask the same mentor at once: they wait here for each other.
    request = lock_request(session, request_id)
    if not is_open(request, now):
        raise Conflict(_("This request is no longer open, so nobody can take it. Its page says how things stand."))
    name = mentor.display_name
    if mentor.id not in {candidate.person.id for candidate in mentors_for(session, request, now)}:
        raise Conflict(_("%(name)s cannot take this request at the moment. Choose somebody else.", name=name))
    if proposers_of(session, request_id, mentor.id):
        raise Conflict(_("%(name)s has been asked already. Choose somebody else, or wait for the answer.", name=name))
    values = {"mentor": mentor, "newcomer": request.person, "note": note, "link": _to(request)}
    record(
        session,
        "mentoring.proposed",
        actor=coordinator,
        subject=(REQUEST, request.id),
        values=values,
        tell=[mentor],
        now=now,
    )


def advise(session: Session, request_id: int, coordinator: Person, note: str, now: datetime) -> None:
    """Write to the one who asks, for instance what would help to find a mentor.

    Raises NotAllowed for who may not coordinate, Conflict when the person waits for nobody any more.
    """
    _require_coordinator(session, coordinator, now)
    request = find_request(session, request_id)
    if request.state not in (RequestState.OPEN, RequestState.EXPIRED):
        raise Conflict(_("This person does not wait for a mentor any more. The page says how things stand."))
    values = {"note": note, "link": _to(request)}
    subject = (REQUEST, request.id)
    record(
        session,
        "mentoring.advised",
        actor=coordinator,
        subject=subject,
        values=values,
        tell=[request.person_id],
        now=now,
    )


def _require_coordinator(session: Session, coordinator: Person, now: datetime) -> None:
    raise_if(refuse_without(COORDINATE, permissions_of(session, coordinator.id, now)))


def _to(request: Request) -> dict[str, object]:
    return link("mentoring.request", request_id=request.id)
