"""What happens at the doors: who did what, from where, and how it ended. One line in the log, one row for stewards.

`security_event` notes it; the row is written in a unit of work of its own once the one of the request or job has ended,
so that what was refused is kept, too. Never a secret, a token or what somebody typed: facts are numbers, names of this
program and names that people chose long before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from flask import has_request_context, request
from sqlalchemy import JSON, ColumnElement, Index, String, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.database import Base, Database
from portal.core.i18n import lazy

log = structlog.get_logger()
Fact = str | int | bool | None
MOST_AN_HOUR = 200
"""So many rows an hour are kept of one event with one outcome from one place; the log has every line."""
MOST_REFUSED_AN_HOUR = 500
"""So many an hour of one event that failed or was refused are kept from all places together: a flood from many
addresses fills no disk, and hides nothing that was done.
"""
LONGEST_FACT = 200
LONGEST_WHENCE = 64
SECRETS = ("password", "secret", "token", "code", "cookie", "typed")
"""A fact with one of these words in its name is refused: it would not be for the log."""


class SecurityEvent(StrEnum):
    """What can happen at the doors."""

    SIGN_UP = "sign_up"
    SIGN_IN = "sign_in"
    SIGN_IN_SECOND_FACTOR = "sign_in_second_factor"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session_ended"
    SESSIONS_ENDED = "sessions_ended"
    PROVED_AGAIN = "proved_again"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # names of events
    PASSWORD_RESET = "password_reset"  # noqa: S105
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105
    EMAIL_CHANGED = "email_changed"
    USERNAME_CHANGED = "username_changed"
    PROVIDER_LINKED = "provider_linked"
    PROVIDER_UNLINKED = "provider_unlinked"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_RESET = "second_factor_reset"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    CODE_REPEATED = "code_repeated"
    ROLE_GIVEN = "role_given"
    ROLE_ENDED = "role_ended"
    DATA_EXPORTED = "data_exported"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNT_SUSPENDED = "account_suspended"
    SUSPENSION_LIFTED = "suspension_lifted"
    ACCOUNT_VIEWED = "account_viewed"
    ACCOUNTS_SEARCHED = "accounts_searched"
    EVENTS_VIEWED = "events_viewed"
    ALARM_RAISED = "alarm_raised"
    ACCOUNTS_MERGED = "accounts_merged"
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_ENDED = "token_ended"  # noqa: S105
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    INVITATION_MADE = "invitation_made"
    INVITATION_USED = "invitation_used"
    INVITATION_REVOKED = "invitation_revoked"
    LIMIT_REACHED = "limit_reached"
    REQUEST_REFUSED = "request_refused"
    WORK_RETRIED = "work_retried"

    @property
    def label(self) -> Any:
        """What people read."""
        return LABELS[self]


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    FAILED = "failed"
    """What was shown did not prove who they are."""
    REFUSED = "refused"
    """They may not, or not now."""

    @property
    def label(self) -> Any:
        """What people read."""
        return OUTCOMES[self]


LABELS: dict[SecurityEvent, Any] = {
    SecurityEvent.SIGN_UP: lazy("Signed up"),
    SecurityEvent.SIGN_IN: lazy("Signed in"),
    SecurityEvent.SIGN_IN_SECOND_FACTOR: lazy("Second factor at sign-in"),
    SecurityEvent.SIGN_OUT: lazy("Signed out"),
    SecurityEvent.SESSION_ENDED: lazy("Session ended"),
    SecurityEvent.SESSIONS_ENDED: lazy("Sessions ended"),
    SecurityEvent.PROVED_AGAIN: lazy("Showed again who they are"),
    SecurityEvent.PASSWORD_CHANGED: lazy("Password changed"),
    SecurityEvent.PASSWORD_RESET: lazy("Password reset"),
    SecurityEvent.PASSWORD_RESET_ASKED: lazy("Password reset asked for"),
    SecurityEvent.EMAIL_CHANGED: lazy("Address changed"),
    SecurityEvent.USERNAME_CHANGED: lazy("Username changed"),
    SecurityEvent.PROVIDER_LINKED: lazy("Account elsewhere linked"),
    SecurityEvent.PROVIDER_UNLINKED: lazy("Account elsewhere unlinked"),
    SecurityEvent.PASSKEY_ADDED: lazy("Passkey added"),
    SecurityEvent.PASSKEY_REMOVED: lazy("Passkey removed"),
    SecurityEvent.SECOND_FACTOR_ADDED: lazy("Second factor added"),
    SecurityEvent.SECOND_FACTOR_REMOVED: lazy("Second factor removed"),
    SecurityEvent.SECOND_FACTOR_RESET: lazy("Second factor reset"),
    SecurityEvent.RECOVERY_CODES_MADE: lazy("Recovery codes made"),
    SecurityEvent.CODE_REPEATED: lazy("Code typed a second time"),
    SecurityEvent.ROLE_GIVEN: lazy("Role given"),
    SecurityEvent.ROLE_ENDED: lazy("Role ended"),
    SecurityEvent.DATA_EXPORTED: lazy("Data exported"),
    SecurityEvent.ACCOUNT_DELETED: lazy("Account deleted"),
    SecurityEvent.ACCOUNT_SUSPENDED: lazy("Account suspended"),
    SecurityEvent.SUSPENSION_LIFTED: lazy("Suspension lifted"),
    SecurityEvent.ACCOUNT_VIEWED: lazy("Account looked at"),
    SecurityEvent.ACCOUNTS_SEARCHED: lazy("Accounts listed"),
    SecurityEvent.EVENTS_VIEWED: lazy("Events listed"),
    SecurityEvent.ALARM_RAISED: lazy("Alarm raised"),
    SecurityEvent.ACCOUNTS_MERGED: lazy("Accounts merged"),
    SecurityEvent.TOKEN_MADE: lazy("API token made"),
    SecurityEvent.TOKEN_ENDED: lazy("API token ended"),
    SecurityEvent.TOKEN_REFUSED: lazy("API token refused"),
    SecurityEvent.INVITATION_MADE: lazy("Invitation made"),
    SecurityEvent.INVITATION_USED: lazy("Invitation used"),
    SecurityEvent.INVITATION_REVOKED: lazy("Invitation revoked"),
    SecurityEvent.LIMIT_REACHED: lazy("Limit reached"),
    SecurityEvent.REQUEST_REFUSED: lazy("Request refused"),
    SecurityEvent.WORK_RETRIED: lazy("Work tried again"),
}
OUTCOMES: dict[Outcome, Any] = {
    Outcome.DONE: lazy("done"),
    Outcome.FAILED: lazy("failed"),
    Outcome.REFUSED: lazy("refused"),
}


class SecurityRow(Base):
    """A security event as stewards read it. `who_id` did it (None: nobody knows), `about_id` is whom it concerns."""

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "event", "at"), Index(None, "whence", "event", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(16))
    who_id: Mapped[int | None] = mapped_column(index=True)
    about_id: Mapped[int | None] = mapped_column(index=True)
    whence: Mapped[str] = mapped_column(String(LONGEST_WHENCE), default="")
    facts: Mapped[dict[str, Fact]] = mapped_column(JSON)


_waiting: ContextVar[tuple[dict[str, Any], ...]] = ContextVar("security_events", default=())


def security_event(
    event: str, outcome: str, *, who: int | None = None, about: int | None = None, whence: str = "", **facts: Fact
) -> None:
    """Note what happened: `who` did it to `about` (ids of people), from `whence` (the address of this request).

    Raises ValueError for an event or an outcome that has no name here, or a fact that sounds like a secret.
    """
    for name in facts:
        if any(word in name for word in SECRETS):
            raise ValueError(f"{name} would not be for the log")
    whence = (whence or (request.remote_addr or "" if has_request_context() else ""))[:LONGEST_WHENCE]
    short = {name: fact[:LONGEST_FACT] if isinstance(fact, str) else fact for name, fact in facts.items()}
    row = {"event": SecurityEvent(event), "outcome": Outcome(outcome), "who_id": who, "about_id": about}
    log.info("security", kind=str(event), outcome=str(outcome), who=who, about=about, whence=whence, **short)
    _waiting.set((*_waiting.get(), {**row, "whence": whence, "facts": short, "at": clock.now()}))


def forget_waiting() -> None:
    """A request begins: what a thread left over belongs to nobody."""
    _waiting.set(())


def keep_events(database: Database) -> None:
    """Write what was noted, in a unit of work of its own. A database that is away is logged: the lines are there."""
    rows = _waiting.get()
    if not rows:
        return
    _waiting.set(())
    try:
        _write(database, rows)
    except SQLAlchemyError:
        log.warning("security events not kept", exc_info=True)


def _write(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    with database.session(read_only=True) as looking:
        # What is not kept must not even wait for the one who writes.
        kept = [row for row in rows if _is_kept(looking, row, counted)]
    if kept:
        with database.session() as session:
            session.execute(insert(SecurityRow), kept)
            session.commit()


def forget(session: Session, before: datetime) -> None:
    """Delete what happened before then."""
    session.execute(delete(SecurityRow).where(SecurityRow.at < before))


def forget_person(session: Session, person_id: int) -> None:
    """Delete what this person did and what was done to them; what they did to others stays, done by nobody."""
    theirs = SecurityRow.who_id == person_id
    alone = theirs & (SecurityRow.about_id.is_(None) | (SecurityRow.about_id == person_id))
    session.execute(delete(SecurityRow).where(alone | (SecurityRow.about_id == person_id)))
    session.execute(update(SecurityRow).where(theirs).values(who_id=None, whence="", facts={}))


def of_person(session: Session, person_id: int) -> list[dict[str, Any]]:
    """What this person did at the doors, and from where, for their export."""
    mine = select(SecurityRow).where(SecurityRow.who_id == person_id).order_by(SecurityRow.id)
    return [
        {"at": row.at, "event": row.event, "outcome": row.outcome, "whence": row.whence}
        for row in session.scalars(mine)
    ]


def _is_kept(session: Session, row: dict[str, Any], counted: Counter[tuple[str, str, str]]) -> bool:
    """Whether there is room for one more such row. `counted` has what comes together with it."""
    kind = (row["event"], row["outcome"], row["whence"])
    lately = SecurityRow.at > row["at"] - timedelta(hours=1)
    alike = (SecurityRow.event == row["event"], SecurityRow.outcome == row["outcome"], lately)
    here = _number(session, *alike, SecurityRow.whence == row["whence"]) if row["whence"] else 0
    is_done = row["outcome"] is Outcome.DONE
    is_room = here + counted[kind] < MOST_AN_HOUR and (is_done or _number(session, *alike) < MOST_REFUSED_AN_HOUR)
    counted[kind] += bool(is_room and row["whence"])
    return is_room


def _number(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(SecurityRow).where(*conditions)) or 0
