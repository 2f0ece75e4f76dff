"""What people do with roles: appoint, end, step down. Views ask first, with require_appointer, whether they may."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.people.models import Person
from portal.roles import queries, rules
from portal.roles.access import APPOINT
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.models import RoleHolder, RoleOffer

HOLDER = "role_holder"


def require_appointer(
    session: Session, definition: RoleDefinition, person: Person, definitions: RoleDefinitions, now: datetime
) -> None:
    """Raises NotAllowed unless this person may appoint people to the role and end it."""
    if not queries.may_appoint(session, definition, person.id, definitions, now):
        raise NotAllowed(lazy("You need another role for this. The page of this role says who appoints people to it."))


def require_somebody_else(
    session: Session,
    definition: RoleDefinition,
    person: Person,
    by: Person,
    definitions: RoleDefinitions,
    now: datetime,
) -> None:
    """Raises Invalid for who appoints themselves while somebody else could do it: nobody decides in their own case."""
    if person.id == by.id and queries.who_may_appoint(session, definition, definitions, now) - {by.id}:
        raise Invalid(lazy("This is you. Leave it to somebody else who appoints people to this role."), "person")


def require_holder(held: RoleHolder, person: Person) -> None:
    """Raises NotAllowed unless this is the person's own role."""
    if held.person_id != person.id:
        raise NotAllowed(lazy("Only the holder of a role can step down from it."))


def appoint(
    session: Session,
    definition: RoleDefinition,
    person: Person,
    by: Person | None,
    reason: str,
    until: date | None,
    now: datetime,
) -> RoleHolder:
    """Give the role to this person up to and including the day `until` (None: without a fixed end).

    `by` None means the site itself. An open offer of theirs is answered by it. Raises Invalid for a reason or a day
    that cannot stand, NotFound for somebody who left, Conflict when they hold the role or every seat is taken.
    """
    _refuse(rules.objection_to_reason(reason), "reason")
    _refuse(rules.objection_to_until(until, now.date()), "until")
    if person.deleted_at:
        raise NotFound(lazy("This person has left the portal."))
    held = RoleHolder(
        person_id=person.id,
        role=definition.slug,
        since=now,
        until=until,
        appointed_by_id=by.id if by else None,
        reason=reason.strip(),
        active_key=f"{definition.slug}:{person.id}",
        seat_key=_free_seat(session, definition),
    )
    taken = Conflict(lazy("This person holds the role already, or somebody took the last seat just now."))
    with insert_unless_taken(session, taken):
        session.add(held)
    answered = update(RoleOffer).where(RoleOffer.open_key == held.active_key)
    session.execute(
        answered.values(state="accepted", open_key=None, closed_at=now, answered_by_id=held.appointed_by_id)
    )
    values = {"reason": held.reason, "until": until}
    _record(session, "roles.appointed", held, by, [person], values, now)
    return held


def end_holding(
    session: Session, held: RoleHolder, definitions: RoleDefinitions, by: Person | None, reason: str, now: datetime
) -> None:
    """Take the role from its holder. Raises Invalid without a reason, Conflict when it has ended by now or when nobody
    would be left who may appoint people.
    """
    _refuse(rules.objection_to_reason(reason), "reason")
    close(session, held, definitions, by, reason.strip(), now)
    _record(session, "roles.ended", held, by, [held.person_id], {"reason": reason.strip()}, now)


def step_down(
    session: Session, held: RoleHolder, definitions: RoleDefinitions, person: Person, reason: str, now: datetime
) -> None:
    """Give the role back; those who appoint to it are told. Raises NotAllowed for somebody else's role, else Conflict
    and Invalid as `end_holding` does.
    """
    require_holder(held, person)
    _refuse(rules.objection_to_reason(reason), "reason")
    close(session, held, definitions, person, reason.strip(), now)
    tell = appointers(session, held.role, definitions, now)
    _record(session, "roles.stepped_down", held, person, tell, {"reason": reason.strip()}, now)


