"""What is stored of people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from portal.core.database import Base
from portal.core.due import DueOnce
from portal.core.i18n import _
from portal.core.search import search_table
from portal.core.typed import TYPED

LONGEST_SUSPENSION_REASON = 300


class ShownName(TypeDecorator[str]):
    """A name that people read. Empty in the database for somebody who has left: they are a former member then."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The name, or words for who has left in the language being spoken."""
        return former_member() if value == "" else value


def former_member() -> str:
    """What somebody who has left is called, in the language being spoken."""
    return _("Former member")


class Person(Base):
    """An account here. A deleted person keeps the row, without anything that tells who it was.

    `email` is confirmed by its owner and `email_key` is the same in lower case, unique; `new_email` waits for its owner
    to confirm it, and any number of people may have typed the same. `refused_email` is one of the two
    when a mail server said, in the words of `refused_because`, that it takes no mail for it. `password_hash` is empty
    for who has no password. `session_epoch` counts new passwords and so ends older sessions. `is_findable`: they agreed
    that search may find them. `picture` is the mark of their `Portrait`, or empty.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    username_changed_at: Mapped[datetime | None]
    display_name: Mapped[str] = mapped_column(ShownName(80))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    new_email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255))
    refused_email: Mapped[str | None] = mapped_column(String(254))
    refused_because: Mapped[str | None] = mapped_column(String(200))
    refused_at: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(Integer, default=0)
    language: Mapped[str] = mapped_column(String(16), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    weekly_hours: Mapped[int | None] = mapped_column(SmallInteger)
    about: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    is_findable: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    suspended_because: Mapped[str] = mapped_column(String(LONGEST_SUSPENSION_REASON), default="", info=TYPED)

    skills: Mapped[list[PersonSkill]] = relationship(cascade="all, delete-orphan", order_by="PersonSkill.skill")
    languages: Mapped[list[PersonLanguage]] = relationship(cascade="all, delete-orphan", order_by="PersonLanguage.code")
    accounts: Mapped[list[Account]] = relationship(cascade="all, delete-orphan", order_by="Account.id")

    @property
    def has_password(self) -> bool:
        """Whether they may sign in with a password: others come by what else the site lets people sign in with."""
        return bool(self.password_hash)

    @property
    def is_active(self) -> bool:
        """Whether this person may be signed in."""
        return self.deleted_at is None

    def is_suspended(self, now: datetime) -> bool:
        """Whether stewards keep this person from signing in. It ends by itself."""
        return self.suspended_until is not None and now < self.suspended_until

    @property
    def refused_address(self) -> str:
        """The address of theirs that a mail server refused for good; empty when there is none."""
        is_theirs = self.refused_email in (self.email, self.new_email)
        return self.refused_email or "" if is_theirs else ""

    @property
    def gets_mail(self) -> bool:
        """Whether what stands on the site anyway may also come by mail: to a confirmed address that takes it."""
        return self.is_active and bool(self.email) and self.email != self.refused_email

    @property
    def is_authenticated(self) -> bool:
        """Always: who is not signed in is no person, but Flask-Login's anonymous user."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Never."""
        return False


class KeptUsername(Base):
    """A username that nobody gets any more: its owner has another now, or (None) has left.

    `mark` is a hash of it: the name itself is not kept.
    """

    __tablename__ = "kept_usernames"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    kept_since: Mapped[datetime]


class Portrait(Base):
    """The picture that a person chose for themselves: a small WebP. `mark` stands in its address."""

    __tablename__ = "portraits"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


GONE_IS_GONE = {"confirm_deleted_rows": False}
"""For rows that their owner may remove twice at once: that the second finds nothing to delete is as it should be."""


class PersonSkill(Base):
    """A skill of a person, at level 1 (knows the concepts) to 4 (works on their own and teaches)."""

    __tablename__ = "person_skills"
    __table_args__ = (Index("ix_person_skills_skill_level", "skill", "level"),)
    __mapper_args__ = GONE_IS_GONE

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(64), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)


class PersonLanguage(Base):
    """A human language a person can be spoken to in: its BCP 47 code."""

    __tablename__ = "person_languages"
    __mapper_args__ = GONE_IS_GONE

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)


class Account(Base):
    """A person's account elsewhere: on a source (its slug) or on the wiki ("wiki"). Stored as said until verified."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("person_id", "service", "username"), Index(None, "service", "username"))
    __mapper_args__ = GONE_IS_GONE

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    service: Mapped[str] = mapped_column(String(40))
    username: Mapped[str] = mapped_column(String(255))
    added_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]


class UserSession(Base):
    """A browser in which somebody is signed in, or was until `ended_at`.

    `mark` is a hash of the random id in its cookie, never the id itself. `epoch` is the person's `session_epoch` when
    they signed in: a session of another one has ended. They showed who they are by `proofs` (words, see
    `session.Proof`), the last time at `proved_at`. `device` is what the browser says of itself, in words or empty;
    `network` is the household, as `rules.network_of` tells it.
    """

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    proved_at: Mapped[datetime]
    proofs: Mapped[str] = mapped_column(String(80))
    device: Mapped[str] = mapped_column(String(80))
    network: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]


class SignInTry(Base):
    """A failed sign-in, a sign-up or a letter that was asked for: counted to slow down guessing, deleted soon after.

    `subject` is a keyed hash of what was tried and of the name or the network address, or a hash of the address that a
    letter goes to: never the thing itself.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Letter(DueOnce, Base):
    """A mail that is to be sent: a template and its values, never a secret. Sent as portal/mail says.

    The values are emptied once it is sent or given up.
    """

    __tablename__ = "letters"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    template: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, object]] = mapped_column(JSON)


PEOPLE_SEARCH = search_table("people_words", "people.id")
