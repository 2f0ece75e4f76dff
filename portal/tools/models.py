"""What is stored of tools: their records, their maintainers, the words they are found by, and offers to help."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.search import search_table
from portal.core.typed import TYPED
from portal.people.models import Person


class Facet(StrEnum):
    """By what tools are found."""

    TYPE = "type"
    LICENSE = "license"
    LANGUAGE = "language"
    KEYWORD = "keyword"
    WIKI = "wiki"


class AdoptionOfferState(StrEnum):
    """Where an offer to help stands. `CLOSED`: the tool looks for nobody any more."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Tool(Base):
    """A tool of the catalogue. `record` is its whole toolinfo record as version 1.2.2 wants it, and is never queried.

    An import writes everything but what begins with `wanted_`: that an owner is looked for is said here, by people.
    `digest` tells whether a record differs from the one that is stored.
    """

    __tablename__ = "tools"
    __table_args__ = (Index(None, "title_key", "id"), Index(None, "wanted_since", "title_key", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    title_key: Mapped[str] = mapped_column(String(255))
    summary: Mapped[str] = mapped_column(String(300))
    tool_type: Mapped[str] = mapped_column(String(32), default="")
    is_deprecated: Mapped[bool] = mapped_column(default=False)
    is_experimental: Mapped[bool] = mapped_column(default=False)
    record: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(500))
    added_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    wanted_since: Mapped[datetime | None]
    wanted_reason: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    wanted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    wanted_by: Mapped[Person | None] = relationship(lazy="raise")


class ToolPerson(Base):
    """Somebody whom a record names as author, in its order; empty where it does not say."""

    __tablename__ = "tool_people"
    __table_args__ = (Index(None, "wiki_username"), Index(None, "developer_username"))

    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    wiki_username: Mapped[str] = mapped_column(String(255), default="")
    developer_username: Mapped[str] = mapped_column(String(255), default="")
    url: Mapped[str] = mapped_column(String(2047), default="")


class ToolFacet(Base):
    """A word by which a tool is found, such as a keyword or a licence."""

    __tablename__ = "tool_facets"
    __table_args__ = (Index(None, "kind", "value", "tool_id"),)

    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(255), primary_key=True)


class ToolTerm(Base):
    """How many tools a filter finds by a word: counted after each import, so that a page of the list need not count."""

    __tablename__ = "tool_terms"
    __table_args__ = (Index(None, "kind", "tools"),)

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(255), primary_key=True)
    tools: Mapped[int]


class AdoptionOffer(Base):
    """Somebody who could help with a tool that looks for an owner.

    `open_key` lets a person have one open offer a tool.
    """

    __tablename__ = "tool_offers"
    __table_args__ = (Index(None, "tool_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    note: Mapped[str] = mapped_column(Text, info=TYPED)
    state: Mapped[str] = mapped_column(String(16), default=AdoptionOfferState.OPEN.value)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    open_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    person: Mapped[Person] = relationship(lazy="raise")
    tool: Mapped[Tool] = relationship(lazy="raise")


TOOL_SEARCH = search_table("tool_words", "tools.id")
