"""What people do with roles: appoint, end, step down; and what becomes of terms that are over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.core.errors import raise_if
from portal.core.rows import updated_one_row
from portal.people.models import Person
from portal.roles import queries, rules
from portal.roles.access import refuse_own_case, refuse_stepping_down
from portal.roles.content import RoleDefinition
from portal.roles.holdings import appointers, close, give, is_last_appointer, record_holding, refuse
from portal.roles.models import RoleHolder


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

    `by` None means the site itself. An open offer of theirs is answered by it. Raises NotAllowed for who may not
    appoint to the role, Invalid for who appoints themselves while somebody else could; and as `holdings.give` does.
    """
    if by:
        raise_if(queries.refusal_to_appoint(session, definition, by.id, now))
        raise_if(refuse_own_case(person.id, by.id, queries.who_may_appoint(session, definition, now)))
    return give(session, definition, person, by, reason, until, now)


def end_holding(session: Session, held: RoleHolder, by: Person | None, reason: str, now: datetime) -> None:
    """Take the role from its holder. `by` None means the site itself.

    Raises NotAllowed for who may not appoint to the role, Invalid without a reason, Conflict when it has ended by now
    or when nobody would be left who may appoint people.
    """
    if by:
        definition = queries.definitions_of(session).get(held.role)
        raise_if(queries.refusal_to_appoint(session, definition, by.id, now))
    refuse(rules.objection_to_reason(reason), "reason")
    close(session, held, by, reason.rstrip(), now)
    record_holding(session, "roles.ended", held, by, [held.person_id], {"reason": reason.rstrip()}, now)


def step_down(session: Session, held: RoleHolder, person: Person, reason: str, now: datetime) -> None:
    """Give the role back; those who appoint to it are told. Raises NotAllowed for somebody else's role, else Conflict
    and Invalid as `end_holding` does.
    """
    raise_if(refuse_stepping_down(held.person_id, person.id))
    refuse(rules.objection_to_reason(reason), "reason")
    close(session, held, person, reason.rstrip(), now)
    tell = appointers(session, held.role, now)
    record_holding(session, "roles.stepped_down", held, person, tell, {"reason": reason.rstrip()}, now)


def end_term(session: Session, held: RoleHolder, now: datetime) -> None:
    """End a holding whose last day is over. The last person who may appoint stays for another month instead: a site
    in which nobody can appoint anybody would be locked. Nothing happens when another sweep has been here.
    """
    if held.until is None or held.until >= now.date():
        return
    tell = [held.person_id, *appointers(session, held.role, now)]
    if is_last_appointer(session, held, now):
        until = now.date() + rules.PROLONGED
        mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.until == held.until)
        if updated_one_row(session, mine.values(until=until, reminded_at=None)):
            values = {"until": until, "holder": held.person}
            record_holding(session, "roles.term_prolonged", held, None, tell, values, now)
        return
    close(session, held, None, "", now)
    record_holding(session, "roles.term_ended", held, None, tell, {"holder": held.person}, now)


def announce_end(session: Session, held: RoleHolder, now: datetime) -> None:
    """Tell the holder, and those who appoint, that a term ends soon: once."""
    mine = update(RoleHolder).where(RoleHolder.id == held.id, RoleHolder.reminded_at.is_(None))
    if updated_one_row(session, mine.values(reminded_at=now)):
        tell = [held.person_id, *appointers(session, held.role, now)]
        values = {"until": held.until, "holder": held.person}
        record_holding(session, "roles.term_nears", held, None, tell, values, now)