def end_term(session: Session, held: RoleHolder, definitions: RoleDefinitions, now: datetime) -> None:
    """End a holding whose last day is over. The last person who may appoint stays for another month instead: a site
    in which nobody can appoint anybody would be locked. Nothing happens when another sweep has been here.
    """
    if held.until is None or held.until >= now.date():
        return
    tell = [held.person_id, *appointers(session, held.role, definitions, now)]
    if _is_last_appointer(session, held, definitions, now):
        until = now.date() + rules.PROLONGED
        mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.until == held.until)
        if updated_one_row(session, mine.values(until=until, reminded_at=None)):
            values = {"until": until, "holder": held.person}
            _record(session, "roles.term_prolonged", held, None, tell, values, now)
        return
    close(session, held, definitions, None, "", now)
    _record(session, "roles.term_ended", held, None, tell, {"holder": held.person}, now)


def announce_end(session: Session, held: RoleHolder, definitions: RoleDefinitions, now: datetime) -> None:
    """Tell the holder, and those who appoint, that a term ends soon: once."""
    mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.reminded_at.is_(None))
    if updated_one_row(session, mine.values(reminded_at=now)):
        tell = [held.person_id, *appointers(session, held.role, definitions, now)]
        values = {"until": held.until, "holder": held.person}
        _record(session, "roles.term_nears", held, None, tell, values, now)


def close(
    session: Session, held: RoleHolder, definitions: RoleDefinitions, by: Person | None, reason: str, now: datetime
) -> None:
    """End a holding without telling anybody. Raises Conflict when it has ended, or for the last who may appoint."""
    if _is_last_appointer(session, held, definitions, now):
        raise Conflict(lazy("Nobody else here may appoint people. Appoint somebody to this role first, then end this."))
    values = {
        "ended_at": now,
        "ended_by_id": by.id if by else None,
        "end_reason": reason,
        "active_key": None,
        "seat_key": None,
    }
    mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.ended_at.is_(None))
    if not updated_one_row(session, mine.values(**values)):
        raise Conflict(lazy("This has ended already. The history of the role says when and why."))


def appointers(session: Session, role: str, definitions: RoleDefinitions, now: datetime) -> list[int]:
    """Whom to tell of what concerns this role; nobody for a role whose file is gone."""
    definition = definitions.by_slug.get(role)
    return queries.appointers_of(session, definition, definitions, now) if definition else []


def _free_seat(session: Session, definition: RoleDefinition) -> str | None:
    taken = select(RoleHolder.seat_key).where(RoleHolder.role == definition.slug, RoleHolder.ended_at.is_(None))
    keys = list(session.scalars(taken))
    if definition.is_full(len(keys)):
        raise Conflict(lazy("Every seat of this role is taken. End somebody’s term first, or change the role."))
    numbers = range(1, (definition.max_seats or 0) + 1)
    return next((key for number in numbers if (key := f"{definition.slug}#{number}") not in keys), None)


def _is_last_appointer(session: Session, held: RoleHolder, definitions: RoleDefinitions, now: datetime) -> bool:
    granting = definitions.granting(APPOINT)
    if held.role not in granting:
        return False
    # The rows are locked, so that two who step down at once cannot each count on the other.
    active = select(RoleHolder.id).where(RoleHolder.role.in_(granting), queries.is_active(now))
    ids = session.scalars(active.order_by(RoleHolder.id).with_for_update())
    return not set(ids) - {held.id}


def _record(
    session: Session,
    verb: str,
    held: RoleHolder,
    by: Person | None,
    tell: list[Any],
    values: dict[str, Any],
    now: datetime,
) -> None:
    every = {"role": held.role, "link": link("roles.show", slug=held.role)}
    record(session, verb, actor=by, subject=(HOLDER, held.id), values={**every, **values}, tell=tell, now=now)


def _refuse(objection: Any, field: str) -> None:
    if objection is not None:
        raise Invalid(objection, field)
