"""Letters about accounts: what each says is looked up when it leaves."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.core.jobs import Portal
from portal.mail.composing import Content, Envelope, Recipient, compose
from portal.mail.kinds import Guarantee, MailKind, Outgoing
from portal.people import tokens
from portal.people.actions import CONFIRM_LETTER, RESET_LETTER, note_refused_address, note_working_address
from portal.people.models import Letter, Person


def _token(purpose: tokens.Purpose) -> Callable[[Portal, Person], dict[str, Any]]:
    def value(portal: Portal, person: Person) -> dict[str, Any]:
        return {"token": tokens.make(purpose, person, portal.app.config["SECRET_KEY"])}

    return value


# What a letter needs but no table may hold: made when it leaves.
EXTRAS = {
    RESET_LETTER: _token(tokens.Purpose.RESET),
    CONFIRM_LETTER: _token(tokens.Purpose.CONFIRM),
}


def write(portal: Portal, session: Session, rows: ColumnElement[bool]) -> Outgoing:
    """The one letter of `rows`; without a message when its person has left, or has no address any more."""
    letter = session.scalars(select(Letter).where(rows)).one()
    person = session.get(Person, letter.person_id)
    to = _recipient(letter, person) if person else None
    if person is None or to is None:
        return Outgoing(unwanted=[letter.id])
    return Outgoing(_compose(portal, letter, person, to), to.address, wanted=[letter.id])


def _recipient(letter: Letter, person: Person) -> Recipient | None:
    # Nobody has said yet that a new address is theirs: a stranger must not get to read what somebody calls themselves.
    is_stranger = letter.template == CONFIRM_LETTER
    address, name = (person.new_email, "") if is_stranger else (person.email, person.display_name)
    return Recipient(address, name, person.language, person.time_zone) if address else None


def _compose(portal: Portal, letter: Letter, person: Person, to: Recipient) -> EmailMessage:
    extras = EXTRAS[letter.template](portal, person) if letter.template in EXTRAS else {}
    foot = "stranger" if letter.template == CONFIRM_LETTER else "account"
    content = Content(letter.template, foot, {**letter.values, **extras, "person": person})
    return compose(portal, content, Envelope(to, f"letter-{letter.id}-{letter.due_at:%Y%m%d}", letter.due_at))


ACCOUNT_MAIL = MailKind(
    "people.letters",
    table=Letter,
    row_id=Letter.id,
    together=(Letter.id,),
    # Somebody waits for it at the door: better twice than not at all.
    guarantee=Guarantee.AT_LEAST_ONCE,
    write=write,
    # What it said, and of whom, is no longer needed.
    emptied={"values": {}},
    on_refused=note_refused_address,
    on_sent=note_working_address,
)
