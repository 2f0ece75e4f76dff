"""What is shown of roles, and what people may do because of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, Select, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.authenticators.queries import is_missing
from portal.core.content import library_of
from portal.core.database import UtcDateTime
from portal.core.errors import NotAllowed, NotFound
from portal.core.i18n import lazy
from portal.core.permissions import Permission
from portal.core.rows import run_prepared
from portal.people.models import Person
from portal.roles.access import APPOINT, refuse_appointing
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.models import RoleHolder, RoleOffer

LONGEST_NAME = 80
"""What `Person.display_name` holds."""


def is_active(now: datetime) -> ColumnElement[bool]:
    """The SQL condition for holdings that count: not ended, and not past the last day of their term."""
    return _is_active_on(now.date())


def _is_active_on(day: Any) -> ColumnElement[bool]:
    return RoleHolder.ended_at.is_(None) & or_(RoleHolder.until.is_(None), RoleHolder.until >= day)


# Every dashboard and every guard asks it: it is built once.
_HELD_BY = (
    select(RoleHolder.role, RoleHolder.until)
    .where(RoleHolder.person_id == bindparam("person"), _is_active_on(bindparam("today", type_=Date())))
    .order_by(RoleHolder.since)
)


def roles_of(session: Session, person_id: int, now: datetime) -> frozenset[str]:
    """The slugs of the roles this person holds."""
    return frozenset(role for role, _until in held_by(session, person_id, now))


def held_by(session: Session, person_id: int, now: datetime) -> list[tuple[str, date | None]]:
    """The slugs of the roles this person holds, longest first, each with its last day where there is one."""
    rows = run_prepared(session, _HELD_BY, {"person": person_id, "today": now.date()})
    return [(role, until) for role, until in rows]


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """Somebody's offer to take a role: open since `at`, or declined then with an answer."""

    role: str
    is_open: bool
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class RolesStanding:
    """The roles somebody holds, each with its last day where there is one, and their offers to take others."""

    held: list[tuple[str, date | None]]
    offers: list[OwnOffer]


def _standing_of() -> Any:
    person: BindParameter[int] = bindparam("person")
    no_day = literal(None, Date())
    held: Any = select(literal("held").label("state"), RoleHolder.role, RoleHolder.until, RoleHolder.since, literal(""))
    held = held.where(RoleHolder.person_id == person, _is_active_on(bindparam("today", type_=Date())))
    at, is_open = func.coalesce(RoleOffer.closed_at, RoleOffer.created_at), RoleOffer.state == "open"
    offered: Any = select(RoleOffer.state, RoleOffer.role, no_day, at, RoleOffer.answer)
    is_news = (RoleOffer.state == "declined") & (
        RoleOffer.closed_at >= bindparam("declined_since", type_=UtcDateTime())
    )
    return union_all(held, offered.where(RoleOffer.person_id == person, is_open | is_news))


# Every dashboard asks it: it is built once.
_STANDING_OF = _standing_of()


def standing_of(session: Session, person_id: int, declined_since: datetime, now: datetime) -> RolesStanding:
    """The roles this person holds, longest first; their offers, open or declined since then. One statement."""
    values = {"person": person_id, "today": now.date(), "declined_since": declined_since}
    rows = sorted(run_prepared(session, _STANDING_OF, values), key=lambda row: row[3])
    held = [(role, until) for state, role, until, _since, _answer in rows if state == "held"]
    offers = [
        OwnOffer(role, state == "open", at, answer) for state, role, _until, at, answer in rows if state != "held"
    ]
    return RolesStanding(held, offers)


def vacancies(session: Session, definitions: RoleDefinitions, now: datetime) -> int:
    """How many seats of all roles are vacant."""
    taken = seated(session, now)
    return sum(role.vacancies(taken.get(role.slug, 0)) for role in definitions)


def seated(session: Session, now: datetime) -> dict[str, int]:
    """How many people hold each role that anybody holds."""
    taken = select(RoleHolder.role, func.count()).where(is_active(now)).group_by(RoleHolder.role)
    return {role: number for role, number in session.execute(taken)}  # noqa: C416  (a Result is no mapping for dict())


def count_open_offers(session: Session) -> int:
    """How many people offer to take a role and wait for an answer."""
    return session.scalar(select(func.count()).where(RoleOffer.state == "open")) or 0


def definitions_of(session: Session) -> RoleDefinitions:
    """The roles of the site that this session belongs to."""
    return library_of(session).get(RoleDefinitions)


def permissions_of(session: Session, person_id: int, now: datetime) -> frozenset[str]:
    """What this person may do here, by the roles they hold: nothing while a second factor that the site demands of them
    is missing. One SQL statement, and another where it demands one.
    """
    granted = definitions_of(session).permissions_of(roles_of(session, person_id, now))
    return frozenset() if granted and is_missing(session, person_id) else granted


def has_power(session: Session, person_id: int, now: datetime) -> bool:
    """Whether a role permits this person something here."""
    return bool(permissions_of(session, person_id, now))


def refusal_to_appoint(
    session: Session, definition: RoleDefinition, person_id: int, now: datetime
) -> NotAllowed | None:
    """Why this person may not appoint to the role, by the roles they hold; None when they may. One SQL statement."""
    held = frozenset() if is_missing(session, person_id) else roles_of(session, person_id, now)
    return refuse_appointing(definition.appointed_by, held, definitions_of(session).permissions_of(held))


