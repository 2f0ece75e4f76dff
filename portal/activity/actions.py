"""Note what happened, tell those it concerns, read what one was told, and choose what comes by mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, contains_eager

from portal.activity import queries
from portal.activity.access import no_such_notice, refuse_reading
from portal.activity.limits import require_may_reach_others
from portal.activity.models import Event, MailChoice, Mailing, Notice, Reaction
from portal.activity.reading import read_by_doing
from portal.activity.rules import ONE_DAY, due_at, linked_page, plain, says_the_same
from portal.activity.tokens import DAILY
from portal.core.due import DueState
from portal.core.errors import raise_if
from portal.core.feature import features_of
from portal.core.jobs import nudge
from portal.core.notices import Cadence, NoticeKind
from portal.people.locks import lock_person
from portal.people.models import Person

LATELY = timedelta(hours=1)
MOST_WITH_LETTERS = 60
"""So many doings of one person within an hour are told by letter too; what comes on top stands on the site alone."""
MOST_LETTERS = 20
"""So many letters come to one person at once within an hour; what comes on top waits for the daily one."""
NOTHING: Mapping[str, object] = MappingProxyType({})


def record(
    session: Session,
    verb: str,
    *,
    actor: Person | None,
    subject: tuple[str, int] | None = None,
    values: Mapping[str, object] = NOTHING,
    tell: Iterable[Person | int] = (),
    now: datetime,
) -> Event:
    """Note that `actor` (None: the site itself) did `verb`, "<feature>.<what>", and tell people of it, by mail too.

    Rooms that react to the verb hear of it after the commit. What `actor` was told of the subject before is read
    by that.

    `subject` is the thing by kind and id. `values` are what the template mail/<verb>.txt speaks of: text, numbers,
    dates, people, and `link`, made with rules.link. Nobody is told of what they did themselves, nor twice.

    Raises TooMany when `actor` did such things as often as their room allows within an hour, NotAllowed while they
    reach nobody (limits.require_may_reach_others).
    """
    told, (kind, subject_id) = _ids(tell), subject or (None, None)
    if actor and (verb in features_of(session).act_limits or told - {actor.id}):
        require_may_reach_others(session, verb, actor, now)
    event = Event(
        at=now,
        verb=verb,
        actor_id=actor.id if actor else None,
        subject_kind=kind,
        subject_id=subject_id,
        values=plain(values),
    )
    session.add(event)
    session.flush()
    read_by_doing(session, event)
    _tell(session, event, told)
    _let_hear(session, event)
    return event


def tell(session: Session, event: Event, people: Iterable[Person | int]) -> None:
    """Tell people of what was recorded before, by mail too. Whoever was told of it already is not told again."""
    notified = select(Notice.person_id).where(Notice.event_id == event.id)
    _tell(session, event, _ids(people) - set(session.scalars(notified)))


def read_notice(session: Session, person_id: int, notice_id: int, now: datetime) -> Notice:
    """Mark this person's notice as read. Raises NotFound for one that was told to somebody else."""
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise no_such_notice()
    raise_if(refuse_reading(notice.person_id, person_id))
    notice.read_at = notice.read_at or now
    return notice


def read_all_notices(session: Session, person_id: int, now: datetime) -> None:
    """Mark all that this person was told until now as read."""
    unread = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    session.execute(unread.values(read_at=now))


def read_notices(session: Session, person_id: int, notice_ids: Collection[int], now: datetime) -> None:
    """Mark these of this person's notices as read; those of others, and what is none, are passed over."""
    unread = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None), Notice.id.in_(notice_ids))
    session.execute(unread.values(read_at=now))


def choose_letters(session: Session, person_id: int, wanted: Mapping[str, Cadence]) -> None:
    """Have notices of these kinds (slug → how often) by mail from now on, those that wait for their letter, too.

    Only what differs from the usual is kept.
    """
    # Two answers to the same letter may come at once: they wait here for each other.
    lock_person(session, person_id)
    mine, kinds = MailChoice.person_id == person_id, features_of(session).notice_kinds
    session.execute(delete(MailChoice).where(mine, MailChoice.kind.in_(wanted)))
    session.add_all(
        MailChoice(person_id=person_id, kind=slug, cadence=cadence)
        for slug, cadence in wanted.items()
        if cadence is not kinds[slug].cadence
    )
    _move_what_waits(session, person_id, wanted)


def stop_letters(session: Session, person_id: int, what: str) -> list[NoticeKind]:
    """Stop letters of one kind, or of all that come daily (tokens.DAILY); the kinds that are off now."""
    chosen, kinds = queries.cadences_of(session, person_id), features_of(session).notice_kinds
    slugs = [slug for slug in kinds if chosen[slug] is Cadence.DAILY] if what == DAILY else [what]
    choose_letters(session, person_id, dict.fromkeys(slugs, Cadence.NEVER))
    return [kinds[slug] for slug in slugs]


