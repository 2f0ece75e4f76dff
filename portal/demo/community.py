"""The invented people of community.toml, led through the portal's real actions at the times the file says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.core.jobs import Portal
from portal.demo import tools, tracks
from portal.demo.queue import SOURCE
from portal.mentoring.actions import mentors, pairings, requests
from portal.mentoring.models import EndReason, Need
from portal.mentoring.rules import Ask
from portal.people.actions import create_person, let_be_found
from portal.people.invitations.actions import invite, use_invitation
from portal.people.invitations.rules import LONGEST_DAYS, InvitationDraft
from portal.people.models import Account, Person, PersonLanguage, PersonSkill
from portal.roles import offers
from portal.roles.actions import appoint
from portal.roles.content import STEWARD, RoleDefinitions
from portal.tracks.content import Tracks

FILE = Path(__file__).parent / "community.toml"
FOUNDED = timedelta(days=120)
MENTORS_CAME = timedelta(days=90)

PersonEntry = Mapping[str, Any]


def password() -> str:
    """The password of everybody in the demo."""
    return str(_file()["password"])


def load(portal: Portal, now: datetime) -> str:
    """Make everybody, their roles, requests and pairings; tells how many there are."""
    entries: list[PersonEntry] = _file()["people"]
    with portal.unit_of_work() as session:
        _Community(portal, session, now).make(entries)
    return f"{len(entries)} invented people, with mentors, requests, pairings and roles"


class _Community:
    """Everybody by username, and the site they are made in."""

    def __init__(self, portal: Portal, session: Session, now: datetime) -> None:
        self._limits = portal.config.limits
        self._secret_key = str(portal.app.config["SECRET_KEY"])
        self._definitions = portal.library.get(RoleDefinitions)
        self._tracks = portal.library.get(Tracks)
        self._session = session
        self._now = now
        self._people: dict[str, Person] = {}

    def make(self, entries: list[PersonEntry]) -> None:
        """The people first; then who may appoint, who helps, who asks, who walks together."""
        for entry in entries:
            self._people[entry["username"]] = self._person(entry)
        self._session.flush()
        self._appoint("admin", STEWARD, None)
        for entry in entries:
            for role in entry.get("roles", []):
                self._appoint(entry["username"], role, self._people["admin"])
        for step in (self._offer_help, self._go_away, self._offer_for_role, self._pair, self._ask):
            for entry in entries:
                step(entry)
        self._invite()
        tools.offer_adoption(self._session, self._now)
        tracks.take_tracks(self._session, self._tracks, self._now)

    def _person(self, entry: PersonEntry) -> Person:
        founded = self._now - FOUNDED
        person = create_person(self._session, entry["username"], entry["name"], password(), None, "", founded)
        person.time_zone, person.weekly_hours, person.about = entry["time_zone"], entry["hours"], entry["about"]
        person.skills = [PersonSkill(skill=skill, level=level) for skill, level in entry["skills"].items()]
        person.languages = [PersonLanguage(code=code) for code in entry["languages"]]
        if "account" in entry:
            person.accounts = [Account(service=SOURCE.slug, username=entry["account"], added_at=founded)]
        # Who looks after something likes to be found; newcomers are not asked here, and so are not.
        let_be_found(person, "roles" in entry)
        return person

    def _appoint(self, username: str, role: str, by: Person | None) -> None:
        definition, reason = self._definitions.get(role), "Appointed when the community was founded."
        appoint(self._session, definition, self._people[username], by, reason, None, self._now - FOUNDED)

    def _invite(self) -> None:
        """The coordinator lets a whole workshop sign up by one link."""
        told = _file()["workshop"]
        draft = InvitationDraft(None, "en", told["note"], told["seats"], LONGEST_DAYS)
        key = self._secret_key
        invitation = invite(self._session, self._people["coordinator"], draft, key, 1, self._ago(told["days"]))
        use_invitation(self._session, invitation.mark, self._people["newcomer"], self._ago(1))

    def _offer_help(self, entry: PersonEntry) -> None:
        """Who has a pitch is a mentor; who only applies waits for the coordinator."""
        pitch, came = entry.get("pitch") or entry.get("apply"), self._now - MENTORS_CAME
        if not pitch:
            return
        applied = came if "pitch" in entry else self._now - timedelta(days=2)
        person = self._people[entry["username"]]
        mentors.offer_help(self._session, person, pitch, entry["capacity"], applied)
        if "pitch" in entry:
            mentors.approve(self._session, person.id, self._people["coordinator"], came)
        if "declined" in entry:
            coordinator, decided = self._people["coordinator"], self._ago(1)
            mentors.decline(self._session, person.id, coordinator, entry["declined"], decided)

    def _go_away(self, entry: PersonEntry) -> None:
        if "away" in entry:
            until = self._now + timedelta(days=entry["away"])
            mentors.go_away(self._session, self._people[entry["username"]], until, self._now)

    def _offer_for_role(self, entry: PersonEntry) -> None:
        if "offers" in entry:
            definition, made = self._definitions.get(entry["offers"]["role"]), self._ago(entry["days"])
            offers.offer(self._session, definition, self._people[entry["username"]], entry["offers"]["reason"], made)

    def _ask(self, entry: PersonEntry) -> None:
        """Who asked longer ago than a request lasts finds theirs run out."""
        if "asks" in entry:
            request_id = self._request(entry, entry["asks"], self._ago(entry["days"]))
            requests.expire(self._session, request_id, self._now)

    def _pair(self, entry: PersonEntry) -> None:
        if "pairs" not in entry:
            return
        pairing_entry, mentee = entry["pairs"], self._people[entry["username"]]
        mentor = self._people[pairing_entry["mentor"]]
        request_id = self._request(entry, pairing_entry, self._ago(entry["days"] + 2))
        pairing = requests.claim(self._session, request_id, mentor, self._ago(entry["days"]))
        self._session.flush()
        sides = {"mentor": mentor, "mentee": mentee}
        for days, side, text in entry["thread"]:
            pairings.write(self._session, pairing.id, sides[side], text, self._ago(days))
        if "ended" in entry:
            why = (EndReason.NO_TIME, entry["ended"])
            pairings.end_early(self._session, pairing.id, mentor, *why, self._limits, self._ago(3), ask_again=False)
        if "completed" in entry:
            pairings.complete(self._session, pairing.id, mentee, entry["completed"], self._ago(2))

    def _request(self, entry: PersonEntry, request_entry: PersonEntry, at: datetime) -> int:
        needs = dict.fromkeys(request_entry["must"], Need.MUST) | dict.fromkeys(request_entry["want"], Need.WANT)
        ask = Ask(goal=request_entry["goal"], needs=needs, languages=frozenset(entry["languages"]))
        request = requests.ask_for_mentor(self._session, self._people[entry["username"]], ask, self._limits, at)
        self._session.flush()
        return request.id

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
