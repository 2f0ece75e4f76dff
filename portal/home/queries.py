"""What the front page and the dashboard show of all features together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.config import SourceConfig
from portal.core.content import Library
from portal.home.rules import OwedWord, OwnChange, Situation
from portal.mentoring.models import Request, RequestState, Side
from portal.mentoring.queries.matching import FittingRequest, is_mentor, requests_for
from portal.mentoring.queries.mentors import applications
from portal.mentoring.queries.pairings import MyPairing, my_pairings
from portal.mentoring.queries.requests import Figures, figures, my_request
from portal.people.models import Account, Person
from portal.reviews import queries as reviews
from portal.reviews.addresses import project_at
from portal.reviews.models import Source
from portal.reviews.rules import WaitingOn
from portal.roles.content import Permission, RoleDefinition, RoleDefinitions
from portal.roles.models import RoleHolder, RoleOffer
from portal.roles.queries import is_active

ROWS = 5
SKILLS_SHOWN = 10


@dataclass(frozen=True)
class Front:
    """The community right now."""

    sources: Sequence[Source]
    changes: reviews.Figures
    newcomers: Sequence[Any]
    mentoring: Figures
    vacancies: int


@dataclass(frozen=True)
class Dashboard:
    """Everything that is one person's. `roles` are those they hold, with the last day where there is one."""

    pairings: Sequence[MyPairing]
    request: Request | None
    fitting: Sequence[FittingRequest]
    changes: Sequence[Any]
    mentees_changes: Sequence[tuple[Person, Any]]
    sources: dict[int, Source]
    roles: Sequence[tuple[RoleDefinition, date | None]]
    situation: Situation


@dataclass(frozen=True)
class InReview:
    """The open changes of a repository that wait longest, and the source and project by which the queue shows all."""

    changes: Sequence[Any]
    source: str
    project: str


def front(session: Session, library: Library, now: datetime) -> Front:
    """What the front page shows."""
    here = reviews.sources(session)
    return Front(
        sources=[source for source in here if source.is_active],
        changes=reviews.figures(session, here),
        newcomers=reviews.longest_waiting_newcomers(session, here, ROWS),
        mentoring=figures(session, now),
        vacancies=_vacancies(session, library.get(RoleDefinitions), now),
    )


def dashboard(session: Session, library: Library, person: Person, now: datetime, *, can_link: bool) -> Dashboard:
    """What this person's dashboard shows. `can_link`: whether there is a service where they could name an account."""
    here = reviews.sources(session)
    pairings, request = my_pairings(session, person.id), my_request(session, person.id)
    mentors = is_mentor(session, person.id, now)
    fitting = [one for one in requests_for(session, person, now, ROWS)[0] if one.fit.covered] if mentors else []
    accounts = [(account.service, account.username) for account in person.accounts]
    changes = reviews.open_changes_of(session, here, accounts)
    definitions = library.get(RoleDefinitions)
    roles = _roles_of(session, definitions, person, now)
    permissions = definitions.permissions_of(role.slug for role, _until in roles)
    appoints = Permission.APPOINT in permissions
    situation = Situation(
        owed=_owed(pairings, now),
        own_change=_own_change(changes, now),
        applications=len(applications(session)) if Permission.APPROVE_MENTORS in permissions else 0,
        offers=_open_offers(session) if appoints else 0,
        vacancies=_vacancies(session, definitions, now) if appoints else 0,
        fitting_requests=len(fitting),
        has_skills=bool(person.skills),
        is_mentor=mentors,
        is_paired=bool(pairings),
        has_request=request is not None and request.state != RequestState.EXPIRED,
        lacks_account=can_link and not accounts,
        newcomers_waiting=len(reviews.longest_waiting_newcomers(session, here, ROWS)),
        reviews_changes=any(role.slug in {"code-reviewer", "queue-owner"} for role, _until in roles),
        holds_role=bool(roles),
    )
    sources = {source.id: source for source in here}
    mentees = _mentees_changes(session, here, pairings)
    return Dashboard(pairings, request, fitting, changes, mentees, sources, roles, situation)


def in_review(session: Session, sources: Sequence[SourceConfig], repository: str) -> InReview | None:
    """The open changes of a repository, given by an address on the web; None when it is on none of these sources.

    At most one statement. Several sources may look at the same server: the changes of all are shown.
    """
    places = [(one.slug, found) for one in sources if (found := project_at(repository, one.kind, one.url))]
    if not places:
        return None
    rows = reviews.open_changes_in(session, places, ROWS)
    slug = rows[0].source_slug if rows else places[0][0]
    return InReview(rows, slug, dict(places)[slug])


def _mentees_changes(
    session: Session, here: Sequence[Source], pairings: Sequence[MyPairing]
) -> Sequence[tuple[Person, Any]]:
    """Open changes of those this person mentors, each with its author here; those that wait longest first."""
    mentees = {one.other.id: one.other for one in pairings if one.side == Side.MENTOR}
    if not mentees:
        return []
    slugs = {source.id: source.slug for source in here}
    accounts = session.scalars(select(Account).where(Account.person_id.in_(mentees))).all()
    owners = {(account.service, account.username): mentees[account.person_id] for account in accounts}
    changes = reviews.open_changes_of(session, here, owners)
    return [(owners[slugs[change.source_id], change.author_username], change) for change in changes]


def _open_offers(session: Session) -> int:
    return session.scalar(select(func.count()).where(RoleOffer.state == "open")) or 0


def _vacancies(session: Session, definitions: RoleDefinitions, now: datetime) -> int:
    seated = _seats_taken(session, now)
    return sum(role.vacancies(seated.get(role.slug, 0)) for role in definitions)


def _seats_taken(session: Session, now: datetime) -> dict[str, int]:
    taken = select(RoleHolder.role, func.count()).where(is_active(now)).group_by(RoleHolder.role)
    return {role: number for role, number in session.execute(taken)}  # noqa: C416  (a Result is no mapping for dict())


def _roles_of(
    session: Session, definitions: RoleDefinitions, person: Person, now: datetime
) -> list[tuple[RoleDefinition, date | None]]:
    held = select(RoleHolder.role, RoleHolder.until).where(RoleHolder.person_id == person.id, is_active(now))
    found = session.execute(held.order_by(RoleHolder.since))
    return [(definitions.get(role), until) for role, until in found if role in definitions.by_slug]


def _owed(pairings: Sequence[MyPairing], now: datetime) -> OwedWord | None:
    mine = next((one for one in pairings if one.is_my_turn), None)
    if not mine:
        return None
    return OwedWord(mine.pairing.id, mine.other.display_name, (now - mine.pairing.turn_since).days)


def _own_change(changes: Sequence[Any], now: datetime) -> OwnChange | None:
    mine = next((one for one in changes if one.waiting_on == WaitingOn.AUTHOR), None)
    return OwnChange(mine.title, mine.url, (now - mine.waiting_since).days) if mine else None
