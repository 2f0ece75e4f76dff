"""What is stored of what happened. Events are only ever added: they are the site's memory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
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
