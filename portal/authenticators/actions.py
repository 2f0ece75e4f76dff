"""What people do with their second factor."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.authenticators import queries, rules
from portal.authenticators.models import CodeApp, RecoveryCode
from portal.authenticators.sealing import CannotOpenError, opened, seal
from portal.core.errors import Conflict, Invalid
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.people.actions import is_first_today, write_letter
from portal.people.locks import lock_person
from portal.people.models import Person

ADDED_LETTER = "authenticators.second_factor_on"
GONE_LETTER = "authenticators.second_factor_off"
RECOVERY_LETTER = "authenticators.recovery_code_used"
RENEWED_LETTER = "authenticators.recovery_codes_renewed"
REPEATED_LETTER = "authenticators.code_repeated"


def add_app(session: Session, person: Person, secret: str, typed: str, secret_key: str, now: datetime) -> None:
    """From now on this person shows a code of the app, too, which knows `secret`; `typed` proves that it does.

    Raises Invalid when it does not, Conflict when there is an app already.
    """
    step = rules.fitting_step(secret, typed, now)
    if step is None:
        raise wrong_code()
    with insert_unless_taken(session, Conflict(lazy("You have an app for codes already. Remove that one first."))):
        row = CodeApp(person_id=person.id, sealed_secret=seal(secret, secret_key), last_step=step, added_at=now)
        session.add(row)
    write_letter(session, person, ADDED_LETTER, {}, now)


def seal_anew(session: Session, old_key: str, new_key: str) -> tuple[int, int]:
    """Seal what the old secret key opens with the new one: how many there were, and how many neither key opens."""
    done = left = 0
    for app in session.scalars(select(CodeApp).with_for_update()):
        with suppress(CannotOpenError):
            app.sealed_secret = seal(opened(app.sealed_secret, old_key), new_key)
            done += 1
            continue
        try:
            opened(app.sealed_secret, new_key)
        except CannotOpenError:
            left += 1
    return done, left


def use_code(session: Session, person: Person, typed: str, secret_key: str, now: datetime) -> bool:
    """Whether this is a code of the person's app, and the first time that it is used. A letter tells of a second.

    Raises CannotOpenError when the site's secret key is no longer the one with which the app was added.
    """
    app = queries.app_of(session, person.id)
    step = rules.fitting_step(opened(app.sealed_secret, secret_key), typed, now) if app else None
    if step is None:
        return False
    unused = update(CodeApp).where(CodeApp.person_id == person.id, CodeApp.last_step < step)
    is_first = updated_one_row(session, unused.values(last_step=step, last_used_at=now))
    if not is_first:
        _tell_of_repeat(session, person, now)
    return is_first


def use_recovery_code(session: Session, person: Person, typed: str, now: datetime) -> bool:
    """Whether this is a recovery code of the person that was not used before. A letter tells them."""
    mark = rules.mark_of_recovery_code(typed, person.id)
    unused = update(RecoveryCode).where(RecoveryCode.mark == mark, RecoveryCode.used_at.is_(None))
    if not updated_one_row(session, unused.values(used_at=now)):
        return False
    write_letter(session, person, RECOVERY_LETTER, {"left": queries.codes_left(session, person.id)}, now)
    return True


def renew_recovery_codes(session: Session, person: Person, now: datetime) -> list[str]:
    """A new set of recovery codes, as they are written down; those of before are worth nothing, and a letter says so.

    Raises Conflict for who has no app, and needs none.
    """
    if not queries.has_app(session, person.id):
        raise Conflict(lazy("Recovery codes are for those who have an app for codes. Add one first."))
    lock_person(session, person.id)
    codes = rules.new_recovery_codes()
    if queries.has_codes(session, person.id):
        write_letter(session, person, RENEWED_LETTER, {}, now)
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(
        RecoveryCode(person_id=person.id, mark=rules.mark_of_recovery_code(code, person.id), made_at=now)
        for code in codes
    )
    return codes


def remove_second_factor(session: Session, person: Person, now: datetime) -> bool:
    """The password is enough again; False when it was enough already. A letter tells them."""
    had_app = queries.has_app(session, person.id)
    session.execute(delete(CodeApp).where(CodeApp.person_id == person.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    if had_app:
        write_letter(session, person, GONE_LETTER, {}, now)
    return had_app


def _tell_of_repeat(session: Session, person: Person, now: datetime) -> None:
    """Somebody has typed a code that was used already: perhaps they saw it. A letter says so, one a day."""
    security_event(SecurityEvent.CODE_REPEATED, Outcome.REFUSED, about=person.id)
    if is_first_today(session, person, REPEATED_LETTER, now):
        write_letter(session, person, REPEATED_LETTER, {}, now)


def wrong_code() -> Invalid:
    """That a code does not fit."""
    return Invalid(lazy("This code is not right, or was used before. Wait for the next one, and type that."), "code")
