"""Whatever is stored of people: they can take it along, and it goes with them, or it is said here why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import JSON, Column, LargeBinary, String, Text, func, select, update

from portal.activity.actions import choose_letters
from portal.activity.models import LimitHit
from portal.api_tokens.actions import make_token
from portal.authenticators.models import CodeApp, Passkey, RecoveryCode
from portal.core.database import Base
from portal.core.notices import Cadence
from portal.core.typed import typed_columns
from portal.mentoring.models import Message, Pairing, Request
from portal.people.actions import set_picture
from portal.people.invitations.models import Invitation, InvitationUse
from portal.people.models import Account, Person
from portal.roles.models import RoleHolder, RoleOffer
from portal.single_sign_on.actions import link
from portal.single_sign_on.rules import KnownIdentity
from portal.tracks.models import StepProgress
from tests import made_content, make
from tests.people.test_pictures import drawn
from tests.town import TOOL, Town

WORD = "quokka"
"""Stands in everything that Ana types, and nowhere else."""
INVITE = {"language": "en", "most_uses": "1", "days": "14"}
Held = Callable[[Mapping[str, Any]], Any]
EXPORTED: Mapping[str, Held] = {
    "accounts.person_id": lambda held: held["accounts"],
    "api_tokens.person_id": lambda held: held["api_tokens"],
    "code_apps.person_id": lambda held: [held["authenticators"]["app"]],
    "events.actor_id": lambda held: held["activity"]["done"],
    "invitations.inviter_id": lambda held: held["people"]["invitations"],
    "invitation_uses.person_id": lambda held: held["people"]["signed_up_by_invitation"],
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
    "pairing_messages.author_id": "that a word was said, without it; it goes with the second of the two",
    "pairings.ended_by": "as the pairing itself",
    "pairings.mentee_id": "the mentor's history; it goes with the second of the two",
    "pairings.mentor_id": "the mentee's history; it goes with the second of the two",
    "requests.person_id": "what the pairing was about in skills, without the goal; it goes with the second of the two",
    "role_holders.appointed_by_id": "the history of the role tells that somebody appointed the holder",
    "role_holders.ended_by_id": "the history of the role tells that somebody ended the term",
    "role_holders.person_id": "the history of the role tells that somebody held it",
    "role_offers.answered_by_id": "part of the history of who offered",
    "role_offers.person_id": "that an offer was made and answered, without what it said",
    "tool_offers.person_id": "that an offer was made, without what it said",
    "tools.wanted_by_id": "that the tool looks for an owner stays true",
}
"""Rows that still point to a person who left, and why: they lead to a former member of whom nothing is known."""
WORDS_OF_PEOPLE = {
    "accounts.username",
    "linked_identities.username",
    "passkeys.name",
    "people.display_name",
    "people.new_email",
    "people.username",
}
"""Beside what is marked as typed, what is somebody's own in words."""
WORDS_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "words of this program, of its settings and of content files": (
        "accounts.service",
        "api_tokens.scopes",
        "changes.state",
        "changes.waiting_on",
        "changes.waiting_reason",
        "events.subject_kind",
        "events.verb",
        "invitation_letters.lease",
        "invitation_letters.state",
        "invitations.language",
        "letters.lease",
        "letters.state",
        "letters.template",
        "limit_hits.act",
        "linked_identities.provider",
        "mail_choices.cadence",
        "mail_choices.kind",
        "mailings.cadence",
        "mailings.lease",
        "mailings.state",
        "mentors.state",
        "milestones.name",
        "notices.page",
        "pairings.end_reason",
        "pairings.state",
        "pairings.turn",
        "people.language",
        "people.time_zone",
        "person_languages.code",
        "person_skills.skill",
        "reactions.lease",
        "reactions.listener",
        "reactions.state",
        "request_languages.code",
        "request_skills.need",
        "request_skills.skill",
        "requests.state",
        "role_holders.active_key",
        "role_holders.role",
        "role_holders.seat_key",
        "role_offers.open_key",
        "role_offers.role",
        "role_offers.state",
        "search_due.about",
        "search_due.kind",
        "search_due.lease",
        "search_due.state",
        "security_events.event",
        "site_checks.detail",
        "site_checks.mend",
        "site_checks.name",
        "security_events.facts",
        "security_events.outcome",
        "sources.kind",
        "sources.lease",
        "sources.slug",
        "sources.name",
        "sources.url",
        "sweep_runs.lease",
        "sweep_runs.name",
        "syncs.failure",
        "syncs.outcome",
        "tool_facets.kind",
        "tool_offers.open_key",
        "tool_offers.state",
        "tool_terms.kind",
        "track_enrolments.state",
        "track_enrolments.track_id",
        "track_progress.state",
        "track_progress.step_id",
        "user_sessions.proofs",
    ),
    "hashes, seals and keys, from which nothing is read; their rows go with the person": (
        "api_tokens.mark",
        "code_apps.sealed_secret",
        "drafts.browser",
        "drafts.id",
        "invitations.mark",
        "invitations.seed",
        "kept_usernames.mark",
        "passkeys.credential_id",
        "passkeys.mark",
        "passkeys.public_key",
        "passkeys.user_handle",
        "people.password_hash",
        "people.picture",
        "portraits.mark",
        "recovery_codes.mark",
        "sign_in_tries.subject",
        "submissions.digest",
        "submissions.key",
        "submissions.new_session",
        "user_sessions.mark",
    ),
    "told by browsers and servers of a person; emptied or gone with the row of the person": (
        "api_tokens.last_network",
        "linked_identities.issuer",
        "linked_identities.subject",
        "people.refused_because",
        "people.refused_email",
        "security_events.whence",
        "user_sessions.device",
        "user_sessions.network",
    ),
    "a letter and an answer hold what they say until they are sent, or for a day": (
        "drafts.page",
        "letters.values",
        "submissions.flashes",
        "submissions.location",
    ),
    "the same words as elsewhere, for search": ("change_words.words", "people_words.words", "tool_words.words"),
    "the address of an account; filled once it is confirmed": ("people.email", "people.email_key"),
    "the address of somebody who was invited; emptied once they sign up, gone with the invitation": (
        "invitations.email",
    ),
    "a picture; gone with the row": ("portraits.body",),
    "what servers show to everybody, of people who may have no account here": (
        "changes.author_name",
        "changes.author_username",
        "changes.change_id",
        "changes.key",
        "changes.project",
        "changes.title",
        "changes.url",
        "review_authors.username",
        "sources.failure",
        "sources.failure_detail",
        "sources.open_projects",
        "syncs.failure_detail",
        "tool_facets.value",
        "tool_people.developer_username",
        "tool_people.name",
        "tool_people.url",
        "tool_people.wiki_username",
        "tool_terms.value",
        "tools.digest",
        "tools.name",
        "tools.origin",
        "tools.record",
        "tools.summary",
        "tools.title",
        "tools.title_key",
        "tools.tool_type",
    ),
}
"""Every other column with text, JSON or bytes, by why nobody who leaves need be taken out of it word by word."""
NOT_TYPED_HERE = {"drafts.fields"}
"""What is typed while nobody is signed in: tests/people/test_erasure.py does that."""


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
    asked = town.ask("ana", f"I want to feed a {WORD} for a day.")
    town.do("mo", f"/mentoring/requests/{asked}/skip", reason=f"Too much of a {WORD}.")
    town.do("mia", f"/mentoring/requests/{asked}/claim")
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
    town.do("ana", "/invitations/new", email=f"{WORD}-friend@example.org", note=f"Feed a {WORD} with me.", **INVITE)
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
        ana.suspended_because = f"Threw a {WORD}."  # once, for a day that is over
        choose_letters(session, ana.id, {"tools": Cadence.NEVER})
        session.add(CodeApp(person_id=ana.id, sealed_secret="sealed", last_step=0, added_at=town.now))
        session.add(LimitHit(person_id=ana.id, act="tools.helping", times=1, first_at=town.now, last_at=town.now))
        make_token(session, ana, f"bar of {WORD}", ["notices:read"], town.now.date(), town.now)
        session.add(RecoveryCode(person_id=ana.id, mark="0" * 64, made_at=town.now))
        key = {"mark": "0" * 64, "credential_id": b"key", "public_key": b"", "user_handle": b"", "sign_count": 0}
        session.add(Passkey(person_id=ana.id, name=f"phone of {WORD}", added_at=town.now, **key))
        link(session, ana, KnownIdentity("door", "https://door.example", "1", f"{WORD}-ana", "", ""), "", town.now)
    town.do("ana", "/people/me/username", username=f"{WORD}-ana")
    town.finish_track("ana")
    town.do("steward", "/invitations/new", **INVITE)
    with town.site.unit_of_work() as session:
        session.add(InvitationUse(person_id=town.id_of("ana"), invitation_id=town.last(Invitation), used_at=town.now))
    with town.site.unit_of_work() as session:
        session.execute(update(StepProgress).values(note=f"I read of {WORD}s.", answers={"q-amend": [WORD]}))


