"""What is stored of invitations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.due import DueOnce
from portal.core.typed import TYPED
from portal.people.models import Person

NOTE_LENGTH = 500


class Invitation(Base):
    """An invitation to sign up, good for `most_uses` people until `ends_at`.

    `mark` is a hash of the token in its link. The token itself is stored nowhere: it is made of `seed` and the site's
    secret key whenever the link is written. `email` is where it goes, until somebody has signed up by it; None for a
    link to pass on.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    inviter_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    seed: Mapped[str] = mapped_column(String(32))
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), info=TYPED)
    most_uses: Mapped[int] = mapped_column(SmallInteger)
    uses: Mapped[int] = mapped_column(SmallInteger, default=0)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    inviter: Mapped[Person] = relationship(lazy="raise")
    used_by: Mapped[list[InvitationUse]] = relationship(lazy="raise", order_by="InvitationUse.used_at")


class InvitationUse(Base):
    """That a person signed up by an invitation."""

    __tablename__ = "invitation_uses"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")


class InvitationLetter(DueOnce, Base):
    """That an invitation is to be sent to its address. Sent as portal/mail says."""

    __tablename__ = "invitation_letters"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
