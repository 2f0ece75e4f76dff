"""What is known of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.api_tokens import rules
from portal.api_tokens.models import ApiToken
from portal.people.models import Person


def tokens_of(session: Session, person_id: int) -> Sequence[ApiToken]:
    """The tokens of this person, also those that ended not long ago: the newest first."""
    return session.scalars(select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id.desc())).all()


def token_of(session: Session, person_id: int, token_id: int) -> ApiToken | None:
    """One of this person's tokens; None where there is no such one of theirs."""
    return session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person_id))


def count_living(session: Session, person_id: int, now: datetime) -> int:
    """How many tokens of this person are good for something."""
    mine = (ApiToken.person_id == person_id) & (ApiToken.ends_at > now)
    return session.scalar(select(func.count()).select_from(ApiToken).where(mine)) or 0


def find_token(session: Session, token: str) -> tuple[ApiToken, Person] | None:
    """What is known of this token, and whose it is, in one statement; None where nobody has it."""
    by_mark = select(ApiToken, Person).join(Person, Person.id == ApiToken.person_id)
    row = session.execute(by_mark.where(ApiToken.mark == rules.mark_of(token))).one_or_none()
    return (row[0], row[1]) if row else None


def to_announce(session: Session, now: datetime) -> Sequence[int]:
    """The ids of tokens that end soon, of which nobody has told their owner."""
    soon = (ApiToken.ends_at > now, ApiToken.ends_at <= now + rules.HEADS_UP, ApiToken.told_at.is_(None))
    return session.scalars(select(ApiToken.id).where(*soon).order_by(ApiToken.id)).all()