def appointers_of(session: Session, definition: RoleDefinition, now: datetime) -> list[int]:
    """Whom to tell of what concerns a role: holders of the role that appoints to it, else of those that may to all."""
    for roles in ({definition.appointed_by}, definitions_of(session).granting(APPOINT)):
        people = list(session.scalars(_people_in(roles, now)))
        if people:
            return people
    return []


def who_may_appoint(session: Session, definition: RoleDefinition, now: datetime) -> frozenset[int]:
    """The ids of everybody who may appoint to the role, as `refusal_to_appoint` says of one."""
    roles = {definition.appointed_by} | definitions_of(session).granting(APPOINT)
    return frozenset(session.scalars(_people_in(roles, now)))


def people_who_may(session: Session, permission: Permission, now: datetime) -> list[int]:
    """The ids of everybody one of whose roles grants this permission."""
    return list(session.scalars(_people_in(definitions_of(session).granting(permission), now)))


def holders(session: Session, now: datetime) -> dict[str, list[RoleHolder]]:
    """Who holds each role, longest first. One SQL statement."""
    by_role: defaultdict[str, list[RoleHolder]] = defaultdict(list)
    for held in session.scalars(_in_order(now)):
        by_role[held.role].append(held)
    return by_role


def holders_of(session: Session, role: str, now: datetime) -> list[RoleHolder]:
    """Who holds one role, longest first."""
    return list(session.scalars(_in_order(now).where(RoleHolder.role == role)))


def due_terms(session: Session, before: date) -> list[RoleHolder]:
    """Holdings that have not ended although their last day lies before this one, in the order of their end."""
    due = select(RoleHolder).where(RoleHolder.ended_at.is_(None), RoleHolder.until < before)
    return list(session.scalars(due.order_by(RoleHolder.until, RoleHolder.id)))


def terms_to_announce(session: Session, today: date, until: date) -> list[RoleHolder]:
    """Holdings that end between these days and whose end nobody was told of yet."""
    soon = select(RoleHolder).where(RoleHolder.ended_at.is_(None), RoleHolder.until.between(today, until))
    return list(session.scalars(soon.where(RoleHolder.reminded_at.is_(None)).order_by(RoleHolder.id)))


def past_holders(session: Session, role: str, now: datetime, limit: int = 100) -> list[RoleHolder]:
    """Who held a role before, the latest end first."""
    past = select(RoleHolder).where(RoleHolder.role == role, ~is_active(now))
    everybody = (joinedload(RoleHolder.person), joinedload(RoleHolder.appointed_by), joinedload(RoleHolder.ended_by))
    return list(session.scalars(past.options(*everybody).order_by(RoleHolder.ended_at.desc()).limit(limit)))


def holding(session: Session, holding_id: int) -> RoleHolder:
    """One holding, ended ones too. Raises NotFound."""
    row = session.get(RoleHolder, holding_id)
    if row is None:
        raise NotFound(lazy("Nobody holds this role in that way."))
    return row


def open_offers(session: Session, role: str) -> list[RoleOffer]:
    """Who offers to take a role, who waits longest first."""
    waiting = select(RoleOffer).where(RoleOffer.role == role, RoleOffer.state == "open")
    return list(session.scalars(waiting.options(joinedload(RoleOffer.person)).order_by(RoleOffer.id)))


def open_offers_with_appointers(session: Session) -> list[tuple[int, str]]:
    """Every open offer by its id, each with the role whose holders appoint to what it is for."""
    known = definitions_of(session).by_slug
    rows = session.execute(select(RoleOffer.id, RoleOffer.role).where(RoleOffer.state == "open"))
    return [(offer_id, known[role].appointed_by) for offer_id, role in rows if role in known]


def open_offer_of(session: Session, role: str, person_id: int) -> RoleOffer | None:
    """This person's open offer to take a role."""
    return session.scalars(select(RoleOffer).where(RoleOffer.open_key == f"{role}:{person_id}")).one_or_none()


def offer(session: Session, offer_id: int) -> RoleOffer:
    """One offer, closed ones too. Raises NotFound."""
    row = session.get(RoleOffer, offer_id)
    if row is None:
        raise NotFound(lazy("There is no such offer."))
    return row


def people_like(session: Session, text: str, limit: int = 10) -> list[Person]:
    """People whose username or name contains this text, of which so much counts as a name can have. Nobody who left."""
    # Cut, for SQLite refuses long patterns, and the field is not checked while somebody only looks for a person.
    typed = text.strip()[:LONGEST_NAME].lower()
    if not typed:
        return []
    is_alike = or_(
        Person.username.contains(typed, autoescape=True),
        func.lower(Person.display_name).contains(typed, autoescape=True),
    )
    alike = select(Person).where(Person.deleted_at.is_(None), is_alike)
    return list(session.scalars(alike.order_by(Person.username).limit(limit)))


def _in_order(now: datetime) -> Select[RoleHolder]:
    loaded = (joinedload(RoleHolder.person), joinedload(RoleHolder.appointed_by))
    return select(RoleHolder).where(is_active(now)).options(*loaded).order_by(RoleHolder.since, RoleHolder.id)


def _people_in(roles: Collection[str], now: datetime) -> Select[int]:
    return select(RoleHolder.person_id).where(RoleHolder.role.in_(roles), is_active(now)).distinct()
