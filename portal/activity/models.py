"""What is stored of what happened. Events are only ever added: they are the site's memory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.due import DueOnce
from portal.core.typed import TYPED

PAGE_LONGEST = 255


class Event(Base):
    """Who did what to which thing. `values` hold plain values only: people stand in them by their id."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "actor_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    verb: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    subject_kind: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[int | None]
    values: Mapped[dict[str, object]] = mapped_column(JSON, info=TYPED)


class Notice(Base):
    """An event told to one person, until they have read it and afterwards. `page` is where it leads (rules.page_of)."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("person_id", "event_id"), Index(None, "person_id", "read_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    page: Mapped[str] = mapped_column(String(PAGE_LONGEST), default="")

    event: Mapped[Event] = relationship()


class Mailing(DueOnce, Base):
    """That a notice is to come by mail: one row a notice, so that none can come twice. Sent as portal/mail says.

    Those which are `cadence` daily and due go together in one letter. Forgotten some time after it is settled.
    """

    __tablename__ = "mailings"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "person_id", "state"))

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    cadence: Mapped[str] = mapped_column(String(8))

    notice: Mapped[Notice] = relationship()


class Reaction(DueOnce, Base):
    """That a room is to hear of an event: one row for each listener, written with the event. See hearing.py."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("event_id", "listener"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    listener: Mapped[str] = mapped_column(String(64))

    event: Mapped[Event] = relationship()


class LimitHit(Base):
    """That somebody did something as often as they may within an hour and was refused more: so many times."""

    __tablename__ = "limit_hits"
    __table_args__ = (Index(None, "last_at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    act: Mapped[str] = mapped_column(String(64), primary_key=True)
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class MailChoice(Base):
    """How often somebody wants notices of a kind by mail, where that is not what everybody gets."""

    __tablename__ = "mail_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    cadence: Mapped[str] = mapped_column(String(8))
