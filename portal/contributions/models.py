"""What is stored of the review queue: sources, their changes, their authors and a row for each sync."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base
from portal.core.due import Recurring
from portal.core.search import search_table
from portal.forges.forge import ForgeKind

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""How far back the records of a source reach after a full sync: to before anything was there."""


class SyncOutcome(StrEnum):
    """How a sync ended. `LOST`: its process was killed, and a later sync took over."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


class Source(Recurring, Base):
    """A Gerrit or GitLab server, and how its last sync went. It stays, inactive, when it leaves the settings.

    `due_at` is when it is to be synced next; `attempts` counts the syncs since the last one that went well. What is
    open is counted at the end of each sync: in all, by whose turn it is, and by project (see `projects`).
    """

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[ForgeKind] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str] = mapped_column(String(300))
    is_active: Mapped[bool] = mapped_column(default=True)
    failure: Mapped[str | None] = mapped_column(String(32))
    failure_detail: Mapped[str] = mapped_column(String(300), default="")
    failed_at: Mapped[datetime | None]
    synced_at: Mapped[datetime | None]
    seen_up_to: Mapped[datetime | None]
    reaches_back_to: Mapped[datetime | None]
    open_count: Mapped[int] = mapped_column(default=0)
    open_projects: Mapped[str] = mapped_column(Text, default="")
    on_reviewers: Mapped[int] = mapped_column(default=0)
    on_authors: Mapped[int] = mapped_column(default=0)

    @property
    def projects(self) -> dict[str, int]:
        """The projects with the most open changes, each with how many."""
        lines = (line.partition("\t") for line in self.open_projects.splitlines())
        return {name: int(number) for name, _tab, number in lines}


class Change(Base):
    """A Gerrit change or a GitLab merge request, and where it stands (see rules.wait_state_of)."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    key: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(BigInteger)
    change_id: Mapped[str | None] = mapped_column(String(64))
    project: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(500))
    author_username: Mapped[str] = mapped_column(String(255))
    author_name: Mapped[str] = mapped_column(String(255))
    author_is_bot: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    work_in_progress: Mapped[bool]
    patchsets: Mapped[int]
    insertions: Mapped[int | None] = mapped_column(BigInteger)
    deletions: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    waiting_on: Mapped[str] = mapped_column(String(16))
    waiting_since: Mapped[datetime]
    waiting_reason: Mapped[str | None] = mapped_column(String(24))
    is_newcomer: Mapped[bool]
    author_merged: Mapped[int | None]
    """What the server said, when asked, of the author's changes merged before this one was created."""

    source: Mapped[Source] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        Index(None, "created_at", "id"),
        Index(None, "source_id", "created_at", "id"),
        Index(None, "project", "created_at", "id"),
        Index(None, "source_id", "author_username", "created_at", "id"),
    )


class ChangeAuthor(Base):
    """An author of changes on a source, as far as it matters to say whether they are new there.

    `is_due`: a change of theirs came or was merged, so their changes must be looked at again.
    The server said that `asked_merged` of their changes were merged before `asked_before`.
    """

    __tablename__ = "review_authors"
    __table_args__ = (UniqueConstraint("source_id", "username"), Index(None, "source_id", "is_due"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    username: Mapped[str] = mapped_column(String(255))
    is_due: Mapped[bool] = mapped_column(default=True)
    asked_before: Mapped[datetime | None]
    asked_merged: Mapped[int] = mapped_column(default=0)


class Sync(Base):
    """One run against one source."""

    __tablename__ = "syncs"
    __table_args__ = (Index(None, "source_id", "started_at"), Index(None, "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    is_full: Mapped[bool]
    pages: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    new_changes: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(16), default=SyncOutcome.RUNNING.value)
    failure: Mapped[str | None] = mapped_column(String(32))
    failure_detail: Mapped[str] = mapped_column(String(300), default="")

    source: Mapped[Source] = relationship(lazy="raise")


SORTS = ("waiting_since", "created_at", "updated_at")
_FILTERED = ("source_id", "project", "waiting_on", "is_newcomer")


def _index_the_queue() -> None:
    """An index for each filter with each sort, over what is open only.

    Of a million changes some twenty thousand are open. With these the queue page reads about as many rows as it
    shows, whatever is filtered and sorted. The state leads although it is always the same: so they win against the
    indexes above, and do their work in a database without partial indexes too. The other filters come last, so that
    rows which a second filter refuses are passed over without being read.
    """
    table = Change.__table__
    is_open = table.c.state == "open"
    for sort in SORTS:
        for columns in ((), *((column,) for column in _FILTERED)):
            name = "_".join(("ix_changes_open", *columns, sort))
            others = (column for column in _FILTERED if column not in columns)
            indexed = [table.c[column] for column in ("state", *columns, sort, "id", *others)]
            Index(name, *indexed, sqlite_where=is_open, postgresql_where=is_open)


_index_the_queue()
CHANGE_SEARCH = search_table("change_words", "changes.id")
