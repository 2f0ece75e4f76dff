"""What newcomers do with their request, and mentors with the requests of others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.reading import settle
from portal.activity.rules import excerpt, link
from portal.core.config import LimitsConfig
from portal.core.errors import Conflict, raise_if
from portal.core.i18n import _, ngettext
from portal.core.permissions import refuse_without
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.mentoring.access import BE_MENTOR, COORDINATE, refuse_foreign_request, refuse_own_request
from portal.mentoring.actions.rows import (
    NO_HOLD,
    can_be_taken,
    find_mentor,
    find_request,
    note_skip,
    require_shared_language,
    take_seat,
)
from portal.mentoring.models import (
    Pairing,
    Request,
    RequestLanguage,
    RequestSkill,
    RequestState,
    Side,
)
from portal.mentoring.queries.matching import mentors_for
from portal.mentoring.queries.proposals import PROPOSED, REQUEST, WAITS_LONG, about, proposers_of
from portal.mentoring.rules import TOLD_AT_MOST, Ask, holder, is_open, refuse_hold, refuse_seat
from portal.people.models import Person
from portal.roles.queries import people_who_may, permissions_of

TOLD_TO_MENTORS = ("mentoring.asked", "mentoring.renewed", PROPOSED)


def ask_for_mentor(session: Session, person: Person, ask: Ask, limits: LimitsConfig, now: datetime) -> Request:
    """Ask for a mentor; the best fitting mentors with a free seat are told.

    Raises Conflict when this person has a request or a mentor already.
    """
    request = Request(
        person_id=person.id,
        live_key=person.id,
        state=RequestState.OPEN,
        goal=ask.goal,
        asked_at=now,
        expires_at=now + timedelta(days=limits.request_days),
        hold_extended=False,
    )
    _fill(request, ask)
    with insert_unless_taken(session, _two_at_once()):
        session.add(request)
    told, said = _best_fitting(session, request, now), excerpt(ask.goal)
    _record(session, "mentoring.asked", person, request, now, tell=told, said=said)
    return request


def edit_request(session: Session, request_id: int, person: Person, ask: Ask) -> None:
    """Say it better. Raises NotFound for the request of another, Conflict when it is no longer open."""
    request = _own(session, request_id, person)
    still_open = update(Request).where(Request.id == request_id, Request.state == RequestState.OPEN)
    if not updated_one_row(session, still_open.values(goal=ask.goal)):
        raise Conflict(_("This request is no longer open, so it stays as it is. Its page says how things stand."))
    _fill(request, ask)


def withdraw(session: Session, request_id: int, person: Person, now: datetime) -> None:
    """Take the request back; a mentor who looks at it is told.

    Raises NotFound for the request of another, Conflict when it is no longer open.
    """
    request = _own(session, request_id, person)
    looking = holder(request, now)
    still_open = update(Request).where(Request.id == request_id, Request.state == RequestState.OPEN)
    closed = {"state": RequestState.WITHDRAWN, "live_key": None, "closed_at": now, **NO_HOLD}
    if not updated_one_row(session, still_open.values(**closed)):
        raise Conflict(_("This request is no longer open. Its page says how things stand."))
    settle_asking(session, request.id, now)
    _record(session, "mentoring.withdrawn", person, request, now, tell=[looking] if looking else [])


def renew(session: Session, request_id: int, person: Person, limits: LimitsConfig, now: datetime) -> None:
    """Keep an open request open for longer, or open an expired one again; its age stays. The mentors who fit best are
    told of one that is open again, as they are when somebody asks.

    Raises NotFound for the request of another, Conflict when it is neither, or another one of theirs is under way.
    """
    request = _own(session, request_id, person)
    had_run_out = request.state == RequestState.EXPIRED
    renewable = Request.state.in_([RequestState.OPEN, RequestState.EXPIRED])
    expires = now + timedelta(days=limits.request_days)
    renewal = update(Request).where(Request.id == request_id, renewable)
    again = renewal.values(state=RequestState.OPEN, live_key=person.id, expires_at=expires, closed_at=None)
    with insert_unless_taken(session, _two_at_once()):
        done = updated_one_row(session, again)
    if not done:
        raise Conflict(_("Only an open or expired request can be renewed. You can make a new one."))
    fitting = _best_fitting(session, request, now) if had_run_out else []
    _record(session, "mentoring.renewed", person, request, now, tell=fitting, said=excerpt(request.goal))


def expire(session: Session, request_id: int, now: datetime) -> bool:
    """Close a request whose days are over, and tell the one who asked. False when there is nothing to do any more."""
    overdue = update(Request).where(
        Request.id == request_id, Request.state == RequestState.OPEN, Request.expires_at <= now
    )
    closed = {"state": RequestState.EXPIRED, "live_key": None, "closed_at": now, **NO_HOLD}
    if not updated_one_row(session, overdue.values(**closed)):
        return False
    request = find_request(session, request_id)
    settle_asking(session, request.id, now)
    _record(session, "mentoring.expired", None, request, now, tell=[request.person_id])
    return True


def tell_of_long_wait(session: Session, request_id: int, now: datetime) -> bool:
    """Tell the coordinators of a request that nobody has taken for long. False when it is not open, or they know."""
    request = find_request(session, request_id)
    if not is_open(request, now) or session.scalar(select(exists().where(*about(request_id, WAITS_LONG)))):
        return False
    coordinators, values = people_who_may(session, COORDINATE, now), {"newcomer": request.person}
    _record(
        session, "mentoring.waits_long", None, request, now, coordinators, days=(now - request.asked_at).days, **values
    )
    return True


def hold(session: Session, request_id: int, mentor_id: int, limits: LimitsConfig, now: datetime) -> None:
    """Hold a request for some minutes, so that nobody claims it while this mentor reads and thinks.

    Raises Conflict or NotAllowed, saying why not. A hold of one's own stays as it is.
    """
    _require_mentor(session, mentor_id, now)
    mentor = find_mentor(session, mentor_id)
    request = find_request(session, request_id)
    if refusal := refuse_hold(request, mentor_id, now) or refuse_seat(mentor):
        raise refusal
    require_shared_language(session, request_id, mentor_id)
    if holder(request, now) == mentor_id:
        return
    _require_free_hold(session, mentor_id, limits, now)
    until = now + timedelta(minutes=limits.hold_minutes)
    holding = update(Request).where(Request.id == request_id, can_be_taken(mentor_id, now))
    if not updated_one_row(session, holding.values(held_by=mentor_id, held_until=until, hold_extended=False)):
        raise _refusal(session, request_id, mentor_id, now)


def extend_hold(session: Session, request_id: int, mentor_id: int, limits: LimitsConfig, now: datetime) -> None:
    """Hold on for as long again, once. Raises NotAllowed for who is no mentor, Conflict when that was done before or
    the hold has ended.
    """
    _require_mentor(session, mentor_id, now)
    request = find_request(session, request_id)
    mine = (Request.held_by == mentor_id) & (Request.held_until > now) & Request.hold_extended.is_(False)
    longer = update(Request).where(Request.id == request_id, Request.state == RequestState.OPEN, mine)
    until = max(request.held_until or now, now) + timedelta(minutes=limits.hold_minutes)
    if not updated_one_row(session, longer.values(held_until=until, hold_extended=True)):
        raise Conflict(_("A hold can be extended once, while it lasts. You can still claim the request if it is open."))


def release_hold(session: Session, request_id: int, mentor_id: int) -> None:
    """End a hold of one's own; nothing happens when there is none."""
    mine = update(Request).where(Request.id == request_id, Request.held_by == mentor_id)
    updated_one_row(session, mine.values(**NO_HOLD))