def be_spoken_of(town: Town) -> None:
    """Others write about Ana, and call her by her names."""
    town.do(
        "mo",
        f"/mentoring/requests/{town.ask('maria', f'I want to learn what @{WORD}-ana knows.')}/skip",
        reason=f"As @{WORD}-ana said.",
    )
    town.do("maria", f"/mentoring/requests/{town.last(Request)}/withdraw")
    town.do("mia", f"/mentoring/pairings/{town.last(Pairing)}/messages", text=SPOKEN_TO.format(WORD))
    about = "Knows @{0}-ana well; write to a@ana.example."
    town.do("steward", "/roles/translator/appoint", person="mo", until="", reason=about.format(WORD))
    profile = {"display_name": "Mo", "time_zone": "Europe/Paris", "weekly_hours": "5", "language": "en"}
    town.do("mo", "/people/me", about=f"I learnt from @{WORD}-ana.", **profile)
    held = town.appoint("ana", "queue-owner")
    town.do("steward", f"/roles/holders/{held}/end", reason=f"Likes {WORD}s too much.")
    town.do("ana", "/roles/queue-owner/offer", reason=f"With my {WORD}.")
    town.do("steward", f"/roles/offers/{town.last(RoleOffer)}/decline", reason=f"Not with that {WORD}.")


