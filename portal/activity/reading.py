"""When a notice counts as read: its page was read, its reader has done something about it, or it waits for nobody any
more. Whatever is marked twice stays as it was marked first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.activity.models import Event, Notice
from portal.core.feature import features_of
from portal.core.rows import updated_rows


def read_page(session: Session, person_id: int, page: str, newest: int, now: datetime) -> None:
    """This person has read a page: what they were told of it, up to this notice, is read."""
    _mark(session, now, Notice.person_id == person_id, Notice.page == page, Notice.id <= newest)


def read_by_doing(session: Session, event: Event) -> None:
    """Whoever does something with a thing knows how it stands: what they were told of it before is read."""
    if event.actor_id is None or event.subject_kind is None:
        return
    before = (Event.subject_kind == event.subject_kind, Event.subject_id == event.subject_id, Event.id < event.id)
    _mark(session, event.at, Notice.person_id == event.actor_id, Notice.event_id.in_(select(Event.id).where(*before)))


def settle(
    session: Session,
    subject: tuple[str, int],
    verb: str,
    now: datetime,
    *,
    by: int | None = None,
    of: int | None = None,
) -> None:
    """What was told by this verb of a thing waits for nobody any more: it is answered, taken back or gone.

    `by`: only of what this person did there. `of`: only the notices of this reader.
    """
    kind, subject_id = subject
    told = select(Event.id).where(Event.subject_kind == kind, Event.subject_id == subject_id, Event.verb == verb)
    if by is not None:
        told = told.where(Event.actor_id == by)
    readers = [] if of is None else [Notice.person_id == of]
    _mark(session, now, Notice.event_id.in_(told), *readers)


def settle_without_permission(session: Session, person_id: int, lost: Collection[str], now: datetime) -> None:
    """This person may not do any more what these permissions allow: what waited for them because of these is read."""
    needs = features_of(session).notices_need
    verbs = [verb for verb, permission in needs.items() if permission.name in lost]
    if verbs:
        told = select(Event.id).where(Event.verb.in_(verbs))
        _mark(session, now, Notice.person_id == person_id, Notice.event_id.in_(told))


def _mark(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    updated_rows(session, update(Notice).where(Notice.read_at.is_(None), *which).values(read_at=now))
