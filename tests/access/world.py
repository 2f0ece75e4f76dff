"""One community in which everybody who can come to a page is there, with a row of each kind that is somebody's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.activity import tokens as letter_tokens
from portal.activity.actions import record
from portal.activity.models import Notice
from portal.api_tokens.models import ApiToken
from portal.authenticators.models import Passkey
from portal.contributions.actions import store_changes
from portal.contributions.models import Change, Source
from portal.core import clock
from portal.forges.forge import ForgeKind
from portal.mentoring.actions.requests import claim
from portal.mentoring.models import Mentor, MentorState
from portal.people import tokens
from portal.people.invitations import rules as invitation_rules
from portal.people.invitations.models import Invitation
from portal.people.models import Account, Person, UserSession
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleOffer
from portal.tools.models import AdoptionOffer
from tests import make
from tests.contributions.standins import change

ROLES = {
    "steward": "portal-steward",
    "coordinator": "mentoring-coordinator",
    "mentor": "mentor",
    "queue-owner": "queue-owner",
    "reviewer": "code-reviewer",
    "tool-keeper": "tool-maintainer",
    "author": "track-author",
    "translator": "translator",
}
"""Who holds one role and nothing else."""
STRANGERS = ("nobody", *ROLES, "retired", "declined")
"""Everybody to whom no row belongs that an address of the table names: each is tried at every route."""


@dataclass
class World:
    """A site, its people by what they are, and the ids that addresses name."""

    site: Any
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str) -> Any:
        """A fresh browser, signed in as this one ("visitor": not signed in)."""
        client = self.site.client()
        return client if who == "visitor" else make.sign_in(client, self.people[who])

    def granted(self, permission: str) -> set[str]:
        """Who of the strangers is granted this permission, by the one role they hold."""
        definitions = self.site.portal.library.get(RoleDefinitions).by_slug
        return {who for who, role in ROLES.items() if permission in definitions[role].permissions}

    @contextlib.contextmanager
    def rolled_back(self) -> Iterator[Session]:
        """Whatever happens in this block, by any session of the site, has not happened after it."""
        database = self.site.portal.database
        before = database.session
        with database.engine.connect() as connection:
            outer = connection.begin()
            options: dict[str, Any] = {**database._sessions.kw, "bind": connection}
            database.session = lambda **_: Session(join_transaction_mode="create_savepoint", **options)
            try:
                with database.session() as session:
                    yield session
            finally:
                database.session = before
                outer.rollback()


def found(site: Any) -> World:
    """Make the community."""
    world = World(site)
    with site.unit_of_work() as session:
        _strangers(session, world.people)
        for step in (_mentoring, _roles, _tools, _people, _invitations, _contributions):
            step(session, world)
    with site.app.app_context():
        _tokens(site, world)
    return world


def _strangers(session: Session, people: dict[str, Person]) -> None:
    for name, role in ROLES.items():
        people[name] = make.mentor(session, "marta") if name == "mentor" else make.speaker(session, python=2)
        if name != "mentor":
            make.role(session, people[name], role)
    for name, state in (("retired", MentorState.RETIRED), ("declined", MentorState.DECLINED)):
        people[name] = _with_page(session, state)
    people["nobody"] = make.speaker(session, "nobody", python=2)
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(make.PASSWORD)
    for person in people.values():
        person.password_hash = password


def _with_page(session: Session, state: MentorState) -> Person:
    person = make.speaker(session, python=3)
    page = {"pitch": "I help.", "capacity": 2, "taken": 0, "applied_at": make.NOON}
    answered = {} if state is MentorState.APPLIED else {"decided_at": make.NOON, "declined_because": "Not now."}
    session.add(Mentor(person_id=person.id, state=state, **page, **answered))
    return person


def _mentoring(session: Session, world: World) -> None:
    asker, mentee = make.speaker(session, "rita"), make.speaker(session, "mia")
    mentor = make.mentor(session, "milo", capacity=5)
    other = make.mentor(session, "olga", capacity=5)
    world.people |= {"asker": asker, "mentee": mentee, "their-mentor": mentor}
    world.people["applicant"] = _with_page(session, MentorState.APPLIED)
    session.flush()
    request = make.request(session, asker)
    pairing = claim(session, make.request(session, mentee).id, mentor, clock.now())
    world.ids |= {"request_id": request.id, "pairing_id": pairing.id, "other-mentor": other.id}
    world.ids |= {"person_id": world.people["applicant"].id, "tracks.of.person_id": mentee.id}


def _roles(session: Session, world: World) -> None:
    holder, candidate = make.speaker(session, "hugo"), make.speaker(session, "carl")
    world.people |= {"holder": holder, "candidate": candidate}
    world.ids["holding_id"] = make.role(session, holder, "translator").id
    known = {"role": "translator", "reason": "I speak it.", "created_at": make.NOON}
    offer = RoleOffer(person_id=candidate.id, open_key=f"translator:{candidate.id}", **known)
    session.add(offer)
    session.flush()
    world.ids["roles.offer_id"] = offer.id


def _tools(session: Session, world: World) -> None:
    named = [{"name": "Maria", "wiki_username": "Map Maker"}, {"name": "Hana", "wiki_username": "Hana Helper"}]
    tool = make.tool(session, "mapper", author=named)
    tool.wanted_since, tool.wanted_reason = make.NOON, "I have no time left."
    people = {name: make.speaker(session) for name in ("maintainer", "claimant", "helper")}
    kept = _account(session, people["maintainer"], "Map_Maker", verified_at=make.NOON)
    said = _account(session, people["claimant"], "Hana_Helper")
    key = f"{tool.id}:{people['helper'].id}"
    offer = AdoptionOffer(
        tool_id=tool.id, person_id=people["helper"].id, note="I know Lua.", created_at=make.NOON, open_key=key
    )
    session.add(offer)
    session.flush()
    world.people |= people
    world.ids |= {"account_id": said.id, "tools.offer_id": offer.id, "verified-account": kept.id}


def _account(session: Session, person: Person, username: str, **values: Any) -> Account:
    account = Account(person_id=person.id, service="wiki", username=username, added_at=make.NOON, **values)
    session.add(account)
    session.flush()
    return account


def _people(session: Session, world: World) -> None:
    reader = make.speaker(session, "nora")
    reader.email, reader.email_key = "nora@example.org", "nora@example.org"
    reader.new_email = "nora@example.net"
    world.people["reader"] = reader
    event = record(session, "tracks.finished", actor=None, now=clock.now() - timedelta(hours=1))
    notice = Notice(person_id=reader.id, event_id=event.id, created_at=event.at)
    session.add(notice)
    session.flush()
    make.sign_in(world.site.client(), reader)
    session_id = session.scalars(select(UserSession.id).where(UserSession.person_id == reader.id)).one()
    known = {"name": "my key", "mark": "0" * 64, "credential_id": b"key", "public_key": b"", "user_handle": b"handle"}
    passkey = Passkey(person_id=reader.id, sign_count=0, added_at=make.NOON, **known)
    session.add(passkey)
    make.api_token(session, reader, "notices:read")
    session.flush()
    token_id = session.scalars(select(ApiToken.id)).one()
    world.ids |= {"notice_id": notice.id, "session_id": session_id, "passkey_id": passkey.id, "token_id": token_id}


def _invitations(session: Session, world: World) -> None:
    inviter = make.speaker(session, "iris")
    make.role(session, inviter, "mentoring-coordinator")
    token = invitation_rules.token_of("seed", world.site.app.config["SECRET_KEY"])
    made = Invitation(inviter_id=inviter.id, seed="seed", mark=invitation_rules.mark_of_token(token), uses=0)
    made.email, made.language, made.note, made.most_uses = "guest@example.org", "en", "", 1
    made.made_at, made.ends_at = clock.now(), clock.now() + timedelta(days=14)
    session.add(made)
    session.flush()
    world.people["inviter"] = inviter
    world.ids["invitation_id"] = made.id
    world.tokens["invitation"] = token


def _contributions(session: Session, world: World) -> None:
    source = Source(slug="gerrit", kind=ForgeKind("gerrit"), name="Gerrit", url="", due_at=clock.now())
    session.add(source)
    session.flush()
    store_changes(session, source.id, [change(url="")])
    world.ids["change_id"] = session.scalars(select(Change.id)).one()


def _tokens(site: Any, world: World) -> None:
    secret, reader = site.app.config["SECRET_KEY"], world.people["reader"]
    world.tokens |= {
        "confirm": tokens.make(tokens.Purpose.CONFIRM, reader, secret),
        "reset": tokens.make(tokens.Purpose.RESET, reader, secret),
        "letters": letter_tokens.make(reader, "mentoring", secret),
    }
