"""What letters hold, for tests that read them."""

from __future__ import annotations

from email.message import EmailMessage

from sqlalchemy.orm import Session

from portal.activity.actions import choose_letters
from portal.core.feature import features_of
from portal.core.notices import Cadence
from portal.people.models import Person


def text_of(message: EmailMessage) -> str:
    """What somebody reads whose mail program shows plain text."""
    return _part(message, "plain")


def html_of(message: EmailMessage) -> str:
    """The same as HTML."""
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None, f"the letter has no {kind} part"
    # A letter that crossed a real mail server has the line ends of mail.
    return str(part.get_content()).replace("\r\n", "\n")


def all_at_once(session: Session, person: Person) -> None:
    """This person wants every notice in a letter of its own."""
    choose_letters(session, person.id, dict.fromkeys(features_of(session).notice_kinds, Cadence.NOW))
