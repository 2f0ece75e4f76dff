"""What the two in a pairing do, what a coordinator may do with it, and what silence does to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Update, case, literal, null, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import excerpt, link
from portal.core.config import LimitsConfig
from portal.core.database import UtcDateTime
from portal.core.errors import Conflict, NotAllowed, raise_if
from portal.core.i18n import _
from portal.core.permissions import refuse_without
from portal.core.rows import updated_one_row
from portal.mentoring.access import COORDINATE, no_such_pairing, refuse_former_mentor, refuse_outsider
from portal.mentoring.actions.requests import pair
from portal.mentoring.actions.rows import (
    NO_HOLD,
    find_request,
    free_seat,
    note_skip,
    require_shared_language,
    take_seat,
)
from portal.mentoring.models import (
    EndReason,
    Mentor,
    Message,
    Pairing,
    PairingState,
    Request,
    RequestState,
    Side,
)
from portal.mentoring.queries.matching import has_passed, is_mentor
from portal.mentoring.rules import TIME_OUT_DAYS, clock_start, due_nudge, has_timed_out, is_away
from portal.people.models import Person
from portal.roles.queries import permissions_of

PAIRING = "pairing"


def write(session: Session, pairing_id: int, person: Person, text: str, now: datetime) -> Message:
    """Say something to the other, who owes the next word from then on.

    A further word of the side that does not owe one leaves the other's clock as it is. Raises NotFound for everybody
    but the two, NotAllowed for a mentor who has lost the role, Conflict when the pairing has ended.
    """
    pairing, side = _pairing_with(session, pairing_id, person)
    if side is Side.MENTOR:
        raise_if(refuse_former_mentor(is_mentor=is_mentor(session, person.id, now)))
    was_mine = Pairing.turn == side
    turned = {
        "turn": side.other,
        "turn_since": case((was_mine, literal(now, UtcDateTime())), else_=Pairing.turn_since),
        "nudged_days": case((was_mine, 0), else_=Pairing.nudged_days),
        "nudged_at": case((was_mine, null()), else_=Pairing.nudged_at),
    }
    if not updated_one_row(session, _still_active(pairing_id).values(**turned)):
        raise _has_ended()
    message = Message(pairing_id=pairing_id, author_id=person.id, text=text, at=now)
    session.add(message)
    session.flush()
    _mark_read(session, pairing, side, message.id)
    _record(session, "mentoring.message", person, pairing, now, tell=[_other(pairing, side)], said=excerpt(text))
    return message


def mark_read(session: Session, pairing_id: int, person: Person, message_id: int) -> None:
    """This person has seen the thread up to this message. What was seen stays seen. Raises NotFound for others."""
    pairing, side = _pairing_with(session, pairing_id, person)
    _mark_read(session, pairing, side, message_id)


def complete(session: Session, pairing_id: int, person: Person, thanks: str, now: datetime) -> None:
    """The goal is reached; a few words of thanks may go with it.

    Raises NotFound for everybody but the two, Conflict when the pairing has ended.
    """
    pairing, side = _pairing_with(session, pairing_id, person)
    _close(session, pairing, PairingState.COMPLETED, person, "", thanks, now)
    _close_request(session, pairing)
    _record(session, "mentoring.completed", person, pairing, now, tell=[_other(pairing, side)], thanks=thanks)


def end_early(
    session: Session,
    pairing_id: int,
    person: Person,
    reason: EndReason,
    note: str,
    limits: LimitsConfig,
    now: datetime,
    *,
    ask_again: bool,
) -> None:
    """End a pairing before its goal, by one of the two. The seat is free again.

    When the mentor ends it, or the mentee wants to `ask_again`, the request is open again with the age it has.
    Raises NotFound for everybody but the two, Conflict when the pairing has ended.
    """
    pairing, side = _pairing_with(session, pairing_id, person)
    _close(session, pairing, PairingState.ENDED_EARLY, person, reason, note, now)
    _settle_request(session, pairing, limits, now, reopens=ask_again or side is Side.MENTOR)
    values: dict[str, object] = {"reason": reason, "note": note}
    if side is Side.MENTOR:
        to_request = link("mentoring.request", request_id=pairing.request_id)
        _record(
            session, "mentoring.released", person, pairing, now, tell=[pairing.mentee_id], link=to_request, **values
        )
    else:
        _record(session, "mentoring.ended", person, pairing, now, tell=[pairing.mentor_id], **values)


def end_for_them(
    session: Session,
    pairing_id: int,
    coordinator: Person | None,
    reason: EndReason,
    note: str,
    limits: LimitsConfig,
    now: datetime,
    *,
    ask_again: bool = True,
) -> None:
    """A coordinator (None: the portal itself) ends a pairing that cannot go on; both are told.

    With `ask_again` the mentee's request is open again with the age it has. Raises NotAllowed for who may not
    coordinate, NotFound when there is none, Conflict when it has ended.
    """
    if coordinator:
        raise_if(refuse_without(COORDINATE, permissions_of(session, coordinator.id, now)))
    pairing = _find(session, pairing_id)
    _close(session, pairing, PairingState.ENDED_EARLY, coordinator, reason, note, now)
    _settle_request(session, pairing, limits, now, reopens=ask_again)
    both = [pairing.mentor_id, pairing.mentee_id]
    values: dict[str, object] = {"reason": reason, "note": note, "reopened": ask_again}
    _record(session, "mentoring.ended_for_you", coordinator, pairing, now, tell=both, **values)


def reassign(
    session: Session, pairing_id: int, coordinator: Person, mentor: Person, note: str, now: datetime
) -> Pairing:
    """A coordinator moves a mentee to a mentor with a free seat: an end, and a new pairing that continues it.

    The new mentor does not see the old thread. Raises NotFound, Conflict or NotAllowed with a sentence that says why.
    """
    raise_if(refuse_without(COORDINATE, permissions_of(session, coordinator.id, now)))
    before = _find(session, pairing_id)
    _refuse_new_mentor(session, before, mentor, now)
    _close(session, before, PairingState.ENDED_EARLY, coordinator, EndReason.REASSIGNED, note, now)
    _move_seat(session, before.mentor_id, mentor)
    pairing = pair(session, find_request(session, before.request_id), mentor.id, now, continues_id=before.id)
    values = {"mentor": mentor, "note": note}
    _record(session, "mentoring.reassigned", coordinator, pairing, now, tell=[before.mentee_id, mentor.id], **values)
    _record(session, "mentoring.handed_over", coordinator, before, now, tell=[before.mentor_id], **values)
    return pairing


def nudge_owing_side(session: Session, pairing_id: int, now: datetime) -> bool:
    """Remind the side that owes the next word when a reminder is due. False when none is, or another sweep did it."""
    pairing = _find(session, pairing_id)
    waited = now - _clock_start(session, pairing)
    days = due_nudge(waited, pairing.nudged_days)
    if days is None or not updated_one_row(session, _same_turn(pairing).values(nudged_days=days, nudged_at=now)):
        return False
    _record(
        session,
        "mentoring.nudged",
        None,
        pairing,
        now,
        tell=[_owing(pairing)],
        days=waited.days,
        time_out_days=TIME_OUT_DAYS,
    )
    return True


def time_out(session: Session, pairing_id: int, limits: LimitsConfig, now: datetime) -> bool:
    """End a pairing in which one side has been silent for too long, and tell both which side it was.

    When it was the mentor, the request is open again with the age it has. False when it is not so far.
    """
    pairing = _find(session, pairing_id)
    waited = now - _clock_start(session, pairing)
    if not has_timed_out(waited, pairing.nudged_days, pairing.nudged_at, now):
        return False
    side, ended = Side(pairing.turn), {"state": PairingState.TIMED_OUT, "active_key": None, "ended_at": now}
    if not updated_one_row(session, _same_turn(pairing).values(**ended)):
        return False
    settle(session, (PAIRING, pairing.id), "mentoring.nudged", now)
    _settle_request(session, pairing, limits, now, reopens=side is Side.MENTOR)
    both = [pairing.mentor_id, pairing.mentee_id]
    _record(session, "mentoring.timed_out", None, pairing, now, tell=both, side=side)
    return True


def _find(session: Session, pairing_id: int) -> Pairing:
    pairing = session.get(Pairing, pairing_id, populate_existing=True)
    if pairing is None:
        raise no_such_pairing()
    return pairing


def _pairing_with(session: Session, pairing_id: int, person: Person) -> tuple[Pairing, Side]:
    pairing = _find(session, pairing_id)
    raise_if(refuse_outsider(pairing.mentor_id, pairing.mentee_id, person.id))
    return pairing, Side.MENTOR if person.id == pairing.mentor_id else Side.MENTEE


def _mark_read(session: Session, pairing: Pairing, side: Side, message_id: int) -> None:
    column = Pairing.mentor_read_id if side is Side.MENTOR else Pairing.mentee_read_id
    seen = update(Pairing).where(Pairing.id == pairing.id, column < message_id)
    updated_one_row(session, seen.values({column: message_id}))


def _other(pairing: Pairing, side: Side) -> int:
    return pairing.mentee_id if side is Side.MENTOR else pairing.mentor_id


def _owing(pairing: Pairing) -> int:
    return pairing.mentor_id if pairing.turn == Side.MENTOR else pairing.mentee_id


def _still_active(pairing_id: int) -> Update:
    return update(Pairing).where(Pairing.id == pairing_id, Pairing.state == PairingState.ACTIVE)


def _same_turn(pairing: Pairing) -> Update:
    # Nothing has moved since it was read: neither a word that turned it, nor another sweep that was faster.
    return _still_active(pairing.id).where(
        Pairing.turn == pairing.turn,
        Pairing.turn_since == pairing.turn_since,
        Pairing.nudged_days == pairing.nudged_days,
    )


def _clock_start(session: Session, pairing: Pairing) -> datetime:
    mentor = session.get(Mentor, pairing.mentor_id)
    return clock_start(pairing.turn, pairing.turn_since, mentor.away_until if mentor else None)


def _close(
    session: Session,
    pairing: Pairing,
    state: PairingState,
    by: Person | None,
    reason: str,
    note: str,
    now: datetime,
) -> None:
    ended = {"state": state, "active_key": None, "ended_at": now, "ended_by": by.id if by else None}
    if not updated_one_row(session, _still_active(pairing.id).values(**ended, end_reason=reason, end_note=note)):
        raise _has_ended()
    # Nobody owes a word any more.
    settle(session, (PAIRING, pairing.id), "mentoring.nudged", now)


def _has_ended() -> Conflict:
    return Conflict(_("This pairing has ended, so nothing can be added to it. Its page says how and when."))


def _settle_request(session: Session, pairing: Pairing, limits: LimitsConfig, now: datetime, *, reopens: bool) -> None:
    if reopens:
        _reopen_request(session, pairing, limits, now)
    else:
        _close_request(session, pairing)


def _close_request(session: Session, pairing: Pairing) -> None:
    free_seat(session, pairing.mentor_id)
    updated_one_row(session, _paired_request(pairing).values(live_key=None))


def _reopen_request(session: Session, pairing: Pairing, limits: LimitsConfig, now: datetime) -> None:
    # `asked_at` stays: who has waited before goes to the front again, and nobody waits twice.
    free_seat(session, pairing.mentor_id)
    expires = now + timedelta(days=limits.request_days)
    updated_one_row(session, _paired_request(pairing).values(state=RequestState.OPEN, expires_at=expires, **NO_HOLD))
    note_skip(session, pairing.request_id, pairing.mentor_id, "", now)


def _paired_request(pairing: Pairing) -> Update:
    return update(Request).where(Request.id == pairing.request_id, Request.state == RequestState.PAIRED)


def _move_seat(session: Session, old_id: int, new: Person) -> None:
    # The lower id first, whoever that is: two handovers across each other must not wait for each other.
    if old_id < new.id:
        free_seat(session, old_id)
    if not take_seat(session, new.id):
        raise Conflict(_("%(name)s has no free seat any more. Choose somebody else.", name=new.display_name))
    if old_id > new.id:
        free_seat(session, old_id)


def _refuse_new_mentor(session: Session, before: Pairing, mentor: Person, now: datetime) -> None:
    if mentor.id == before.mentee_id:
        raise NotAllowed(_("Nobody can be their own mentor. Choose somebody else."), code="own_mentor")
    if mentor.id == before.mentor_id:
        raise NotAllowed(_("This is the mentor they have now. Choose somebody else."), code="same_mentor")
    if not is_mentor(session, mentor.id, now):
        sentence = _("%(name)s does not hold the role of mentor. Choose somebody else.", name=mentor.display_name)
        raise NotAllowed(sentence, code="not_a_mentor")
    offer = session.get_one(Mentor, mentor.id)
    if is_away(offer.away_until, now):
        raise Conflict(_("%(name)s is away at the moment. Choose somebody else.", name=mentor.display_name))
    if has_passed(session, before.request_id, mentor.id):
        sentence = _(
            "%(name)s has said that this request is not for them. Choose somebody else.", name=mentor.display_name
        )
        raise Conflict(sentence)
    require_shared_language(session, before.request_id, mentor.id)


def _record(
    session: Session,
    verb: str,
    actor: Person | None,
    pairing: Pairing,
    now: datetime,
    tell: Iterable[int] = (),
    **values: object,
) -> None:
    about = {"link": link("mentoring.pairing", pairing_id=pairing.id), **values}
    subject = (PAIRING, pairing.id)
    record(session, verb, actor=actor, subject=subject, values=about, tell=tell, now=now)
