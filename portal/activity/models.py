"""What is stored of what happened. Events are only ever added: they are the site's memory."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base


class Event(Base):
    """Who did what to which thing. `values` hold plain values only: people stand in them by their id."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "subject_kind", "subject_id", "id"), Index(None, "actor_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    verb: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    subject_kind: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[int | None]
    values: Mapped[dict[str, object]] = mapped_column(JSON)


class Notice(Base):
    """An event told to one person, until they have read it and afterwards."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("person_id", "event_id"), Index(None, "person_id", "read_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()


class MailState(StrEnum):
    """Where a notice is on its way to a mailbox."""

    WAITING = "waiting"
    SENDING = "sending"
    """Given to the mail server at this moment; after the lease: nobody knows whether it arrived."""
    SENT = "sent"
    SKIPPED = "skipped"
    """Not wanted any more when its time came: read on the site, turned off, or without an address."""
    UNCERTAIN = "uncertain"
    """The worker or the mail server broke off while it was handed over. It is not sent again."""
    GIVEN_UP = "given_up"


class Mailing(Base):
    """That a notice is to come by mail: one row a notice, so that none can come twice. Sent by a sweep that leases it.

    Those which are `cadence` daily and due go together in one letter. Forgotten some time after it is settled.
    """

    __tablename__ = "mailings"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "person_id", "state"))

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    cadence: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    settled_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship()


class MailChoice(Base):
    """How often somebody wants notices of a kind by mail, where that is not what everybody gets."""

    __tablename__ = "mail_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    cadence: Mapped[str] = mapped_column(String(8))
