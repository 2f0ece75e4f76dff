"""Makers: each makes one believable thing and returns it. Only what a test speaks of is said."""

from __future__ import annotations

import itertools
import secrets
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from portal.api_tokens.actions import make_token
from portal.core import clock
from portal.core.feature import features_of
from portal.core.indexing import queue_indexing
from portal.mentoring.models import Mentor, MentorState, Need, Request, RequestLanguage, RequestSkill
from portal.people.models import Person, PersonLanguage, PersonSkill, UserSession
from portal.people.session import mark_of
from portal.roles.models import RoleHolder
from portal.tools.models import Tool
from portal.tools.storing import store_records
from portal.tools.toolinfo import normalise

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
_number = itertools.count(1)


def person(session: Session, username: str = "", **values: Any) -> Person:
    """Somebody with an account here."""
    username = username or f"person{next(_number)}"
    values = {"display_name": username.title(), "password_hash": "-", "created_at": NOON, **values}
    made = Person(username=username, **values)
    session.add(made)
    session.flush()
    return made


def sign_in(client: Any, person: Person, *, at: datetime | None = None) -> Any:
    """This browser is signed in as that person since then (now), without the form (the form has tests of its own)."""
    token = f"{person.id}.{secrets.token_urlsafe(8)}"
    portal = client.application.extensions["portal"]
    made = UserSession(person_id=person.id, epoch=person.session_epoch or 0, mark=mark_of(token), proofs="password")
    made.device, made.network, made.created_at = "", "127.0.0.1", at or clock.now()
    made.last_seen_at = made.proved_at = made.created_at
    # Somebody who has just been made is not yet committed: their session is made beside them.
    with nullcontext(work) if (work := object_session(person)) else portal.unit_of_work() as work:
        work.add(made)
        work.flush()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


def api_token(session: Session, person: Person, *scopes: str, days: int = 90, now: datetime | None = None) -> str:
    """A token that this person made now, as their program has it, good for these scopes and so many days."""
    now = now or clock.now()
    return make_token(session, person, "my status bar", scopes, now.date() + timedelta(days=days), now)


def speaker(session: Session, username: str = "", *, languages: str = "en", **skills: int) -> Person:
    """Somebody with skills (slug with _ for -, and level) who speaks these languages."""
    made = person(session, username)
    made.skills = [PersonSkill(skill=slug.replace("_", "-"), level=level) for slug, level in skills.items()]
    made.languages = [PersonLanguage(code=code) for code in languages.split()]
    session.flush()
    return made


def role(session: Session, holder: Person, slug: str) -> RoleHolder:
    """This person holds this role."""
    held = RoleHolder(person_id=holder.id, role=slug, since=NOON, active_key=f"{slug}:{holder.id}")
    session.add(held)
    session.flush()
    return held


def mentor(session: Session, username: str = "", *, capacity: int = 2, **about: Any) -> Person:
    """A mentor in the role, with a page and a free seat. Knows Python, unless `about` says otherwise."""
    skills = {key: value for key, value in about.items() if key != "languages"} or {"python": 3}
    made = speaker(session, username, languages=about.get("languages", "en"), **skills)
    role(session, made, "mentor")
    state = MentorState.APPROVED
    session.add(Mentor(person_id=made.id, state=state, pitch="I help.", capacity=capacity, taken=0, applied_at=NOON))
    session.flush()
    return made


def request(session: Session, asker: Person, musts: str = "python", wants: str = "", **values: Any) -> Request:
    """Somebody asks for a mentor, now: no sweep and no page finds it older than it is said to be."""
    needs = {**dict.fromkeys(wants.split(), Need.WANT), **dict.fromkeys(musts.split(), Need.MUST)}
    asked = values.pop("asked_at", datetime.now(UTC))
    known = {"goal": "I want to mend a gadget and learn how review works.", "expires_at": asked + timedelta(days=60)}
    made = Request(person_id=asker.id, asked_at=asked, **{"live_key": asker.id, **known, **values})
    made.needs = [RequestSkill(skill=slug, need=need) for slug, need in needs.items()]
    made.languages = [RequestLanguage(code="en")]
    session.add(made)
    session.flush()
    return made


def tool(session: Session, name: str, **values: Any) -> Tool:
    """A tool of the catalogue, as an import would store it."""
    record = {
        "name": name,
        "title": name.title(),
        "description": f"What {name} does.",
        "url": f"https://{name}.example",
    }
    store_records(session, [normalise({**record, **values})], "toolinfo.json", NOON)
    return session.scalars(select(Tool).where(Tool.name == name)).one()


def all_due(session: Session) -> None:
    """Search is to look at everything, as after an upgrade: what these makers made did not pass through actions."""
    for kind in features_of(session).search_indexes:
        queue_indexing(session, kind, {"after": 0})


def held_by(session: Session, person_id: int, slug: str) -> int:
    """The id under which this person holds this role."""
    mine = select(RoleHolder.id).where(RoleHolder.person_id == person_id, RoleHolder.role == slug)
    return session.scalars(mine.where(RoleHolder.ended_at.is_(None))).one()