SPOKEN_TO = "Dear Ana {0}, did it work? I ask Ana-Maria, too."


@pytest.fixture
def town(make_site: Any, tmp_path: Path) -> Any:
    """A town in which Ana did everything that can be done, each time with a word of hers."""
    with time_machine.travel(make.NOON, tick=False) as clock:
        made = Town(make_site(content=made_content.with_track(made_content.copied(tmp_path))), clock)
        for part in (be_somebody, be_mentor, be_mentee, hold_roles, care_for_tools, be_spoken_of):
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


def words_columns() -> set[str]:
    """Every column of any table that can hold words."""
    kinds = (String, Text, JSON, LargeBinary)
    tables = Base.metadata.tables.values()
    columns = (one for table in tables for one in table.columns)
    return {name_of(one) for one in columns if isinstance(getattr(one.type, "impl_instance", one.type), kinds)}


def name_of(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def holding_the_word(town: Town) -> set[str]:
    """Every column in which it stands."""
    with town.site.portal.database.session(read_only=True) as session:
        return {
            name_of(field)
            for table in Base.metadata.tables.values()
            for field in table.columns
            for value in session.scalars(select(field))
            if WORD in str(value).casefold()
        }


def test_every_column_with_words_is_marked_as_typed_or_says_whose_words_it_has() -> None:
    typed, elsewhere = set(map(name_of, typed_columns())), [one for names in WORDS_ELSEWHERE.values() for one in names]
    assert len(set(elsewhere)) == len(elsewhere)
    assert words_columns() == {*typed, *WORDS_OF_PEOPLE, *elsewhere}, "mark it with TYPED, or say what is in it"
    assert not (typed | WORDS_OF_PEOPLE) & set(elsewhere)


def test_nothing_that_somebody_typed_and_nothing_about_them_outlives_them(town: Town) -> None:
    typed = set(map(name_of, typed_columns())) - NOT_TYPED_HERE
    assert typed | WORDS_OF_PEOPLE <= holding_the_word(town), "let Ana type it, or somebody type it about her"
    town.leave("ana")
    assert holding_the_word(town) == set(), "this outlives who typed it: empty it in `erase` of its room"


def test_what_others_wrote_stays_theirs_without_the_name_of_who_left(town: Town) -> None:
    town.leave("ana")
    with town.site.portal.database.session(read_only=True) as session:
        assert "Dear …, did it work? I ask Ana-Maria, too." in session.scalars(select(Message.text)).all()
        assert "Knows … well; write to a@ana.example." in session.scalars(select(RoleHolder.reason)).all()
        assert session.scalar(select(Person.about).where(Person.id == town.id_of("mo"))) == "I learnt from …."


def test_the_pages_of_what_was_erased_still_read_well(town: Town) -> None:
    town.leave("ana")
    assert "This message was deleted with the account" in read(town, "mia", "/mentoring/pairings/2")
    assert "It was deleted with the account of who asked." in read(town, "mia", "/mentoring/pairings/2")
    assert "Your application was declined" in read(town, "ben", "/mentoring/apply")


def read(town: Town, name: str, path: str) -> str:
    """A page as this person sees it."""
    with town.site.unit_of_work() as session:
        person = session.get_one(Person, town.id_of(name))
    answer = make.sign_in(town.site.client(), person).get(path)
    assert answer.status_code == 200
    return str(answer.text)
