"""What is stored of tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base
from portal.core.typed import TYPED

LONGEST_NAME = 60


class ApiToken(Base):
    """A token that a person made for a program. `mark` is a hash of it: nobody can read the token here.

    `scopes` are names of what it is for, with spaces between them. `last_network` is the household from which it was
    last used. `told_at`: a letter has told that it ends soon.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), info=TYPED)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None]
    last_network: Mapped[str] = mapped_column(String(64), default="")
    told_at: Mapped[datetime | None]
