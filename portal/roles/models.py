"""What is stored of roles: who holds them, who did, and who offers to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.typed import TYPED
from portal.people.models import Person


class RoleHolder(Base):
    """A person in a role, now or once. `until` is the last day of the term; rows are ended, never deleted.

    `active_key` lets a person hold a role once at a time. `seat_key` numbers the seats of a role that has a largest
    number of them, so that two appointments at once cannot both take the last one.
    """

    __tablename__ = "role_holders"
    __table_args__ = (Index(None, "person_id", "ended_at"), Index(None, "role", "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    until: Mapped[date | None] = mapped_column(index=True)
    appointed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    end_reason: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    active_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    seat_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    appointed_by: Mapped[Person | None] = relationship(foreign_keys=appointed_by_id)
    ended_by: Mapped[Person | None] = relationship(foreign_keys=ended_by_id)


class RoleOffer(Base):
    """Somebody who offers to take a role: open → accepted | declined (`answer` tells why) | withdrawn.

    `open_key` lets a person have one open offer a role.
    """

    __tablename__ = "role_offers"
    __table_args__ = (Index(None, "role", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, info=TYPED)
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    open_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
