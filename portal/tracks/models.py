"""What is stored of tracks: who takes which, and which steps they did. What a track holds is content, not a row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base
from portal.core.typed import TYPED

NOTE_LENGTH = 2000


class EnrolmentState(StrEnum):
    """Where somebody stands with a track. One that was left keeps what was done, and can be taken up again."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"
    FINISHED = "finished"


class ProgressState(StrEnum):
    """Where somebody stands with a step. Of a step that was never opened there is no row."""

    STARTED = "started"
    DONE = "done"


class Enrolment(Base):
    """Somebody takes a track. `track_id` is the id in its file: no key leads there, for files come and go."""

    __tablename__ = "track_enrolments"
    __table_args__ = (Index(None, "state", "track_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default=EnrolmentState.ACTIVE.value)
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class StepProgress(Base):
    """What somebody did of a step, by the step's id: it outlives renaming and moving the step, and its removal.

    `answers` are the last ones given to a quiz (question id: answer ids, or the text that was typed), never queried.
    `is_note_shared`: the note was written when its form said that a mentor reads it, too.
    """

    __tablename__ = "track_progress"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    step_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default=ProgressState.STARTED.value)
    note: Mapped[str] = mapped_column(Text, default="", info=TYPED)
    is_note_shared: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    answers: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, info=TYPED)
    started_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
