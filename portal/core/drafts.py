"""What somebody typed while they were signed out is kept until they are back: for a day, for them alone."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import session
from sqlalchemy import JSON, Index, String, Text, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.database import Base
from portal.core.sent_forms import SentForm, sent_form
from portal.core.typed import TYPED

KEPT = timedelta(days=1)
LONGEST = 64_000
"""Characters of a draft, as it is stored."""
MOST_OF_ONE = 10
"""How many one browser has at most, and one person in all browsers: the oldest goes."""
MOST_OF_NOBODY = 500
"""How many there are at most of which the form does not tell whose it was: anybody may make these."""
BROWSER = "browser"
"""Under this name the session holds a random word of the browser."""


class Draft(Base):
    """A form that was sent by somebody who was not signed in. Only the same browser gets it back.

    Where the form was shown to a person only they get it back, too.
    """

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "kept_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    page: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[list[str]]] = mapped_column(JSON, info=TYPED)
    kept_at: Mapped[datetime]


def keep(work: Session, sent: SentForm, now: datetime) -> str:
    """Keep what was typed; its id, or nothing when it is too much."""
    person_id = _person_of(sent)
    if len(json.dumps(sent.fields)) > LONGEST or (person_id is None and _of_nobody(work) >= MOST_OF_NOBODY):
        return ""
    browser = _this_browser()
    # A browser that takes no cookies is another one each time; whose form it was, its key says.
    is_theirs = or_(Draft.browser == browser, and_(Draft.person_id == person_id, Draft.person_id.is_not(None)))
    older = select(Draft.id).where(is_theirs).order_by(Draft.kept_at.desc(), Draft.id)
    outlived = list(work.scalars(older.offset(MOST_OF_ONE - 1)))
    work.execute(delete(Draft).where(Draft.id.in_([*outlived, sent.draft])))
    draft = Draft(id=secrets.token_urlsafe(16), browser=browser, person_id=person_id, page=sent.page)
    draft.fields, draft.kept_at = [list(field) for field in sent.fields], now
    work.add(draft)
    return draft.id


def keep_beside(work: Session, fields: tuple[tuple[str, str], ...], page: str, now: datetime) -> str:
    """Keep what is half written in one form of a page while another was done; the draft's id, or nothing."""
    sent = sent_form() if fields else None
    return keep(work, replace(sent, fields=fields, page=page), now) if sent else ""


def find(work: Session, draft_id: str, now: datetime) -> Draft | None:
    """The draft, when it was made in this browser."""
    draft = work.get(Draft, draft_id)
    is_ours = draft and BROWSER in session and draft.browser == _this_browser()
    return draft if draft and is_ours and draft.kept_at > now - KEPT else None


def drop(work: Session, draft_id: str) -> None:
    """Delete a draft of this browser: it has been sent."""
    if BROWSER in session:
        work.execute(delete(Draft).where(Draft.id == draft_id, Draft.browser == _this_browser()))


def of_person(work: Session, person_id: int) -> list[dict[str, Any]]:
    """What is kept of a person, for their export."""
    drafts = work.scalars(select(Draft).where(Draft.person_id == person_id).order_by(Draft.kept_at))
    return [{"page": draft.page, "fields": draft.fields, "kept_at": draft.kept_at} for draft in drafts]


def forget_browser(work: Session) -> None:
    """Delete what was typed in this browser while nobody was signed in there."""
    if BROWSER in session:
        work.execute(delete(Draft).where(Draft.browser == _this_browser()))


def forget(work: Session, before: datetime) -> None:
    """Delete what was kept before then."""
    work.execute(delete(Draft).where(Draft.kept_at < before))


def forget_person(work: Session, person_id: int) -> None:
    """Delete what is kept of this person."""
    work.execute(delete(Draft).where(Draft.person_id == person_id))


def _of_nobody(work: Session) -> int:
    return work.scalar(select(func.count()).select_from(Draft).where(Draft.person_id.is_(None))) or 0


def _person_of(sent: SentForm) -> int | None:
    """Whom the form was shown to: the session names a person by their id and what tells it from their others."""
    person_id = sent.owner.partition(".")[0]
    return int(person_id) if person_id.isdecimal() else None


def _this_browser() -> str:
    """Stands for the browser: the session holds a random word, the database only its digest."""
    word = session.setdefault(BROWSER, secrets.token_urlsafe(16))
    return hashlib.sha256(str(word).encode()).hexdigest()
