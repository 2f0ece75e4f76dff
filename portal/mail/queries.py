"""What is shown of mail on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from portal.core import due
from portal.mail.kinds import MailKind
from portal.mail.models import MailState


def last_settled(session: Session, kinds: Iterable[MailKind]) -> str | None:
    """How the last mail that was wanted ended, of all kinds; None when none did that is still known."""
    parts = [
        select(kind.table.state, kind.table.settled_at).where(
            kind.table.settled_at.is_not(None), kind.table.state != MailState.SKIPPED
        )
        for kind in kinds
    ]
    if not parts:
        return None
    settled = union_all(*parts).subquery()
    return session.scalar(select(settled.c.state).order_by(settled.c.settled_at.desc()).limit(1))


def counts(session: Session, kinds: Iterable[MailKind], since: datetime) -> Counter[str]:
    """How many rows of mail are in each state, of all kinds: those that are open, and those settled since then."""
    counted: Counter[str] = Counter()
    for kind in kinds:
        counted.update(due.counts(session, kind.table, since))
    return counted
