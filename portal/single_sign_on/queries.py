"""What is known of accounts elsewhere with which people sign in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import Person
from portal.single_sign_on.models import LinkedIdentity
from portal.single_sign_on.rules import KnownIdentity


def link_of(session: Session, identity: KnownIdentity) -> LinkedIdentity | None:
    """The link of this account elsewhere; None when it is nobody's here."""
    named = (LinkedIdentity.issuer == identity.issuer, LinkedIdentity.subject == identity.subject)
    return session.scalars(select(LinkedIdentity).where(LinkedIdentity.provider == identity.provider, *named)).first()


def links_of(session: Session, person_id: int) -> Sequence[LinkedIdentity]:
    """The accounts elsewhere of this person, in the order in which they were linked."""
    mine = select(LinkedIdentity).where(LinkedIdentity.person_id == person_id)
    return session.scalars(mine.order_by(LinkedIdentity.id)).all()


def has_link(session: Session, person_id: int, providers: Collection[str]) -> bool:
    """Whether this person can sign in with one of these services."""
    mine = select(LinkedIdentity.id).where(LinkedIdentity.person_id == person_id)
    return session.scalars(mine.where(LinkedIdentity.provider.in_(providers)).limit(1)).first() is not None


def has_address(session: Session, email: str) -> bool:
    """Whether somebody here has this confirmed address."""
    return (
        bool(email) and session.scalars(select(Person.id).where(Person.email_key == email.lower())).first() is not None
    )
