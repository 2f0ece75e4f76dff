"""What is shown of what happened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from portal.activity.models import Event, MailChoice, Notice
from portal.activity.rules import named, people_in
from portal.core.feature import features_of
from portal.core.notices import Cadence, NoticeKind
from portal.core.paging import Keyset, Page, page_of
from portal.core.rows import run_prepared
from portal.people.models import Person, former_member

PAGE = 30


@dataclass(frozen=True)
class ShownNotice:
    """A notice as its reader sees it. `actor` is empty when the site itself acted; `values` carry names, not ids."""

    id: int
    verb: str
    at: datetime
    is_read: bool
    actor: str
    values: dict[str, object]


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """The names people go by now; somebody who left is a former member."""
    if not person_ids:
        return {}
    rows = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids)))
    return dict.fromkeys(person_ids, former_member()) | dict(rows.all())


# Every page of somebody who is signed in asks it: it is built once.
_UNREAD = select(func.count()).where(Notice.person_id == bindparam("person"), Notice.read_at.is_(None))


def unread_count(session: Session, person_id: int) -> int:
    """How many notices this person has not read."""
    return run_prepared(session, _UNREAD, {"person": person_id}).scalar() or 0


def notices_of(session: Session, person_id: int, cursor: str = "", limit: int = PAGE) -> Page[ShownNotice]:
    """A page of this person's notices, unread ones first, then the newest.

    Raises Invalid for a cursor that is none of ours.
    """
    unread_first = Keyset(Notice.id, by=Notice.read_at.is_not(None), newest_first=True)
    wanted = select(Notice).options(joinedload(Notice.event)).where(Notice.person_id == person_id)
    page = page_of(session, wanted, unread_first, cursor, limit)
    return Page(shown_notices(session, page.rows), page.next_cursor)


def shown_notices(session: Session, notices: list[Notice]) -> list[ShownNotice]:
    """These notices (with their events) as their readers see them: one statement for all the names in them."""
    events = [notice.event for notice in notices]
    names = names_of(session, _people(events))
    return [
        ShownNotice(
            id=notice.id,
            verb=notice.event.verb,
            at=notice.event.at,
            is_read=notice.read_at is not None,
            actor=names[notice.event.actor_id] if notice.event.actor_id else "",
            values=named(notice.event.values, names),
        )
        for notice in notices
    ]


def cadences_of(session: Session, person_id: int) -> dict[str, Cadence]:
    """How often this person wants each kind by mail: what they chose, else what is usual."""
    chosen = session.execute(select(MailChoice.kind, MailChoice.cadence).where(MailChoice.person_id == person_id))
    known = {kind: Cadence(cadence) for kind, cadence in chosen}
    return {slug: known.get(slug, kind.cadence) for slug, kind in features_of(session).notice_kinds.items()}


def cadences_for(session: Session, kind: NoticeKind, person_ids: Collection[int]) -> dict[int, Cadence]:
    """How often each of these people wants this kind by mail."""
    choices = select(MailChoice.person_id, MailChoice.cadence)
    chosen = session.execute(choices.where(MailChoice.kind == kind.slug, MailChoice.person_id.in_(person_ids)))
    known = {person_id: Cadence(cadence) for person_id, cadence in chosen}
    return {person_id: known.get(person_id, kind.cadence) for person_id in person_ids}


def _people(events: list[Event]) -> set[int]:
    acting = {event.actor_id for event in events if event.actor_id}
    return acting.union(*(people_in(event.values) for event in events))
