"""What is stored of mentoring: mentors, what newcomers ask for, and who walks with whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.typed import TYPED
from portal.people.models import Person


class MentorState(StrEnum):
    """Where somebody's application stands. What they may do comes from the role they hold, never from this."""

    APPLIED = "applied"
    APPROVED = "approved"
    DECLINED = "declined"
    RETIRED = "retired"


class Need(StrEnum):
    """How much a newcomer needs a skill in a mentor."""

    MUST = "must"
    WANT = "want"


class RequestState(StrEnum):
    """Where a request stands. A request that a mentor looks at is open, with `held_until` in the future."""

    OPEN = "open"
    PAIRED = "paired"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PairingState(StrEnum):
    """Where a pairing stands. Only an active one can be written in."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"
    TIMED_OUT = "timed_out"


class Side(StrEnum):
    """One of the two in a pairing; as a turn: who owes the next word."""

    MENTOR = "mentor"
    MENTEE = "mentee"

    @property
    def other(self) -> Side:
        """The side across."""
        return Side.MENTEE if self is Side.MENTOR else Side.MENTOR


class EndReason(StrEnum):
    """Why a pairing ended before its goal. The last three are the portal's own, nobody chooses them."""

    NO_TIME = "no_time"
    OTHER_SKILLS = "other_skills"
    NO_ANSWER = "no_answer"
    DOES_NOT_FIT = "does_not_fit"
    PLANS_CHANGED = "plans_changed"
    OTHER = "other"
    REASSIGNED = "reassigned"
    ROLE_ENDED = "role_ended"
    ACCOUNT_DELETED = "account_deleted"


class Mentor(Base):
    """What somebody offers as a mentor. `taken` counts their active pairings and never passes `capacity` by a claim.

    `away_until` stays after its day: the clock of a turn does not run before it.
    """

    __tablename__ = "mentors"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_not_negative"), Index(None, "state"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    pitch: Mapped[str] = mapped_column(String(240), info=TYPED)
    capacity: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    away_until: Mapped[datetime | None]
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    declined_because: Mapped[str] = mapped_column(String(500), default="", info=TYPED)

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class Request(Base):
    """A newcomer asks for a mentor. `asked_at` is the age that counts: it outlives a pairing that did not work.

    `live_key` is the person's id while the request is open or paired, so that nobody has two at once. `closed_at` is
    when it was withdrawn or expired. A hold (a mentor looks first) ends by itself: one whose `held_until` has passed
    is none.
    """

    __tablename__ = "requests"
    __table_args__ = (Index(None, "state", "asked_at"), Index(None, "held_by", "held_until"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    live_key: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(16), default=RequestState.OPEN)
    goal: Mapped[str] = mapped_column(Text, info=TYPED)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    held_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    held_until: Mapped[datetime | None]
    hold_extended: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    needs: Mapped[list[RequestSkill]] = relationship(
        cascade="all, delete-orphan", order_by="RequestSkill.need, RequestSkill.skill"
    )
    languages: Mapped[list[RequestLanguage]] = relationship(
        cascade="all, delete-orphan", order_by="RequestLanguage.code"
    )


class RequestSkill(Base):
    """A skill that a newcomer asks for."""

    __tablename__ = "request_skills"
    __table_args__ = (Index(None, "skill"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(64), primary_key=True)
    need: Mapped[str] = mapped_column(String(8))


class RequestLanguage(Base):
    """A language in which the newcomer can be spoken to: its BCP 47 code."""

    __tablename__ = "request_languages"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)


class Skip(Base):
    """A mentor said of a request that it is not for them: they do not see it again. Only coordinators read why."""

    __tablename__ = "request_skips"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(240), default="", info=TYPED)
    at: Mapped[datetime]

    mentor: Mapped[Person] = relationship()


class Pairing(Base):
    """A mentor walks with a mentee. `turn` owes the next word since `turn_since`.

    `active_key` is the request's id while the pairing is active: a request has one mentor at a time. `nudged_days` is
    the last reminder of this turn (0: none yet). `continues_id` is the pairing whose thread this one takes up after a
    coordinator's handover. `…_read_id` is the last message each side has seen.
    """

    __tablename__ = "pairings"
    __table_args__ = (
        Index(None, "mentor_id", "state"),
        Index(None, "mentee_id", "state"),
        Index(None, "state", "turn_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    mentee_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    active_key: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(16), default=PairingState.ACTIVE)
    started_at: Mapped[datetime]
    turn: Mapped[str] = mapped_column(String(8))
    turn_since: Mapped[datetime]
    nudged_days: Mapped[int] = mapped_column(SmallInteger, default=0)
    nudged_at: Mapped[datetime | None]
    mentor_read_id: Mapped[int] = mapped_column(default=0)
    mentee_read_id: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    end_reason: Mapped[str] = mapped_column(String(24), default="")
    end_note: Mapped[str] = mapped_column(String(1000), default="", info=TYPED)
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("pairings.id", ondelete="SET NULL"))

    request: Mapped[Request] = relationship()
    mentor: Mapped[Person] = relationship(foreign_keys=mentor_id)
    mentee: Mapped[Person] = relationship(foreign_keys=mentee_id)


class Message(Base):
    """A word in a pairing, in Markdown. Only its two people read it. Empty once its author has left."""

    __tablename__ = "pairing_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text, info=TYPED)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()