def _move_what_waits(session: Session, person_id: int, wanted: Mapping[str, Cadence]) -> None:
    """What is to come in another way now comes when it would have, had that been chosen before it happened.

    What is on its way at this moment stays; what is not wanted any more is left out when its time comes.
    """
    kinds = features_of(session).notices
    waiting = select(Mailing).join(Mailing.notice).join(Notice.event).where(Mailing.person_id == person_id)
    unread = waiting.where(Mailing.state == DueState.WAITING, Mailing.lease.is_(None), Notice.read_at.is_(None))
    reader = session.get_one(Person, person_id)
    moved = [
        (row, cadence)
        for row in session.scalars(unread.options(contains_eager(Mailing.notice).contains_eager(Notice.event)))
        if (cadence := wanted.get(kinds[row.notice.event.verb].slug, Cadence.NEVER)) not in (row.cadence, Cadence.NEVER)
    ]
    for row, cadence in moved:
        row.due_at = due_at(cadence, reader.time_zone, row.notice.created_at)
        # Several at once come in one letter rather than as a shower of them.
        row.cadence = Cadence.DAILY if len(moved) > 1 else cadence
    if moved:
        nudge(session, "mail.deliver")


def _let_hear(session: Session, event: Event) -> None:
    for listener in features_of(session).listeners_to(event.verb):
        session.add(Reaction(event_id=event.id, listener=listener.name, due_at=event.at))
        nudge(session, "activity.hand_over")


def _ids(people: Iterable[Person | int]) -> set[int]:
    return {person.id if isinstance(person, Person) else person for person in people}


def _tell(session: Session, event: Event, person_ids: set[int]) -> None:
    ids = person_ids - {event.actor_id}
    if not ids:
        return
    readers_here = list(session.scalars(select(Person).where(Person.id.in_(ids), Person.deleted_at.is_(None))))
    page, known = linked_page(event.values), _tell_anew(session, event, ids)
    notices = {
        person.id: Notice(person_id=person.id, event_id=event.id, created_at=event.at, page=page)
        for person in readers_here
        if person.id not in known
    }
    session.add_all(notices.values())
    readers = [person for person in readers_here if person.gets_mail and person.id not in known]
    if readers and not _has_done_much(session, event):
        session.flush()
        _mail(session, event, readers, notices)


def _tell_anew(session: Session, event: Event, person_ids: set[int]) -> set[int]:
    """Who was told the same within a day gets no other notice, nor letter: theirs speaks of the new event now. Their
    ids. Once one of them has answered, it is not the same any more.
    """
    limit = features_of(session).act_limits.get(event.verb)
    if event.actor_id is None or limit is None or limit.tells_each or event.subject_kind is None:
        return set()
    lately = (Event.actor_id == event.actor_id, Event.verb == event.verb, Event.at > event.at - ONE_DAY)
    earlier = select(Notice).join(Notice.event).where(*lately, Notice.person_id.in_(person_ids))
    told = session.scalars(earlier.options(contains_eager(Notice.event)).order_by(Notice.id)).all()
    same = {notice.event for notice in told if says_the_same(event, notice.event, limit)}
    unanswered = {one for one in same if not _is_answered(session, one, person_ids)}
    known = {notice.person_id: notice for notice in told if notice.event in unanswered}
    for notice in known.values():
        notice.event, notice.created_at, notice.read_at = event, event.at, None
        notice.page = linked_page(event.values)
    return set(known)


def _is_answered(session: Session, event: Event, person_ids: set[int]) -> bool:
    """Whether one of these people has done something about the same thing since."""
    since = (Event.id > event.id, Event.actor_id.in_(person_ids))
    same = (Event.subject_kind == event.subject_kind, Event.subject_id == event.subject_id)
    return session.scalar(select(Event.id).where(*since, *same).limit(1)) is not None


def _mail(session: Session, event: Event, readers: list[Person], notices: Mapping[int, Notice]) -> None:
    ids = [person.id for person in readers]
    wanted = queries.cadences_for(session, features_of(session).notices[event.verb], ids)
    full = queries.with_many_letters(session, ids, event.at - LATELY, MOST_LETTERS)
    for person in readers:
        cadence = wanted[person.id]
        if cadence is Cadence.NOW and person.id in full:
            cadence = Cadence.DAILY
        if cadence is not Cadence.NEVER:
            due = due_at(cadence, person.time_zone, event.at)
            keys = {"notice_id": notices[person.id].id, "person_id": person.id}
            session.add(Mailing(**keys, cadence=cadence, due_at=due))
    nudge(session, "mail.deliver")


def _has_done_much(session: Session, event: Event) -> bool:
    """Whether the actor does so much within an hour that letters would flood those it concerns: notices are enough."""
    lately = select(func.count()).where(Event.actor_id == event.actor_id, Event.at > event.at - LATELY)
    return event.actor_id is not None and (session.scalar(lately) or 0) > MOST_WITH_LETTERS