def skip(session: Session, request_id: int, mentor_id: int, reason: str, now: datetime) -> None:
    """Not for me: the mentor does not see this request again; a coordinator who had asked them to take it is told.

    Raises NotAllowed for one's own, and who is no mentor.
    """
    _require_mentor(session, mentor_id, now)
    request = find_request(session, request_id)
    raise_if(refuse_own_request(request.person_id, mentor_id))
    release_hold(session, request_id, mentor_id)
    is_news = note_skip(session, request_id, mentor_id, reason, now)
    if is_news and (proposers := proposers_of(session, request_id, mentor_id)):
        mentor, values = session.get_one(Person, mentor_id), {"newcomer": request.person, "reason": reason}
        _record(session, "mentoring.passed", mentor, request, now, proposers, **values)


def claim(session: Session, request_id: int, mentor: Person, now: datetime) -> Pairing:
    """Take a request: the two are a pairing from now on, and the mentor writes first.

    Of several mentors at once one wins. Raises Conflict or NotAllowed with a sentence that says what happened.
    """
    _require_mentor(session, mentor.id, now)
    request = find_request(session, request_id)
    raise_if(refuse_own_request(request.person_id, mentor.id))
    require_shared_language(session, request_id, mentor.id)
    if not take_seat(session, mentor.id):
        raise refuse_seat(find_mentor(session, mentor.id)) or _somebody_was_faster()
    taking = update(Request).where(Request.id == request_id, can_be_taken(mentor.id, now))
    if not updated_one_row(session, taking.values(state=RequestState.PAIRED, **NO_HOLD)):
        raise _refusal(session, request_id, mentor.id, now)
    pairing = pair(session, request, mentor.id, now)
    leads = {"link": link("mentoring.pairing", pairing_id=pairing.id)}
    tell = [request.person_id]
    record(
        session, "mentoring.claimed", actor=mentor, subject=("pairing", pairing.id), values=leads, tell=tell, now=now
    )
    return pairing


