"""What must have happened in the world before some forms can be sent at all, and by whom they are then sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.authenticators.models import CodeApp, Passkey
from portal.core import clock
from portal.mentoring.actions.requests import hold
from portal.people.models import Person
from portal.tools.models import Tool
from portal.tracks import actions
from portal.tracks.content import Tracks
from tests.access.world import World
from tests.tracks.conftest import RIGHT


class Prepared(NamedTuple):
    """Who sends a form, once this has happened."""

    who: str
    make_ready: Callable[[World, Session], object] = lambda _world, _session: None


def _hold(world: World, session: Session) -> None:
    """The mentor looks at the request."""
    limits = world.site.portal.config.limits
    hold(session, world.ids["request_id"], world.people["mentor"].id, limits, clock.now())


def _with_an_app(world: World, session: Session) -> None:
    """The applicant has an app for codes."""
    session.add(CodeApp(person_id=world.ids["person_id"], sealed_secret="sealed", last_step=0, added_at=clock.now()))


def _with_a_passkey(world: World, session: Session) -> None:
    """The applicant has a passkey, and a password."""
    session.get_one(Person, world.ids["person_id"]).password_hash = "$argon2id$"
    key = {"mark": "9" * 64, "credential_id": b"9", "public_key": b"", "user_handle": b"", "sign_count": 0}
    session.add(Passkey(person_id=world.ids["person_id"], name="phone", added_at=clock.now(), **key))


def _suspended(world: World, session: Session) -> None:
    """The applicant is suspended."""
    until = clock.now() + timedelta(days=3)
    theirs = update(Person).where(Person.id == world.ids["person_id"])
    session.execute(theirs.values(suspended_until=until, suspended_because="Rest."))


def _nobody_wanted(_world: World, session: Session) -> None:
    """The tool looks for nobody."""
    session.execute(update(Tool).values(wanted_since=None, wanted_reason=""))


def _learn(steps: int) -> Callable[[World, Session], None]:
    """Somebody takes the track, and does so many of its steps."""

    def make_ready(world: World, session: Session) -> None:
        tracks, now = world.site.portal.library.get(Tracks), clock.now()
        track, learner = next(iter(tracks)), session.get_one(Person, world.people["nobody"].id)
        actions.start(session, tracks, track, learner, now)
        for step in track.steps[: min(steps, 2)]:
            actions.declare_done(session, tracks, step, learner, "", now)
        for step in track.steps[2:steps]:
            actions.answer_quiz(session, tracks, step, step.texts["en"].quiz, learner, ANSWERS, now)

    return make_ready


def _with_app(world: World, session: Session) -> None:
    """Somebody shows codes of an app when they sign in."""
    app = {"sealed_secret": "sealed", "last_step": 0, "added_at": clock.now()}
    session.add(CodeApp(person_id=world.people["nobody"].id, **app))


ANSWERS = {name.removeprefix("q-"): [value] if isinstance(value, str) else value for name, value in RIGHT.items()}
PREPARED: Mapping[str, Prepared] = {
    "POST /admin/people/<int:person_id>/lift": Prepared("steward", _suspended),
    "POST /admin/people/<int:person_id>/passkeys/remove": Prepared("steward", _with_a_passkey),
    "POST /admin/people/<int:person_id>/second-factor/remove": Prepared("steward", _with_an_app),
    "POST /second-factor/recovery-codes": Prepared("nobody", _with_app),
    "POST /mentoring/apply/withdraw": Prepared("applicant"),
    "POST /mentoring/requests/<int:request_id>/extend": Prepared("mentor", _hold),
    "POST /tools/<name>/look-for-owner": Prepared("maintainer", _nobody_wanted),
    "POST /tracks/<slug>/<step_slug>/answer": Prepared("nobody", _learn(2)),
    "POST /tracks/<slug>/<step_slug>/stuck": Prepared("mentee"),
    "POST /tracks/<slug>/leave": Prepared("nobody", _learn(1)),
    "POST /tracks/<slug>/pause": Prepared("nobody", _learn(1)),
    "POST /tracks/skills": Prepared("nobody", _learn(3)),
}
"""By the route."""
