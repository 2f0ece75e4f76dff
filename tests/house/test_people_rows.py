"""Whatever is stored of people: they can take it along, and it goes with them, or it is said here why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Column, func, select

from portal.activity.actions import choose_letters
from portal.activity.models import LimitHit
from portal.authenticators.models import CodeApp, Passkey, RecoveryCode
from portal.core.database import Base
from portal.core.notices import Cadence
from portal.mentoring.models import Pairing, Request
from portal.people.actions import set_picture
from portal.people.models import Account, Person
from portal.roles.models import RoleHolder
from portal.single_sign_on.actions import link
from portal.single_sign_on.rules import KnownIdentity
from tests import made_content, make
from tests.people.test_pictures import drawn
from tests.town import TOOL, Town

WORD = "quokka"
"""Stands in everything that Ana types, and nowhere else."""
Held = Callable[[Mapping[str, Any]], Any]
EXPORTED: Mapping[str, Held] = {
    "accounts.person_id": lambda held: held["accounts"],
    "code_apps.person_id": lambda held: [held["authenticators"]["app"]],
    "events.actor_id": lambda held: held["activity"]["done"],
    "letters.person_id": lambda held: held["letters"],
    "limit_hits.person_id": lambda held: held["activity"]["limits_hit"],
    "linked_identities.person_id": lambda held: held["single_sign_on"],
    "mail_choices.person_id": lambda held: held["activity"]["letters_chosen"],
    "mailings.person_id": lambda held: held["activity"]["mailed"],
    "mentors.person_id": lambda held: [held["mentoring"]["mentor"]],
    "notices.person_id": lambda held: held["activity"]["told"],
    "pairing_messages.author_id": lambda held: held["mentoring"]["messages"],
    "pairings.mentee_id": lambda held: [one for one in held["mentoring"]["pairings"] if one["as"] == "mentee"],
    "passkeys.person_id": lambda held: held["authenticators"]["passkeys"],
    "pairings.mentor_id": lambda held: [one for one in held["mentoring"]["pairings"] if one["as"] == "mentor"],
    "person_languages.person_id": lambda held: held["languages"],
    "person_skills.person_id": lambda held: held["skills"],
    "portraits.person_id": lambda held: [held["picture"]],
    "request_skips.mentor_id": lambda held: held["mentoring"]["passed_over"],
    "requests.person_id": lambda held: held["mentoring"]["requests"],
    "user_sessions.person_id": lambda held: held["sessions"],
    "role_holders.person_id": lambda held: held["roles"]["held"],
    "role_offers.person_id": lambda held: held["roles"]["offers"],
    "tool_offers.person_id": lambda held: held["tools"]["offers"],
    "tools.wanted_by_id": lambda held: held["tools"]["owners_wanted"],
    "track_enrolments.person_id": lambda held: held["tracks"]["tracks"],
    "track_progress.person_id": lambda held: held["tracks"]["steps"],
}
"""Where the export has as many things as there are rows that point to a person by this column."""
NOT_EXPORTED: Mapping[str, str] = {
    "recovery_codes.person_id": "hashes: nothing can be read from them; how many are left stands in the export",
    "kept_usernames.person_id": "hashes of names they had: nothing can be read from them",
    "mentors.decided_by": "belongs to the history of who applied; the deed itself is among activity.done",
    "pairings.ended_by": "stands in the export of the two whom it ended for; the deed is among activity.done",
    "people_words.row_id": "the same words as in the profile, folded for search",
    "requests.held_by": "somebody's request, looked at for some minutes: gone by itself",
    "role_holders.appointed_by_id": "belongs to the history of the holder; the deed is among activity.done",
    "role_holders.ended_by_id": "belongs to the history of the holder; the deed is among activity.done",
    "role_offers.answered_by_id": "belongs to the history of who offered; the deed is among activity.done",
}
KEPT: Mapping[str, str] = {
    "events.actor_id": "that something was done is part of others' history; nothing tells by whom any more",
    "mentors.decided_by": "that an application was answered is part of the applicant's history",
    "pairing_messages.author_id": "the other of the two may still read the thread; it goes with the second of them",
    "pairings.ended_by": "as the pairing itself",
    "pairings.mentee_id": "the mentor's history; it goes with the second of the two",
    "pairings.mentor_id": "the mentee's history; it goes with the second of the two",
    "requests.person_id": "a mentor who is still here may read the goal beside the thread",
    "role_holders.appointed_by_id": "the history of the role tells that somebody appointed the holder",
    "role_holders.ended_by_id": "the history of the role tells that somebody ended the term",
    "role_holders.person_id": "the history of the role tells that somebody held it",
    "role_offers.answered_by_id": "part of the history of who offered",
    "role_offers.person_id": "that an offer was made and answered, without what it said",
    "tool_offers.person_id": "that an offer was made, without what it said",
    "tools.wanted_by_id": "that the tool looks for an owner stays true",
}
"""Rows that still point to a person who left, and why: they lead to a former member of whom nothing is known."""
KEPT_WORDS: Mapping[str, str] = {
    "pairing_messages.text": "what somebody wrote to another is that one's, too",
    "requests.goal": "read by the mentor beside the thread",
    "pairings.end_note": "written to the other of the two",
    "mentors.declined_because": "written to the applicant",
    "role_holders.reason": "why somebody else was appointed",
    "role_holders.end_reason": "why somebody else's term ended",
    "role_offers.answer": "written to who offered",
    "tools.wanted_reason": "why a tool looks for an owner stays true",
}


def columns_to_people() -> list[str]:
    """Every column of any table that points to a person."""
    keys = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    return sorted(f"{key.parent.table.name}.{key.parent.name}" for key in keys if key.column.table.name == "people")


def column(name: str) -> Column[Any]:
    table, _, field = name.partition(".")
    return Base.metadata.tables[table].columns[field]


def count(town: Town, name: str) -> int:
    """How many rows point to Ana by this column."""
    with town.site.portal.database.session(read_only=True) as session:
        return session.scalar(select(func.count()).where(column(name) == town.id_of("ana"))) or 0


def be_mentor(town: Town) -> None:
    """Ana is a mentor, who passed over a request, looks at another and accompanies two people."""
    town.do("ana", "/mentoring/apply", pitch=f"I know {WORD}s.", capacity="3")
    town.do("coord", f"/mentoring/applications/{town.id_of('ana')}/approve")
    passed = town.ask("ben")
    town.do("ana", f"/mentoring/requests/{passed}/skip", reason=f"No {WORD}.")
    town.do("ben", f"/mentoring/requests/{passed}/withdraw")
    ended = town.pair("ben", "ana")
    town.do("ana", f"/mentoring/pairings/{ended}/messages", text=f"Hello, {WORD}.")
    town.do("ana", f"/mentoring/pairings/{ended}/end", reason="no_time", note=f"A {WORD} calls.")
    town.do("ana", f"/mentoring/requests/{town.last(Request)}/look")


def be_mentee(town: Town) -> None:
    """Ana is accompanied by Mia, and asked before in vain."""
    town.do("ana", f"/mentoring/requests/{town.ask('ana', f'I want to feed a {WORD} for a year.')}/withdraw")
    town.pair("ana", "mia", f"I want to feed a {WORD} for a day.")
    town.do("ana", f"/mentoring/pairings/{town.last(Pairing)}/messages", text=f"A {WORD}!")


def hold_roles(town: Town) -> None:
    """Ana held a role, coordinates, and appoints: she answered offers and applications, and ended a term."""
    town.appoint("ana")
    town.do("ana", f"/roles/holders/{town.appoint('ana', 'queue-owner')}/step-down", reason=f"A {WORD} needs me.")
    for role in ("mentoring-coordinator", "portal-steward"):
        town.appoint("ana", role)
    town.do("ana", "/roles/translator/appoint", person="ben", until="", reason=f"Likes {WORD}s.")
    town.do("ana", f"/roles/holders/{town.last(RoleHolder)}/end", reason=f"Against the {WORD}.")
    town.do("ana", f"/roles/offers/{town.offer_role('ben')}/decline", reason=f"Ask the {WORD}.")
    town.do("ana", "/roles/track-author/offer", reason=f"I draw {WORD}s.")
    town.apply("ben")
    town.do("ana", f"/mentoring/applications/{town.id_of('ben')}/decline", reason=f"Feed a {WORD} first.")


def care_for_tools(town: Town) -> None:
    """Ana said of a tool that it looks for an owner, and could help."""
    town.do("ana", f"{TOOL}/look-for-owner", reason=f"It needs a {WORD}.")
    town.do("ana", f"{TOOL}/offer", note=f"I have a {WORD}.")


def be_somebody(town: Town) -> None:
    """Ana has a profile, choices of letters, a letter on its way, and learns."""
    profile = {"display_name": f"Ana {WORD}", "about": f"I like {WORD}s.", "time_zone": "Europe/Paris"}
    town.do("ana", "/people/me", **profile, weekly_hours="5", language="en", is_findable="y")
    town.do("ana", "/people/me/email", email=f"{WORD}@example.org")
    with town.site.unit_of_work() as session:
        ana = session.get_one(Person, town.id_of("ana"))
        session.add(Account(person_id=ana.id, service="forge", username=f"{WORD}-ana", added_at=town.now))
        set_picture(session, ana, drawn())
        choose_letters(session, ana.id, {"tools": Cadence.NEVER})
        session.add(CodeApp(person_id=ana.id, sealed_secret="sealed", last_step=0, added_at=town.now))
        session.add(LimitHit(person_id=ana.id, act="tools.helping", times=1, first_at=town.now, last_at=town.now))
        session.add(RecoveryCode(person_id=ana.id, mark="0" * 64, made_at=town.now))
        key = {"mark": "0" * 64, "credential_id": b"key", "public_key": b"", "user_handle": b"", "sign_count": 0}
        session.add(Passkey(person_id=ana.id, name=f"phone of {WORD}", added_at=town.now, **key))
        link(session, ana, KnownIdentity("door", "https://door.example", "1", f"{WORD}-ana", "", ""), "", town.now)
    town.do("ana", "/people/me/username", username=f"{WORD}-ana")
    town.finish_track("ana")


@pytest.fixture
def town(make_site: Any, tmp_path: Path) -> Any:
    """A town in which Ana did everything that can be done, each time with a word of hers."""
    with time_machine.travel(make.NOON, tick=False) as clock:
        made = Town(make_site(content=made_content.with_track(made_content.copied(tmp_path))), clock)
        for part in (be_somebody, be_mentor, be_mentee, hold_roles, care_for_tools):
            part(made)
        made.site.work()
        yield made


def test_every_column_that_points_to_people_is_exported_and_erased_or_says_why_not(town: Town) -> None:
    assert set(columns_to_people()) == {*EXPORTED, *NOT_EXPORTED}, "say of each where the export has it, or why not"
    assert not EXPORTED.keys() & NOT_EXPORTED.keys()
    browser = make.sign_in(town.site.client(), town.people["ana"])
    rows = {name: count(town, name) for name in columns_to_people()}
    assert not [name for name, number in rows.items() if not number], "let Ana do this, too"

    held = json.loads(browser.get("/people/me/export").text)
    assert {name: len(find(held)) for name, find in EXPORTED.items()} == {name: rows[name] for name in EXPORTED}

    town.leave("ana")
    left = {name for name in columns_to_people() if count(town, name)}
    assert left <= set(KEPT), "these rows outlive who left: erase them, or say in KEPT why they stay"
    assert set(KEPT) <= left, "these are erased by now: take them out of KEPT"


def test_nothing_that_somebody_typed_outlives_them_but_what_was_meant_for_others(town: Town) -> None:
    town.leave("ana")
    with town.site.portal.database.session(read_only=True) as session:
        left = {
            f"{table.name}.{field.name}"
            for table in Base.metadata.tables.values()
            for field in table.columns
            for value in session.scalars(select(field))
            if WORD in str(value).casefold()
        }
    assert left <= set(KEPT_WORDS), "this outlives who typed it: erase it, or say in KEPT_WORDS for whom it is"
    assert set(KEPT_WORDS) <= left, "this is erased by now: take it out of KEPT_WORDS"


def test_why_somebody_stepped_down_goes_with_them(town: Town) -> None:
    with town.site.portal.database.session(read_only=True) as session:
        reasons = select(RoleHolder.end_reason).where(RoleHolder.person_id == town.id_of("ana"))
        assert f"A {WORD} needs me." in set(session.scalars(reasons))
        town.leave("ana")
    with town.site.portal.database.session(read_only=True) as session:
        assert set(session.scalars(reasons)) == {""}