def pair(session: Session, request: Request, mentor_id: int, now: datetime, continues_id: int | None = None) -> Pairing:
    """The pairing itself. The seat and the request have been taken before."""
    pairing = Pairing(
        request_id=request.id,
        active_key=request.id,
        mentor_id=mentor_id,
        mentee_id=request.person_id,
        started_at=now,
        turn=Side.MENTOR,
        turn_since=now,
        continues_id=continues_id,
    )
    session.add(pairing)
    session.flush()
    settle_asking(session, request.id, now)
    return pairing


def settle_asking(session: Session, request_id: int, now: datetime) -> None:
    """A request is not open any more: the mentors and coordinators who were told of it need not look."""
    for verb in (*TOLD_TO_MENTORS, WAITS_LONG):
        settle(session, (REQUEST, request_id), verb, now)


def release_stale_holds(session: Session, now: datetime) -> None:
    """Forget holds that have run out. They hindered nobody any more."""
    stale = update(Request).where(Request.held_until <= now).values(**NO_HOLD)
    session.execute(stale.execution_options(synchronize_session=False))


def _own(session: Session, request_id: int, person: Person) -> Request:
    request = find_request(session, request_id)
    raise_if(refuse_foreign_request(request.person_id, person.id))
    return request


def _require_mentor(session: Session, person_id: int, now: datetime) -> None:
    raise_if(refuse_without(BE_MENTOR, permissions_of(session, person_id, now)))


def _best_fitting(session: Session, request: Request, now: datetime) -> list[int]:
    """The mentors who are told of a request, by their ids."""
    fitting = [candidate.person.id for candidate in mentors_for(session, request, now) if candidate.fit.can_help]
    return fitting[:TOLD_AT_MOST]


def _fill(request: Request, ask: Ask) -> None:
    request.goal = ask.goal
    musts_first = sorted(ask.needs.items(), key=lambda item: (item[1], item[0]))
    request.needs = [RequestSkill(skill=skill, need=need) for skill, need in musts_first]
    request.languages = [RequestLanguage(code=code) for code in sorted(ask.languages)]


def _two_at_once() -> Conflict:
    return Conflict(
        _("You have asked already, or you have a mentor. One request at a time: its page says what is next.")
    )


def _require_free_hold(session: Session, mentor_id: int, limits: LimitsConfig, now: datetime) -> None:
    mine = (Request.held_by == mentor_id) & (Request.held_until > now) & (Request.state == RequestState.OPEN)
    held = session.scalar(select(func.count()).select_from(Request).where(mine)) or 0
    if held >= limits.holds_each:
        words = ngettext(
            "You are already holding %(num)s request. Claim or release it, then look at the next.",
            "You are already holding %(num)s requests. Claim or release one, then look at the next.",
            held,
        )
        raise Conflict(words)


def _refusal(session: Session, request_id: int, mentor_id: int, now: datetime) -> Exception:
    refusal = refuse_hold(find_request(session, request_id), mentor_id, now)
    return refusal or _somebody_was_faster()


def _somebody_was_faster() -> Conflict:
    return Conflict(_("Somebody else was faster. Your list shows who else is waiting."))


def _record(
    session: Session,
    verb: str,
    actor: Person | None,
    request: Request,
    now: datetime,
    tell: Iterable[int] = (),
    **more: object,
) -> None:
    values = {
        "skills": [need.skill for need in request.needs],
        "link": link("mentoring.request", request_id=request.id),
        **more,
    }
    subject = (REQUEST, request.id)
    record(session, verb, actor=actor, subject=subject, values=values, tell=tell, now=now)
