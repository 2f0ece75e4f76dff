"""What is known of passkeys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.authenticators.models import Passkey
from portal.authenticators.passkeys.rules import mark_of_id


def passkeys_of(session: Session, person_id: int) -> Sequence[Passkey]:
    """The passkeys of this person, in the order in which they were added."""
    return session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)).all()


def passkey_of(session: Session, person_id: int, passkey_id: int) -> Passkey | None:
    """A passkey of this person by its row; None for one of somebody else."""
    mine = select(Passkey).where(Passkey.person_id == person_id, Passkey.id == passkey_id)
    return session.scalars(mine).first()


def has_passkey(session: Session, person_id: int) -> bool:
    """Whether this person can sign in with a passkey."""
    return session.scalars(select(Passkey.id).where(Passkey.person_id == person_id).limit(1)).first() is not None


def by_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """The passkey that a device calls by this id; None when it is nobody's here."""
    return session.scalars(select(Passkey).where(Passkey.mark == mark_of_id(credential_id))).first()
