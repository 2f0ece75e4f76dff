"""What people do with accounts elsewhere: sign up with one, link one, sign in, remove one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.core.config import SignInConfig
from portal.core.errors import Conflict, raise_if
from portal.core.feature import features_of
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken
from portal.people.actions import prove_account, write_letter
from portal.people.locks import lock_person
from portal.people.models import Person
from portal.single_sign_on import queries, rules
from portal.single_sign_on.models import LinkedIdentity
from portal.single_sign_on.rules import KnownIdentity

WAY = "single_sign_on"
ADDED_LETTER = "single_sign_on.linked"
REMOVED_LETTER = "single_sign_on.unlinked"


def link(session: Session, person: Person, identity: KnownIdentity, service: str, now: datetime) -> None:
    """From now on this account elsewhere signs this person in, and is shown as theirs at `service` if there is one.

    Raises Conflict when it is somebody else's here.
    """
    with insert_unless_taken(session, belongs_to_another()):
        row = LinkedIdentity(person_id=person.id, provider=identity.provider, issuer=identity.issuer)
        row.subject, row.username, row.linked_at = identity.subject, identity.username, now
        session.add(row)
    _show(session, person, identity, service, now)


def link_another(
    session: Session, person: Person, identity: KnownIdentity, provider: SignInConfig, service: str, now: datetime
) -> None:
    """The same for somebody who has an account here already: a letter tells them. Raises Conflict."""
    link(session, person, identity, service, now)
    write_letter(session, person, ADDED_LETTER, {"provider": provider.label, "account": identity.username}, now)


def note_sign_in(
    session: Session, link_id: int, person: Person, identity: KnownIdentity, service: str, now: datetime
) -> None:
    """Somebody has come with this account elsewhere, by the name they have there now."""
    lock_person(session, person.id)  # or two who come at once would both list the account
    former = session.scalar(select(LinkedIdentity.username).where(LinkedIdentity.id == link_id)) or ""
    fresh = {"last_used_at": now, "username": identity.username or former}
    session.execute(update(LinkedIdentity).where(LinkedIdentity.id == link_id).values(fresh))
    _show(session, person, identity, service, now, former=former)


def unlink(session: Session, person: Person, link_id: int, providers: Mapping[str, SignInConfig], now: datetime) -> str:
    """Remove an account elsewhere of theirs; which service it was, empty when there was none. A letter tells them.

    `providers` are those that the site has, by slug. Raises Conflict when it is the only way in that they have.
    """
    # One after the other, or two that are removed at once would each think of the other.
    lock_person(session, person.id)
    links = queries.links_of(session, person.id)
    gone = next((one for one in links if one.id == link_id), None)
    if gone is None:
        return ""
    others = [one for one in links if one is not gone and one.provider in providers]
    ways = (way for way in features_of(session).sign_in_ways if way.name != WAY)
    has_other_way = any(way.can_prove(session, person) for way in ways)
    raise_if(
        rules.refuse_last_way(has_password=person.has_password, other_links=len(others), has_other_way=has_other_way)
    )
    session.execute(delete(LinkedIdentity).where(LinkedIdentity.id == gone.id))
    label = providers[gone.provider].label if gone.provider in providers else gone.provider
    write_letter(session, person, REMOVED_LETTER, {"provider": label, "account": gone.username}, now)
    return gone.provider


def take_away_links(
    session: Session, person: Person, providers: Mapping[str, SignInConfig], now: datetime, *, only: int | None = None
) -> int:
    """Unlink all accounts elsewhere of somebody, or that one, although they may have no other way in: for admins, who
    help them to another. A letter tells them of each; how many there were.
    """
    lock_person(session, person.id)
    gone = [one for one in queries.links_of(session, person.id) if only in (None, one.id)]
    session.execute(delete(LinkedIdentity).where(LinkedIdentity.id.in_([one.id for one in gone])))
    for one in gone:
        label = providers[one.provider].label if one.provider in providers else one.provider
        write_letter(session, person, REMOVED_LETTER, {"provider": label, "account": one.username}, now)
    return len(gone)


def belongs_to_another() -> Conflict:
    """That an account elsewhere signs in somebody else here."""
    return Conflict(
        lazy(
            "This account already signs in another account here. If both are yours, sign in to the other one and "
            "remove it there, or ask an admin to make one of the two."
        ),
        code="linked_to_another",
    )


def _show(
    session: Session, person: Person, identity: KnownIdentity, service: str, now: datetime, *, former: str = ""
) -> None:
    if service and identity.username:
        prove_account(session, person, service, identity.username, now, former=former)
