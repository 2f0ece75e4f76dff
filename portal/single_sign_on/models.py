"""What is stored of accounts elsewhere with which people sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base


class LinkedIdentity(Base):
    """An account elsewhere that signs a person in. `provider` is its slug in the settings; `issuer` and `subject` name
    it for good, `username` is what they were called there when they last came.
    """

    __tablename__ = "linked_identities"
    __table_args__ = (UniqueConstraint("provider", "issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str] = mapped_column(String(40))
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
