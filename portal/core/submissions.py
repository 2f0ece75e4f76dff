"""What a form asked for is done once: a double click, a repeat, a reload is answered like the first.

The key of the form goes into the database in the unit of work of the deed. Of two that are sent at once one commits;
the other finds the key taken, is rolled back whole, and answers like the first.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, g, redirect, request, session
from flask_wtf.csrf import validate_csrf
from sqlalchemy import JSON, Index, String, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from wtforms import ValidationError

from portal.core.database import Base
from portal.core.errors import Conflict
from portal.core.i18n import lazy
from portal.core.rows import is_unique_violation
from portal.core.sent_forms import TOKEN, SentForm, session_owner

KEPT = timedelta(days=1)
"""How long a repeat is known."""
_FLASHES = "_flashes"


class SentBefore(Conflict):
    """The same form has been sent and done before; when it says something else now, nobody knows what is meant."""

    def __init__(self) -> None:
        super().__init__(
            lazy("This form was sent before. What it says now has not been sent: look at it, and send it again.")
        )


class Submission(Base):
    """A form that was sent and done, by what its key is kept as, and how that was answered.

    `digest` tells whether a repeat says the same, passwords included, without what was said. `new_session` is what the
    answer made of the session where somebody signed in or out by it: sealed, for it is as good as their password.
    """

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "done_at"),)

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(Text)
    flashes: Mapped[list[list[str]]] = mapped_column(JSON)
    new_session: Mapped[str | None] = mapped_column(JSON(none_as_null=True))
    done_at: Mapped[datetime]


def begin(sent: SentForm | None) -> None:
    """Remember for this request what is sent, and by whom."""
    g.sent_form, g.owner_before = sent, session_owner()


def earlier_answer(work: Session) -> Response | None:
    """What the same form was answered before; None when it has not been done yet, or said something else."""
    sent: SentForm | None = g.get("sent_form")
    submission = work.get(Submission, sent.key) if sent and sent.key else None
    if sent is None or submission is None:
        return None
    if submission.digest != sent.digest:
        g.is_spent = True
        return None
    return _like_the_first(submission, sent)


def note(work: Session, response: Response, person_id: int | None, now: datetime) -> None:
    """Keep with the deed that it is done, and the answer. Raises SentBefore when it was done meanwhile."""
    sent: SentForm = g.sent_form
    row: dict[str, Any] = {"key": sent.key, "digest": sent.digest, "person_id": person_id, "done_at": now}
    row |= {"location": response.location, "flashes": session.get(_FLASHES, []), "new_session": _new_session(sent)}
    work.flush()
    try:
        work.execute(insert(Submission).values(**row))
    except IntegrityError as error:
        if is_unique_violation(error):
            raise SentBefore from error
        raise


def is_to_note(response: Response) -> bool:
    """Whether this answers a form that was done, and says by which key it is known."""
    sent: SentForm | None = g.get("sent_form")
    return bool(sent and sent.key and response.status_code == 303 and not g.get("is_repeat"))


def forget(work: Session, before: datetime) -> None:
    """Delete what was done before then."""
    work.execute(delete(Submission).where(Submission.done_at < before))


def forget_person(work: Session, person_id: int, names: Collection[str]) -> None:
    """Delete what this person sent, and of what others sent the answers that call them by one of these names."""
    work.execute(delete(Submission).where(Submission.person_id == person_id))
    for key, location, flashes in work.execute(select(Submission.key, Submission.location, Submission.flashes)).all():
        if any(name in location for name in names):
            work.execute(delete(Submission).where(Submission.key == key))
        elif any(name in text for name in names for flash in flashes for text in flash):
            work.execute(update(Submission).where(Submission.key == key).values(flashes=[]))


def _new_session(sent: SentForm) -> str | None:
    if session_owner() == g.owner_before:
        return None
    made = {name: value for name, value in session.items() if name != _FLASHES}
    return sent.seal.encrypt(json.dumps(made).encode()).decode()


def _like_the_first(submission: Submission, sent: SentForm) -> Response:
    g.is_repeat = True
    session.pop(_FLASHES, None)
    # In another session than the form was shown in they are led on, and told nothing.
    if g.owner_before == sent.owner and _is_same_session():
        if submission.new_session is not None:
            session.clear()
            session.update(json.loads(sent.seal.decrypt(submission.new_session)))
        if submission.flashes:
            session[_FLASHES] = [tuple(flash) for flash in submission.flashes]
    return current_app.make_response(redirect(submission.location, 303))


def _is_same_session() -> bool:
    """Whether the form was shown in the session that sends it. A sign-in or sign-out begins another."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        validate_csrf(request.form.get(TOKEN))
    except ValidationError:
        return False
    return True
