"""The demo: a believable community and queue, on every page something to see."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import demo
from portal.activity.models import Event
from portal.contributions.jobs import sync_sources
from portal.contributions.models import Change, Source
from portal.core import clock
from portal.demo import community as community_of_the_demo
from portal.demo import queue
from portal.demo.recorded import BOTS, changes_as_of
from portal.demo.tools import RECORDS
from portal.mentoring.models import Mentor, MentorState, Pairing, PairingState, Request, RequestState
from portal.people.models import Person
from portal.people.queries import by_username
from portal.roles.models import RoleHolder
from portal.tracks.content import Tracks
from portal.tracks.models import Enrolment, EnrolmentState
from portal.tracks.queries import finished_counts, my_tracks
from tests.demo.conftest import signed_in


def test_the_recording_stops_at_one_moment_which_becomes_now() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    changes = list(changes_as_of(now))
    newest = max(change["updated"] for change in changes)
    assert "2026-11-23 11:50" < newest <= "2026-11-23 12:00"
    moments = [message["date"] for change in changes for message in change["messages"]]
    assert max(moments) <= "2026-11-23 12:00:00.000000000"
    assert all(change["created"] <= change["updated"] for change in changes)


def test_nothing_in_the_queue_leads_to_where_the_people_of_the_recording_have_names(community: Any) -> None:
    with community.database.session() as session:
        assert session.scalars(select(Change.url).distinct()).all() == [""]


def test_a_believable_share_is_open_and_waits_on_both_sides(community: Any) -> None:
    with community.database.session() as session:
        rows = (
            select(Change.waiting_on, func.count().label("number"))
            .where(Change.state == "open")
            .group_by(Change.waiting_on)
        )
        waiting = {row.waiting_on: row.number for row in session.execute(rows)}
        newest = session.scalar(select(func.max(Change.updated_at)))
        newcomers = session.scalar(select(func.count()).where(Change.state == "open", Change.is_newcomer))
        bots = session.scalars(select(Change.author_username).where(Change.author_is_bot).distinct()).all()
    assert waiting["reviewer"] > 50
    assert waiting["author"] > 10
    assert 5 < newcomers < waiting["reviewer"]
    assert clock.now() - newest < timedelta(minutes=15)
    assert set(bots) <= BOTS


def test_the_sweep_leaves_the_recording_on_show(community: Any) -> None:
    sync_sources(community)
    with community.database.session() as session:
        assert session.scalars(select(Source.is_active)).all() == [True]


def test_every_kind_of_thing_is_there(community: Any) -> None:
    with community.database.session() as session:
        requests = session.scalars(select(Request.state)).all()
        pairings = session.scalars(select(Pairing.state)).all()
        mentors = session.scalars(select(Mentor.state)).all()
        roles = set(session.scalars(select(RoleHolder.role)))
    assert requests.count(RequestState.OPEN) >= 5
    assert {PairingState.ACTIVE, PairingState.COMPLETED} <= set(pairings)
    assert {MentorState.APPLIED, MentorState.APPROVED} <= set(mentors)
    assert len(roles) == 8


PAGES = {
    "newcomer": ["/dashboard", "/tracks/", "/mentoring/", "/mentoring/ask", "/people/me"],
    "mentor": ["/dashboard", "/mentoring/requests", "/notices"],
    "maintainer": ["/dashboard", "/reviews", "/reviews?newcomer=yes"],
    "admin": ["/dashboard", "/roles/", "/roles/mentor"],
    "coordinator": ["/mentoring/coordinate", "/mentoring/applications"],
}


@pytest.mark.parametrize("name", PAGES)
def test_everybody_finds_something_on_their_pages(community: Any, name: str) -> None:
    client = signed_in(community, name)
    for path in PAGES[name]:
        page = client.get(path)
        assert page.status_code == 200, path
        assert 'class="empty"' not in page.text, path


def test_a_stranger_finds_something_too(community: Any) -> None:
    client = community.app.test_client()
    for path in (
        "/",
        "/reviews",
        "/tracks/",
        "/tools/",
        "/tools/?needs_owner=y",
        "/roles/",
        "/mentoring/mentors",
        "/people/mentor",
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert 'class="empty"' not in page.text, path


def test_the_sign_ins_are_told_only_while_the_demo_lives_here(community: Any, site: Any) -> None:
    (line,) = demo.sign_ins(community)
    assert "newcomer" in line
    assert "demo-portal-2026" in line
    assert demo.sign_ins(site.portal) == []


def test_everybody_in_the_demo_is_invented_and_has_no_address(community: Any) -> None:
    with community.database.session() as session:
        assert session.scalars(select(Person.email).where(Person.email.is_not(None))).all() == []


def test_people_of_the_demo_are_on_their_way_through_the_tracks(community: Any) -> None:
    tracks = community.library.get(Tracks)
    first = next(iter(tracks))
    with community.database.session() as session:
        finished = finished_counts(session)
        newcomer = my_tracks(session, tracks, by_username(session, "newcomer").id)
        mentee = my_tracks(session, tracks, by_username(session, "nadia").id)
        states = set(session.scalars(select(Enrolment.state)))
        told = session.scalars(select(Event.at).where(Event.verb == "tracks.finished")).all()
    assert finished[first.id] >= 3
    assert [(one.track, one.done, one.is_under_way) for one in newcomer] == [(first, 1, True)]
    assert mentee[0].done > 1
    assert {state.value for state in EnrolmentState} == states
    assert max(told) < clock.now()


def test_a_load_that_was_stopped_half_way_can_be_repeated(make_site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = make_site().portal
    monkeypatch.setattr(queue, "changes_as_of", lambda now: list(changes_as_of(now))[:30])

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(community_of_the_demo, "load", stop)
        list(demo.load(portal))
    with portal.unit_of_work() as session:
        source = session.scalars(select(Source)).one()
        source.lease, source.leased_until = "killed", clock.now() + timedelta(hours=1)
    assert [line.split()[0] for line in demo.load(portal)] == ["30", "21", "40"]
    with portal.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == 30


def test_the_tools_of_the_demo_name_nobody_and_one_has_somebody_who_could_help(community: Any) -> None:
    records = json.loads(RECORDS.read_text())
    names = {person["name"] for record in records for person in record.get("author", [])}
    assert all(re.fullmatch(r"Maintainer \d+", name) for name in names)
    page = signed_in(community, "maintainer").get("/tools/heritage-api").text
    assert "It looks for an owner" in page
    assert "could take the deployment over" in page
    assert "I could help" in community.app.test_client().get("/tools/heritage-api").text
