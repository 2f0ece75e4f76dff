"""What the dashboard shows: everything that is one person's, and what is next for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.contributions import queries as contributions
from portal.contributions.models import Source
from portal.contributions.rules import WaitingOn
from portal.core.content import Library
from portal.core.i18n import current_language
from portal.home.queries.counts import vacancies
from portal.home.queries.front import ROWS
from portal.home.queries.tools import OwnTool, offered_to, tools_of
from portal.home.rules import FirstTrack, OfferedTool, OpenTrack, OwedWord, OwnChange, Situation
from portal.mentoring.access import APPROVE_MENTORS
from portal.mentoring.models import Request, RequestState, Side
from portal.mentoring.queries.matching import FittingRequest, is_mentor, requests_for
from portal.mentoring.queries.mentors import applications
from portal.mentoring.queries.pairings import MyPairing, my_pairings
from portal.mentoring.queries.requests import my_request
from portal.people.models import Account, Person
from portal.reviews import queries as reviews
from portal.roles.access import APPOINT
from portal.roles.content import RoleDefinition, RoleDefinitions
from portal.roles.models import RoleHolder, RoleOffer
from portal.roles.queries import is_active
from portal.tracks.content import Tracks
from portal.tracks.queries import MyTrack, progress_of


@dataclass(frozen=True)
class Dashboard:
    """Everything that is one person's. `roles` are those they hold, with the last day where there is one.

    `mentees_tracks` are in the order of the pairings, with those mentees only who take a track.
    """

    pairings: Sequence[MyPairing]
    request: Request | None
    fitting: Sequence[FittingRequest]
    changes: Sequence[Any]
    mentees_changes: Sequence[tuple[Person, Any]]
    mentees_tracks: Sequence[tuple[Person, Sequence[MyTrack]]]
    sources: dict[int, Source]
    roles: Sequence[tuple[RoleDefinition, date | None]]
    tracks: Sequence[MyTrack]
    tools: Sequence[OwnTool]
    offered: Sequence[Any]
    situation: Situation


def dashboard(session: Session, library: Library, person: Person, now: datetime, *, can_link: bool) -> Dashboard:
    """What this person's dashboard shows. `can_link`: whether there is a service where they could name an account."""
    here = contributions.sources(session)
    pairings, request = my_pairings(session, person.id), my_request(session, person.id)
    mentors = is_mentor(session, person.id, now)
    fitting = [one for one in requests_for(session, person, now, ROWS)[0] if one.fit.can_help] if mentors else []
    accounts = [(account.service, account.username) for account in person.accounts]
    changes = contributions.open_changes_of(session, here, accounts)
    mentees = {one.other.id: one.other for one in pairings if one.side == Side.MENTOR}
    taken = progress_of(session, library.get(Tracks), [person.id, *mentees])
    tracks = taken[person.id]
    tools, offered = tools_of(session, person.accounts), offered_to(session, person.id)
    definitions = library.get(RoleDefinitions)
    roles = _roles_of(session, definitions, person, now)
    situation = Situation(
        owed=_owed(pairings, now),
        own_change=_own_change(changes, now),
        **_to_decide(session, definitions, roles, now),
        offered_tool=next((OfferedTool(tool.name, tool.title, tool.offers) for tool in tools if tool.offers), None),
        open_track=_open_track(tracks),
        first_track=_first_track(library.get(Tracks)),
        fitting_requests=len(fitting),
        has_skills=bool(person.skills),
        is_mentor=mentors,
        is_paired=bool(pairings),
        has_request=request is not None and request.state != RequestState.EXPIRED,
        has_track=bool(tracks),
        has_tool=bool(tools or offered),
        lacks_account=can_link and not accounts,
        newcomers_waiting=len(reviews.longest_waiting_newcomers(session, here, ROWS)),
        reviews_changes=any(role.slug in {"code-reviewer", "queue-owner"} for role, _until in roles),
        holds_role=bool(roles),
    )
    return Dashboard(
        pairings=pairings,
        request=request,
        fitting=fitting,
        changes=changes,
        mentees_changes=_mentees_changes(session, here, mentees),
        mentees_tracks=[(mentee, taken[mentee.id]) for mentee in mentees.values() if taken[mentee.id]],
        sources={source.id: source for source in here},
        roles=roles,
        tracks=tracks,
        tools=tools,
        offered=offered,
        situation=situation,
    )


def _to_decide(
    session: Session, definitions: RoleDefinitions, roles: Sequence[tuple[RoleDefinition, date | None]], now: datetime
) -> dict[str, int]:
    permissions = definitions.permissions_of(role.slug for role, _until in roles)
    appoints = APPOINT.name in permissions
    return {
        "applications": len(applications(session)) if APPROVE_MENTORS.name in permissions else 0,
        "offers": _open_offers(session) if appoints else 0,
        "vacancies": vacancies(session, definitions, now) if appoints else 0,
    }


def _mentees_changes(
    session: Session, here: Sequence[Source], mentees: dict[int, Person]
) -> Sequence[tuple[Person, Any]]:
    """Open changes of those this person mentors, each with its author here; those that wait longest first."""
    if not mentees:
        return []
    slugs = {source.id: source.slug for source in here}
    accounts = session.scalars(select(Account).where(Account.person_id.in_(mentees))).all()
    owners = {(account.service, account.username): mentees[account.person_id] for account in accounts}
    changes = contributions.open_changes_of(session, here, owners)
    return [(owners[slugs[change.source_id], change.author_username], change) for change in changes]


def _open_offers(session: Session) -> int:
    return session.scalar(select(func.count()).where(RoleOffer.state == "open")) or 0


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


def _open_track(tracks: Sequence[MyTrack]) -> OpenTrack | None:
    language = current_language().code
    mine = next((one for one in tracks if one.is_under_way and one.next_step), None)
    if mine is None or mine.next_step is None:
        return None
    step = mine.next_step
    words = mine.track.text_in(language).title, step.text_in(language).title
    return OpenTrack(mine.track.slug, step.slug, *words, done=mine.done, total=mine.total)


def _first_track(tracks: Tracks) -> FirstTrack | None:
    first = next(iter(tracks), None)
    if first is None:
        return None
    title = first.text_in(current_language().code).title
    return FirstTrack(first.slug, first.steps[0].slug, title, len(first.steps), first.minutes)
