"""What a room says of the mail it sends: its table, how its mails are written, and how surely each arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core.due import DueOnce
from portal.core.jobs import Portal


class Guarantee(Enum):
    """What holds when a worker is killed, or the mail server breaks off, at the worst moment.

    Before the mail server has the text nothing has left: when the lease ends another worker sends it, once.
    """

    AT_LEAST_ONCE = "at least once"
    """Between the handover and the note that it was sent: it goes out once more when the lease ends, under the same
    Message-ID. Never lost, perhaps twice. For what somebody waits for, such as the way to a new password."""
    AT_MOST_ONCE = "at most once"
    """At the last moment before the text leaves, it is committed that it leaves. Killed or cut off after that, nobody
    can know whether it arrived: it is settled as uncertain, with a line in the log, and never sent again. For what
    stands on the site anyway."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that can leave and for whom, and by their ids the rows it tells of and those nobody wants any more."""

    message: EmailMessage | None = None
    address: str = ""
    wanted: list[int] = field(default_factory=list)
    unwanted: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MailKind:
    """The mail of one table. Rows with the same values of `together` leave in one mail.

    `write` is asked at the last moment and given a condition: it reads the rows which fulfil it, all in the state
    waiting, looks whether they are still wanted, makes what no table may hold (tokens), and composes. A row of
    whom there is nothing to write to stands in `unwanted`. `emptied` are values that a settled row holds instead of
    what it said.

    `on_refused` hears that a mail server refused an address for good, of the address, the server's words and when;
    `on_sent` that it took a letter to it.
    """

    name: str
    table: type[DueOnce]
    row_id: InstrumentedAttribute[int]
    together: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]
    guarantee: Guarantee
    write: Callable[[Portal, Session, ColumnElement[bool]], Outgoing]
    emptied: Mapping[str, Any] = field(default_factory=dict)
    on_refused: Callable[[Session, str, str, datetime], None] | None = None
    on_sent: Callable[[Session, str], None] | None = None


def mail_kinds(portal: Portal) -> tuple[MailKind, ...]:
    """The kinds of mail of this site: those of the lower rooms, for which people wait at the door, first."""
    return tuple(portal.features.mail_kinds.values())
