"""Note what happened, tell those it concerns, and read what one was told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.activity.models import Event, Notice
from portal.activity.queries import names_of
from portal.activity.rules import named, people_in, plain
from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.people.actions import write_letter
from portal.people.models import Person

LATELY = timedelta(hours=1)
MOST_WITH_LETTERS = 60
"""So many doings of one person within an hour are told by letter too; what comes on top stands on the site alone."""
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

    `subject` is the thing by kind and id. `values` are what the template mail/<verb>.txt speaks of: text, numbers,
    dates, people, and `link`, made with rules.link. Nobody is told of what they did themselves, nor twice.
    """
    kind, subject_id = subject or (None, None)
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
    _tell(session, event, tell)
    return event


def read_notice(session: Session, person_id: int, notice_id: int, now: datetime) -> Notice:
    """Mark this person's notice as read. Raises NotFound for one that was told to somebody else."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.person_id != person_id:
        raise NotFound(lazy("You have no such notice."))
    notice.read_at = notice.read_at or now
    return notice


def read_all_notices(session: Session, person_id: int, now: datetime) -> None:
    """Mark all that this person was told until now as read."""
    unread = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    session.execute(unread.values(read_at=now))


def _tell(session: Session, event: Event, tell: Iterable[Person | int]) -> None:
    ids = {one.id if isinstance(one, Person) else one for one in tell} - {event.actor_id}
    if not ids:
        return
    told = list(session.scalars(select(Person).where(Person.id.in_(ids), Person.deleted_at.is_(None))))
    session.add_all(Notice(person_id=person.id, event_id=event.id, created_at=event.at) for person in told)
    if _has_done_much(session, event):
        return
    values = _in_words(session, event)
    for person in told:
        write_letter(session, person, event.verb, values, event.at)


def _has_done_much(session: Session, event: Event) -> bool:
    """Whether the actor does so much within an hour that letters would flood those it concerns: notices are enough."""
    lately = select(func.count()).where(Event.actor_id == event.actor_id, Event.at > event.at - LATELY)
    return event.actor_id is not None and (session.scalar(lately) or 0) > MOST_WITH_LETTERS


def _in_words(session: Session, event: Event) -> dict[str, object]:
    acting = {event.actor_id} if event.actor_id else set()
    names = names_of(session, people_in(event.values) | acting)
    return {**named(event.values, names), "actor": names[event.actor_id] if event.actor_id else ""}
