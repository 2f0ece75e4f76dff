"""A small town in which everything that people are told of can happen, each deed by the browser of who does it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select

from portal.activity.models import Event, Notice
from portal.core.database import Base
from portal.mentoring.models import Pairing, Request
from portal.people import passwords
from portal.people.models import Account, Person
from portal.roles.models import RoleHolder, RoleOffer
from portal.tools.models import AdoptionOffer
from tests import make
from tests.tracks.conftest import MAP, WAY

TOOL = "/tools/mapper"
GOAL = "I want to mend a gadget and learn how review works."
NEEDS = {"needs-0-skill": "Python", "needs-0-need": "must", "languages": "en"}


class Town:
    """Its people by name. Its clock stands still, unless somebody waits.

    `steward` appoints and looks after tools, `coord` coordinates, `mia` and `mo` are mentors, `maria` maintains the
    tool "mapper"; `ana` and `ben` hold nothing.
    """

    def __init__(self, site: Any, clock: time_machine.Traveller) -> None:
        self.site, self._clock, self.now = site, clock, datetime.now(make.NOON.tzinfo)
        with site.unit_of_work() as session:
            self.people = {name: make.mentor(session, name, capacity=2) for name in ("mia", "mo")}
            for name in ("steward", "coord", "ana", "ben", "maria"):
                self.people[name] = make.speaker(session, name, python=2)
            for person in self.people.values():
                person.email = person.email_key = f"{person.username}@example.org"
                person.password_hash = passwords.hash_of(make.PASSWORD)
            make.role(session, self.people["steward"], "portal-steward")
            make.role(session, self.people["coord"], "mentoring-coordinator")
            make.tool(session, "mapper", author=[{"name": "Maria", "wiki_username": "Maria"}])
            session.add(Account(person_id=self.id_of("maria"), service="wiki", username="Maria", added_at=self.now))

    def id_of(self, name: str) -> int:
        """The id of somebody."""
        return int(self.people[name].id)

    def do(self, name: str, path: str, **data: Any) -> None:
        """This person sends a form, and is led on: it was accepted."""
        with self.site.unit_of_work() as session:
            person = session.get_one(Person, self.id_of(name))
        answer = make.sign_in(self.site.client(), person).post(path, data=data)
        assert answer.status_code in {302, 303}, f"{name} {path}: {answer.status_code}"

    def wait(self, days: int, *sweeps: str) -> None:
        """So many days later, when these sweeps run."""
        self.now += timedelta(days=days)
        self._clock.move_to(self.now)
        self.site.work(*sweeps)

    def last(self, kind: type[Base]) -> int:
        """The id of the newest row of this kind."""
        with self.site.unit_of_work() as session:
            return int(session.scalar(select(func.max(kind.id))))  # type: ignore[attr-defined]  # all of them have one

    def told(self, verb: str) -> list[int]:
        """The ids of those who were told that this happened."""
        with self.site.unit_of_work() as session:
            return list(session.scalars(select(Notice.person_id).join(Event).where(Event.verb == verb)))

    def apply(self, name: str = "ben") -> None:
        """Somebody applies as a mentor."""
        self.do(name, "/mentoring/apply", pitch="I know gadgets.", capacity="1")

    def ask(self, name: str = "ana", goal: str = GOAL) -> int:
        """Somebody asks for a mentor; the id of the request."""
        self.do(name, "/mentoring/ask", goal=goal, **NEEDS)
        return self.last(Request)

    def pair(self, mentee: str = "ana", mentor: str = "mia", goal: str = GOAL) -> int:
        """Two are a pairing; its id."""
        self.do(mentor, f"/mentoring/requests/{self.ask(mentee, goal)}/claim")
        return self.last(Pairing)

    def appoint(self, name: str = "ben", role: str = "translator", days: int = 0, by: str = "steward") -> int:
        """Somebody holds a role, for so many days (0: without an end); the id of the holding."""
        until = (self.now + timedelta(days=days)).date().isoformat() if days else ""
        self.do(by, f"/roles/{role}/appoint", person=name, until=until, reason="Good work.")
        return self.last(RoleHolder)

    def offer_role(self, name: str = "ben") -> int:
        """Somebody offers to take a role; the id of the offer."""
        self.do(name, "/roles/translator/offer", reason="I speak it.")
        return self.last(RoleOffer)

    def want_owner(self, name: str = "steward") -> None:
        """It is said that the tool looks for an owner."""
        self.do(name, f"{TOOL}/look-for-owner", reason="Nobody has time.")

    def offer_help(self, name: str = "ben") -> int:
        """Somebody could help with the tool; the id of the offer."""
        self.do(name, f"{TOOL}/offer", note="I know its language.")
        return self.last(AdoptionOffer)

    def confirm_maria(self) -> None:
        """Maria's account on the wiki is hers."""
        self.do("steward", f"{TOOL}/accounts/{self.last(Account)}/confirm")

    def finish_track(self, name: str = "ana") -> None:
        """Somebody does every step of the small track."""
        self.do(name, f"{MAP}/start")
        for path, data in WAY:
            self.do(name, path, **data)

    def leave(self, name: str) -> None:
        """Somebody deletes their account."""
        self.do(name, "/people/me/delete", password=make.PASSWORD)
