"""What is shown of mail on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core import due
from portal.mail.kinds import MailKind


def counts(session: Session, kinds: Iterable[MailKind], since: datetime) -> Counter[str]:
    """How many rows of mail are in each state, of all kinds: those that are open, and those settled since then."""
    counted: Counter[str] = Counter()
    for kind in kinds:
        counted.update(due.counts(session, kind.table, since))
    return counted
