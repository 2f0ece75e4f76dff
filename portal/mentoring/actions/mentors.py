"""What mentors do with what they offer, and coordinators with applications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import excerpt, link
from portal.core.config import LimitsConfig
from portal.core.errors import Conflict, Invalid, NotFound, raise_if
from portal.core.i18n import _
from portal.core.permissions import refuse_without
from portal.core.rows import updated_one_row
from portal.mentoring.access import APPROVE_MENTORS, refuse_own_application
from portal.mentoring.actions.pairings import end_for_them
from portal.mentoring.actions.rows import NO_HOLD, find_mentor
from portal.mentoring.content import MENTOR
from portal.mentoring.models import EndReason, Mentor, MentorState, Pairing, PairingState, Request
from portal.mentoring.rules import AWAY_AT_MOST, is_away
from portal.people.actions import find_by_words
from portal.people.models import Person
from portal.roles.actions import step_down
from portal.roles.holdings import give
from portal.roles.models import RoleHolder
from portal.roles.queries import definitions_of, is_active, people_who_may, permissions_of, roles_of

APPLICATION = "mentor"


def offer_help(session: Session, person: Person, pitch: str, capacity: int, now: datetime) -> Mentor:
    """Apply as a mentor, or change what one offers. Who holds the role needs no answer; else coordinators are told.

    Raises Invalid while the profile names no skill or no language: the fit is made of them.
    """
    if not person.skills or not person.languages:
        raise Invalid(
            _("Add at least one skill and one language to your profile first: newcomers are matched by them.")
        )
    mentor = session.get(Mentor, person.id)
    before = mentor.state if mentor else None
    mentor = mentor or Mentor(person_id=person.id, taken=0)
    mentor.state = MentorState.APPROVED if MENTOR in roles_of(session, person.id, now) else MentorState.APPLIED
    mentor.pitch, mentor.capacity = pitch, capacity
    if before != mentor.state:
        mentor.applied_at, mentor.declined_because = now, ""
    session.add(mentor)
    find_by_words(person)
    if mentor.state == MentorState.APPLIED and before != MentorState.APPLIED:
        readers = people_who_may(session, APPROVE_MENTORS, now)
        said = excerpt(pitch)
        _record(session, "mentoring.applied", person, person, now, readers, to="mentoring.applications", said=said)
    return mentor


def withdraw_application(session: Session, person: Person, now: datetime) -> None:
    """Take an application back. Raises Conflict when it has been answered by now."""
    waiting = update(Mentor).where(Mentor.person_id == person.id, Mentor.state == MentorState.APPLIED)
    if not updated_one_row(session, waiting.values(state=MentorState.RETIRED)):
        raise Conflict(_("There is no application waiting for an answer. This page shows the current state."))
    settle_application(session, person.id, now)


def approve(session: Session, person_id: int, coordinator: Person, now: datetime) -> Person:
    """Say yes to an application: this appoints the person, whom it gives, to the role of mentor, and they are told.

    Raises NotAllowed for who may not approve mentors and for one's own, Conflict when it was answered by now.
    """
    person = _answer(session, person_id, coordinator, MentorState.APPROVED, "", now)
    if MENTOR not in roles_of(session, person.id, now):
        reason = _("Applied as a mentor in the portal.")
        # Who may approve mentors need not be one who appoints them otherwise.
        give(session, definitions_of(session).get(MENTOR), person, coordinator, reason, None, now)
    find_by_words(person)
    _record(session, "mentoring.approved", coordinator, person, now, [person.id], to="mentoring.requests")
    return person


def decline(session: Session, person_id: int, coordinator: Person, reason: str, now: datetime) -> Person:
    """Say no to an application, with a reason that helps; the person, whom it gives, is told and may apply again.

    Raises NotAllowed for who may not approve mentors and for one's own, Conflict when it was answered by now.
    """
    person = _answer(session, person_id, coordinator, MentorState.DECLINED, reason, now)
    _record(session, "mentoring.declined", coordinator, person, now, [person.id], to="mentoring.apply", reason=reason)
    return person


def settle_application(session: Session, person_id: int, now: datetime) -> None:
    """An application waits for nobody any more: whoever was told of it need not look."""
    settle(session, (APPLICATION, person_id), "mentoring.applied", now)


def go_away(session: Session, person: Person, until: datetime, now: datetime) -> None:
    """Be away until then: no new requests, and no turn runs out. Raises Invalid beyond a year or in the past."""
    if not now < until <= now + AWAY_AT_MOST:
        raise Invalid(_("Choose a day after today, at most a year ahead."), "until")
    mentor = find_mentor(session, person.id)
    mentor.away_until = until
    holds = update(Request).where(Request.held_by == person.id).values(**NO_HOLD)
    session.execute(holds.execution_options(synchronize_session=False))


def come_back(session: Session, person: Person, now: datetime) -> None:
    """Be here again, before the day that was said. The clock of one's turns runs from now on."""
    mentor = find_mentor(session, person.id)
    if is_away(mentor.away_until, now):
        mentor.away_until = now


def retire(session: Session, person: Person, reason: str, limits: LimitsConfig, now: datetime) -> None:
    """Stop being a mentor: the role is given back, and the requests of one's mentees are open again.

    Raises Invalid without a reason for giving back the role.
    """
    if held := _holding(session, person.id, now):
        step_down(session, held, person, reason, now)
    end_pairings_of(session, person.id, EndReason.ROLE_ENDED, limits, now)
    find_mentor(session, person.id).state = MentorState.RETIRED
    find_by_words(person)


def end_pairings_of(session: Session, mentor_id: int, reason: EndReason, limits: LimitsConfig, now: datetime) -> None:
    """End every active pairing of a mentor who cannot go on; each request is open again with the age it has."""
    their_pairings = select(Pairing.id).where(Pairing.mentor_id == mentor_id, Pairing.state == PairingState.ACTIVE)
    for pairing_id in session.scalars(their_pairings.order_by(Pairing.id)).all():
        end_for_them(session, pairing_id, None, reason, "", limits, now)


def _answer(
    session: Session, person_id: int, coordinator: Person, state: MentorState, reason: str, now: datetime
) -> Person:
    raise_if(refuse_without(APPROVE_MENTORS, permissions_of(session, coordinator.id, now)))
    raise_if(refuse_own_application(person_id, coordinator.id))
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(_("There is no such application."))
    waiting = update(Mentor).where(Mentor.person_id == person_id, Mentor.state == MentorState.APPLIED)
    answer = {"state": state, "decided_at": now, "decided_by": coordinator.id, "declined_because": reason}
    if not updated_one_row(session, waiting.values(**answer)):
        raise Conflict(
            _("This application has already been answered or withdrawn. The list shows which are still waiting.")
        )
    settle_application(session, person_id, now)
    return person


def _holding(session: Session, person_id: int, now: datetime) -> RoleHolder | None:
    mine = select(RoleHolder).where(RoleHolder.person_id == person_id, RoleHolder.role == MENTOR, is_active(now))
    return session.scalars(mine).one_or_none()


def _record(
    session: Session,
    verb: str,
    actor: Person,
    about: Person,
    now: datetime,
    tell: Iterable[int],
    *,
    to: str,
    **values: object,
) -> None:
    leads = {"applicant": about, "link": link(to), **values}
    subject = (APPLICATION, about.id)
    record(session, verb, actor=actor, subject=subject, values=leads, tell=tell, now=now)
