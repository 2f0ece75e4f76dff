"""When something last happened to the site as a whole, such as a backup: one row for each, by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.database import Base
from portal.core.rows import inserted, updated_one_row

BACKUP = "backup"
SET_UP = "set_up"


class Milestone(Base):
    """That something happened to the site, and when it last did."""

    __tablename__ = "milestones"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


def note(session: Session, name: str, now: datetime) -> None:
    """It happened now. Safe to repeat, and when two do it at once."""
    again = update(Milestone).where(Milestone.name == name).values(at=now)
    if not updated_one_row(session, again):
        inserted(session, insert(Milestone).values(name=name, at=now))


def milestones(session: Session) -> dict[str, datetime]:
    """When each last happened, as far as it ever did. One statement."""
    return {name: at for name, at in session.execute(select(Milestone.name, Milestone.at))}  # noqa: C416  (a Result is no mapping)
