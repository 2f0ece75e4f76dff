"""Letters about accounts leave by mail, and what is no longer needed is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.jobs import Portal
from portal.people import rules, tokens
from portal.people.actions import CONFIRM_LETTER, RESET_LETTER
from portal.people.letters import Content, Envelope, compose
from portal.people.models import Letter, Person, SignInTry

log = structlog.get_logger()
BATCH = 100
KEEP_TRIES = timedelta(days=2)
KEEP_LETTERS = timedelta(days=30)


def _token(purpose: tokens.Purpose) -> Callable[[Portal, Person], dict[str, Any]]:
    def value(portal: Portal, person: Person) -> dict[str, Any]:
        return {"token": tokens.make(purpose, person, portal.app.config["SECRET_KEY"])}

    return value


# What a letter needs but no table may hold: made when it leaves.
EXTRAS = {
    RESET_LETTER: _token(tokens.Purpose.RESET),
    CONFIRM_LETTER: _token(tokens.Purpose.CONFIRM),
}


def deliver_letters(portal: Portal) -> None:
    """Send the letters about accounts that are due: at least once each, for somebody waits for them at the door.

    The lease keeps a second worker from sending the same letter. A worker that dies between sending and noting it
    leaves a letter that goes out once more when the lease ends, under the same Message-ID: not lost, but perhaps twice.
    Notices go another way, at most once: see portal/activity/jobs.py.
    """
    with portal.database.session(read_only=True) as session:
        due = list(session.scalars(select(Letter.id).where(_is_due(clock.now())).order_by(Letter.due_at).limit(BATCH)))
    for letter_id in due:
        with portal.unit_of_work() as session:
            is_ours = _lease(session, letter_id, clock.now())
        if is_ours:
            _deliver(portal, letter_id)


def forget(portal: Portal) -> None:
    """Delete counted tries and letters that are long done with."""
    now = clock.now()
    with portal.unit_of_work() as session:
        session.execute(delete(SignInTry).where(SignInTry.at < now - KEEP_TRIES))
        old = now - KEEP_LETTERS
        session.execute(delete(Letter).where(or_(Letter.sent_at < old, Letter.gave_up_at < old)))


def _is_due(now: datetime) -> Any:
    is_open = Letter.sent_at.is_(None) & Letter.gave_up_at.is_(None) & (Letter.due_at <= now)
    return is_open & or_(Letter.leased_until.is_(None), Letter.leased_until <= now)


def _lease(session: Session, letter_id: int, now: datetime) -> bool:
    take = update(Letter).where(Letter.id == letter_id, _is_due(now))
    taken: Any = session.execute(take.values(leased_until=now + rules.LEASE, attempts=Letter.attempts + 1))
    return bool(taken.rowcount == 1)


def _deliver(portal: Portal, letter_id: int) -> None:
    try:
        message = _read(portal, letter_id)
        if message:
            # No transaction is open here: the mail server may be slow.
            portal.clients.mailer.send(message)
    except Exception as error:
        log.warning("letter not sent", letter=letter_id, error=type(error).__name__, detail=str(error)[:200])
        _note(portal, letter_id, _put_off)
    else:
        _note(portal, letter_id, _close)


def _read(portal: Portal, letter_id: int) -> EmailMessage | None:
    with portal.database.session(read_only=True) as session:
        letter = session.get(Letter, letter_id)
        person = session.get(Person, letter.person_id) if letter else None
        if not letter or not person:
            return None
        to = person.new_email if letter.template == CONFIRM_LETTER else person.email
        return _compose(portal, letter, person, to) if to else None


def _compose(portal: Portal, letter: Letter, person: Person, to: str) -> EmailMessage:
    extras = EXTRAS[letter.template](portal, person) if letter.template in EXTRAS else {}
    # Nobody has said yet that this address is theirs: a stranger must not get to read what somebody calls themselves.
    is_stranger = letter.template == CONFIRM_LETTER
    content = Content(letter.template, "stranger" if is_stranger else "account", {**letter.values, **extras})
    name = "" if is_stranger else person.display_name
    envelope = Envelope(to, name, f"letter-{letter.id}-{letter.due_at:%Y%m%d}", letter.due_at)
    return compose(portal, person, content, envelope)


def _note(portal: Portal, letter_id: int, change: Callable[[Letter, datetime], None]) -> None:
    with portal.unit_of_work() as session:
        letter = session.get(Letter, letter_id)
        if letter:
            letter.leased_until = None
            change(letter, clock.now())


def _close(letter: Letter, now: datetime) -> None:
    letter.sent_at = now
    # What it said, and of whom, is no longer needed.
    letter.values = {}


def _put_off(letter: Letter, now: datetime) -> None:
    if letter.attempts >= rules.LETTER_ATTEMPTS:
        letter.gave_up_at = now
        letter.values = {}
    else:
        letter.due_at = now + rules.delay_after(letter.attempts)
