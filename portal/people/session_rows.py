"""The rows of sessions: opened, used, proved, ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from portal.core.rows import updated_one_row
from portal.people.models import Person, UserSession

BETWEEN_VISITS = timedelta(minutes=5)
"""So often it is noted that a session is used."""


def open_session(
    session: Session, person: Person, mark: str, proofs: Iterable[str], device: str, network: str, now: datetime
) -> None:
    """This person is signed in, in a browser whose cookie is known by `mark`."""
    made = UserSession(person_id=person.id, epoch=person.session_epoch, mark=mark, proofs=" ".join(proofs))
    made.device, made.network = device, network
    made.created_at = made.last_seen_at = made.proved_at = now
    session.add(made)


def prove_session(session: Session, mark: str, new_mark: str, proof: str, now: datetime) -> bool:
    """Who is signed in there has shown again that it is them: it is known by `new_mark` from now on. False when it has
    ended.
    """
    kept = session.scalars(_living(mark)).one_or_none()
    if kept is None:
        return False
    proofs = [*dict.fromkeys([*kept.proofs.split(), proof])]
    mine = update(UserSession).where(UserSession.mark == mark, UserSession.ended_at.is_(None))
    return updated_one_row(session, mine.values(mark=new_mark, proved_at=now, proofs=" ".join(proofs)))


def note_visit(session: Session, session_id: int, now: datetime, *, network: str) -> None:
    """The session is used now, from this network."""
    mine = update(UserSession).where(UserSession.id == session_id, UserSession.last_seen_at < now)
    session.execute(mine.values(last_seen_at=now, network=network))


def end_session(session: Session, mark: str, now: datetime) -> None:
    """Nobody is signed in there any more. Once is enough."""
    session.execute(
        update(UserSession).where(UserSession.mark == mark, UserSession.ended_at.is_(None)).values(ended_at=now)
    )


def _living(mark: str) -> Select[UserSession]:
    return select(UserSession).where(UserSession.mark == mark, UserSession.ended_at.is_(None))
