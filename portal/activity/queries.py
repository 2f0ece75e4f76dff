"""What is shown of what happened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session, joinedload

from portal.activity.models import Event, LimitHit, MailChoice, Mailing, Notice
from portal.activity.rules import most_acts, named, people_in, words_in
from portal.core.act_limits import act_settings
from portal.core.counting import ListCount, count_page, count_rows
from portal.core.feature import features_of
from portal.core.notices import Cadence, NoticeKind
from portal.core.paging import Keyset, Page, page_of
from portal.core.rows import run_prepared
from portal.people.models import Person, former_member

PAGE = 30


@dataclass(frozen=True)
class ShownNotice:
    """A notice as its reader sees it. `actor` is empty when the site itself acted; `values` carry names, not ids.

    Notices of the same `thing` tell of one and the same. `words` is the beginning of what was written there.
    """

    id: int
    verb: str
    at: datetime
    is_read: bool
    actor: str
    values: dict[str, object]
    thing: tuple[str, int | str]
    words: str


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """The names people go by now; somebody who left is a former member."""
    if not person_ids:
        return {}
    rows = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids)))
    return dict.fromkeys(person_ids, former_member()) | dict(rows.all())


@dataclass(frozen=True, slots=True)
class Unread:
    """How many notices somebody has not read; of these how many tell of one page, and the newest of them."""

    count: int
    of_page: int
    newest_of_page: int | None


@dataclass(frozen=True, slots=True)
class HitLimit:
    """That this person did what `act` says in words as often as they may, and was refused more so many `times`."""

    person: Person
    act: Any
    times: int
    first_at: datetime
    last_at: datetime


def _unread_notices() -> Select[Any]:
    is_of_page = Notice.page == bindparam("page")
    counted: Any = select(func.count(), func.count(case((is_of_page, 1))), func.max(case((is_of_page, Notice.id))))
    unread: Select[Any] = counted.where(Notice.person_id == bindparam("person"), Notice.read_at.is_(None))
    return unread


# Every page of somebody who is signed in asks it: it is built once.
_UNREAD = _unread_notices()


def unread(session: Session, person_id: int, page: str) -> Unread:
    """How many notices this person has not read, and how many of them this page shows. One statement."""
    return Unread(*run_prepared(session, _UNREAD, {"person": person_id, "page": page}).one())


def unread_count(session: Session, person_id: int) -> int:
    """How many notices this person has not read."""
    return unread(session, person_id, "").count


def notices_of(session: Session, person_id: int, cursor: str = "", limit: int = PAGE) -> Page[ShownNotice]:
    """A page of this person's notices, unread ones first, then the newest.

    Raises Invalid for a cursor that is none of ours.
    """
    unread_first = Keyset(Notice.id, by=Notice.read_at.is_not(None), newest_first=True)
    wanted = select(Notice).options(joinedload(Notice.event)).where(Notice.person_id == person_id)
    page = page_of(session, wanted, unread_first, cursor, limit)
    return Page(shown_notices(session, page.rows), page.next_cursor)


def count_notices(session: Session, person_id: int, page: Page[ShownNotice], cursor: str) -> ListCount:
    """What this page says of all notices of this person: at most one statement."""
    mine = select(Notice.id).where(Notice.person_id == person_id)
    return count_page(page, cursor, lambda: count_rows(session, mine))


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
            thing=_thing(notice),
            words=words_in(notice.event.values),
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


def with_many_letters(session: Session, person_ids: Collection[int], since: datetime, most: int) -> set[int]:
    """To whom of these people so many letters or more went at once since then, whoever caused them."""
    lately = (Mailing.person_id.in_(person_ids), Mailing.cadence == Cadence.NOW, Mailing.due_at > since)
    counted = select(Mailing.person_id).where(*lately).group_by(Mailing.person_id).having(func.count() >= most)
    return set(session.scalars(counted))


def limits_hit(session: Session, limit: int = PAGE) -> list[HitLimit]:
    """Who ran into limits of what reaches others, the latest first. One statement."""
    rows = select(LimitHit, Person).join(Person, Person.id == LimitHit.person_id)
    latest = session.execute(rows.order_by(LimitHit.last_at.desc(), LimitHit.person_id).limit(limit))
    names = {its_limit.slug: its_limit.name for its_limit in features_of(session).act_limits.values()}
    return [
        HitLimit(person, names.get(hit.act, hit.act), hit.times, hit.first_at, hit.last_at) for hit, person in latest
    ]


def acts_limited(session: Session) -> list[tuple[Any, int, int]]:
    """What people may do only so often within an hour: in words, how often, and how often while an account is new."""
    settings = act_settings(session)
    limits = {limit.slug: limit for limit in features_of(session).act_limits.values() if limit.an_hour}
    old, new = timedelta(days=settings.new_account_days), timedelta(0)
    return [
        (limit.name, *(most_acts(limit, settings, age, has_power=False) for age in (old, new)))
        for _slug, limit in sorted(limits.items())
    ]


def _thing(notice: Notice) -> tuple[str, int | str]:
    event = notice.event
    if event.subject_kind and event.subject_id:
        return event.subject_kind, event.subject_id
    return ("page", notice.page) if notice.page else ("notice", notice.id)


def _people(events: list[Event]) -> set[int]:
    acting = {event.actor_id for event in events if event.actor_id}
    return acting.union(*(people_in(event.values) for event in events))
