"""What a person may take along of their mentoring, and what becomes of it when they leave the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.core.export import export_row
from portal.core.jobs import Portal
from portal.mentoring.actions.mentors import settle_application
from portal.mentoring.actions.pairings import end_for_them
from portal.mentoring.actions.requests import settle_asking
from portal.mentoring.actions.rows import NO_HOLD
from portal.mentoring.models import (
    EndReason,
    Mentor,
    Message,
    Pairing,
    PairingState,
    Request,
    RequestState,
    Skip,
)
from portal.people.models import Person
from portal.people.unnaming import names_of, unnamed


def erase(portal: Portal, session: Session, person: Person, now: datetime) -> None:
    """End the pairings of somebody who leaves, withdraw what they ask for, forget what they offered and all they wrote.

    What others wrote to them stays with who wrote it, without their name, and goes with the second of the two.
    """
    is_theirs = or_(Pairing.mentor_id == person.id, Pairing.mentee_id == person.id)
    active = select(Pairing).where(is_theirs, Pairing.state == PairingState.ACTIVE).order_by(Pairing.id)
    for pairing in session.scalars(active).all():
        mentor_leaves, reason = pairing.mentor_id == person.id, EndReason.ACCOUNT_DELETED
        end_for_them(session, pairing.id, None, reason, "", portal.config.limits, now, ask_again=mentor_leaves)
    _forget_mentor(session, person.id)
    settle_application(session, person.id, now)
    _withdraw(session, person.id, now)
    _forget_what_nobody_shares(session, person.id)
    _forget_words(session, person.id)
    _forget_names(session, person)


def export(session: Session, person: Person) -> dict[str, Any]:
    """What this person offers and asked for, their pairings, and what they wrote in them."""
    offered = session.get(Mentor, person.id)
    whole = (selectinload(Request.needs), selectinload(Request.languages))
    requests = session.scalars(
        select(Request).where(Request.person_id == person.id).options(*whole).order_by(Request.id)
    )
    is_theirs = or_(Pairing.mentor_id == person.id, Pairing.mentee_id == person.id)
    pairings = session.scalars(select(Pairing).where(is_theirs).order_by(Pairing.id))
    skips = session.scalars(select(Skip).where(Skip.mentor_id == person.id).order_by(Skip.at))
    messages = session.scalars(select(Message).where(Message.author_id == person.id).order_by(Message.id))
    return {
        "mentor": export_row(offered, MENTOR_FIELDS) if offered else None,
        "requests": [_request(row) for row in requests],
        "passed_over": [export_row(row, ("request_id", "reason", "at")) for row in skips],
        "pairings": [{"as": _side(row, person), **export_row(row, PAIRING_FIELDS)} for row in pairings],
        "messages": [export_row(row, ("pairing_id", "text", "at")) for row in messages],
    }


MENTOR_FIELDS = ("state", "pitch", "capacity", "away_until", "applied_at", "decided_at", "declined_because")
REQUEST_FIELDS = ("id", "state", "goal", "asked_at", "expires_at", "closed_at")
PAIRING_FIELDS = ("id", "state", "started_at", "turn", "turn_since", "ended_at", "end_reason", "end_note")


def _forget_mentor(session: Session, person_id: int) -> None:
    session.execute(delete(Mentor).where(Mentor.person_id == person_id))
    session.execute(delete(Skip).where(Skip.mentor_id == person_id))
    session.execute(update(Request).where(Request.held_by == person_id).values(**NO_HOLD))


def _withdraw(session: Session, person_id: int, now: datetime) -> None:
    is_open = (Request.person_id == person_id, Request.state == RequestState.OPEN)
    for request_id in session.scalars(select(Request.id).where(*is_open)).all():
        settle_asking(session, request_id, now)
    session.execute(update(Request).where(*is_open).values(state=RequestState.WITHDRAWN, live_key=None, **NO_HOLD))


def _forget_what_nobody_shares(session: Session, person_id: int) -> None:
    gone = select(Person.id).where(or_(Person.deleted_at.is_not(None), Person.id == person_id))
    both_gone = Pairing.mentor_id.in_(gone) & Pairing.mentee_id.in_(gone)
    session.execute(delete(Pairing).where(both_gone))
    # A mentor who is still here may read the goal beside the thread.
    unshared = Request.id.not_in(select(Pairing.request_id))
    session.execute(delete(Request).where(Request.person_id.in_(gone), unshared))


def _forget_words(session: Session, person_id: int) -> None:
    """Empty what they wrote, and why others passed over what they asked for."""
    session.execute(update(Message).where(Message.author_id == person_id).values(text=""))
    session.execute(update(Pairing).where(Pairing.ended_by == person_id).values(end_note=""))
    session.execute(update(Mentor).where(Mentor.decided_by == person_id).values(declined_because=""))
    session.execute(update(Request).where(Request.person_id == person_id).values(goal=""))
    asked = select(Request.id).where(Request.person_id == person_id)
    session.execute(update(Skip).where(Skip.request_id.in_(asked)).values(reason=""))


def _forget_names(session: Session, person: Person) -> None:
    """What the others of their pairings wrote calls them by no name any more."""
    names = names_of(person)
    is_theirs = or_(Pairing.mentor_id == person.id, Pairing.mentee_id == person.id)
    pairings = session.scalars(select(Pairing).where(is_theirs).options(joinedload(Pairing.request))).all()
    for pairing in pairings:
        pairing.end_note = unnamed(pairing.end_note, names)
        pairing.request.goal = unnamed(pairing.request.goal, names)
    for message in session.scalars(select(Message).where(Message.pairing_id.in_([one.id for one in pairings]))):
        message.text = unnamed(message.text, names)


def _request(request: Request) -> dict[str, Any]:
    return {
        **export_row(request, REQUEST_FIELDS),
        "skills": {need.skill: need.need for need in request.needs},
        "languages": [language.code for language in request.languages],
    }


def _side(pairing: Pairing, person: Person) -> str:
    return "mentor" if pairing.mentor_id == person.id else "mentee"
