"""The dashboard brings tracks and tools together with the rest, and receives who has begun nothing yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from portal.core import clock
from portal.mentoring.actions import requests
from portal.people.models import Account, Person
from portal.tools import actions as tool_actions
from portal.tools.models import Tool, ToolPerson
from portal.tracks import actions as track_actions
from portal.tracks.content import Track, Tracks
from tests import made_content, make
from tests.home.test_views import count_statements


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    """A site with the small track."""
    return make_site(content=made_content.with_track(made_content.copied(tmp_path)))


def tracks_of(site: Any) -> tuple[Tracks, Track]:
    tracks = site.portal.library.get(Tracks)
    return tracks, next(iter(tracks))


def take(site: Any, session: Any, person: Person, *, steps: int) -> None:
    """This person starts the track and does so many steps that ask for nothing but a word."""
    tracks, track = tracks_of(site)
    track_actions.start(session, tracks, track, person, clock.now())
    for step in track.steps[:steps]:
        track_actions.declare_done(session, tracks, step, person, "Seen.", clock.now())


def tool(session: Any, name: str, wiki_username: str = "", **values: Any) -> Tool:
    """A tool, and whom its record names."""
    title = values.pop("title", name.title())
    made = Tool(
        name=name,
        title=title,
        title_key=title.casefold(),
        summary="Does things.",
        record={"name": name},
        digest=name,
        origin="test",
        added_at=make.NOON,
        changed_at=make.NOON,
        **values,
    )
    session.add(made)
    session.flush()
    if wiki_username:
        session.add(ToolPerson(tool_id=made.id, place=0, name=wiki_username, wiki_username=wiki_username))
    return made


def on_wiki(username: str, *, verified: bool = True) -> Account:
    return Account(service="wiki", username=username, added_at=make.NOON, verified_at=make.NOON if verified else None)


def dashboard(site: Any, person: Person) -> str:
    return str(make.sign_in(site.client(), person).get("/dashboard").text)


def test_somebody_brand_new_is_welcomed_and_led_to_the_first_step(site: Any) -> None:
    with site.unit_of_work() as session:
        somebody = make.person(session, "noor")
    page = dashboard(site, somebody)
    assert "<h1>Welcome, Noor</h1>" in page
    assert 'class="button primary" href="/tracks/first-steps/read-this-first"' in page
    for way in ("Ask for a mentor", "Say what you can do", "Help with a review", "Look after a tool"):
        assert way in page
    assert 'href="/tracks/#begin">Choose what you would like to do</a>' in page
    assert "You have no mentor yet." not in page, "an empty place of one's own says nothing to who has just come"
    assert page.count('class="button primary"') == 1


def test_from_signing_up_to_the_first_useful_act_it_takes_three_clicks(site: Any) -> None:
    browser = site.client()
    form = {
        "username": "noor",
        "display_name": "Noor",
        "password": make.PASSWORD,
        "language": "en",
    }
    welcome = browser.post("/people/sign-up", data=form, follow_redirects=True)
    assert "Welcome, Noor" in welcome.text
    first = re.search(r'class="button primary" href="([^"]+)"', welcome.text)
    assert first
    step = browser.get(first[1])
    form_of_step = re.search(r'<form[^>]*action="(/tracks/first-steps/read-this-first/done)"', step.text)
    assert form_of_step
    done = browser.post(form_of_step[1], data={"note": "An hour, and patience."}, follow_redirects=True)
    assert done.status_code == 200
    assert "1 of 3 steps" in browser.get("/dashboard").text


def test_the_next_step_of_a_track_is_on_the_dashboard(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session, "noor")
        take(site, session, noor, steps=1)
    page = dashboard(site, noor)
    assert "Next in “First steps”: Try it." in page
    assert 'class="button primary" href="/tracks/first-steps/try-it"' in page
    assert "1 of 3 steps" in page


def test_a_dashboard_says_once_what_its_marks_mean(site: Any) -> None:
    with site.unit_of_work() as session:
        noor, kim = make.person(session, "noor"), make.person(session, "kim")
        take(site, session, noor, steps=1)
    page = dashboard(site, noor)
    assert page.count("What the marks mean:") == 1
    for words in ("it waits for somebody to act", "under way, or with somebody else", "it needs help"):
        assert words in page
    assert "What the marks mean:" not in dashboard(site, kim), "who has just come sees no mark yet"


def test_the_bars_of_skills_are_explained_on_the_dashboard(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "mia", python=4)
        make.request(session, make.person(session, "ana"))
    page = dashboard(site, mentor)
    section = page[page.index('id="fitting"') :].split("</section>")[0]
    assert '<svg class="level"' in section
    assert "How well somebody knows it:" in section


def test_the_next_step_is_named_in_the_readers_language(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session, "noor", language="fr")
        take(site, session, noor, steps=1)
    assert "Premiers pas" in dashboard(site, noor)


def test_a_mentor_sees_where_their_mentees_stand_and_nobody_else_does(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, mentee, other = (
            make.mentor(session, "mira"),
            make.speaker(session, "noor"),
            make.mentor(session, "emil"),
        )
        asked = make.request(session, mentee)
        requests.claim(session, asked.id, mentor, clock.now())
        take(site, session, mentee, steps=1)
        take(site, session, make.speaker(session, "yuki"), steps=2)
    page = dashboard(site, mentor)
    assert "How far your mentees are" in page
    assert "1 of 3 steps" in page
    assert "2 of 3 steps" not in page, "who is not their mentee"
    assert "How far your mentees are" not in dashboard(site, other)


def test_a_mentor_is_proposed_no_request_whose_musts_they_all_lack(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, noor = make.mentor(session, "mira", javascript=3), make.speaker(session, "noor")
        make.request(session, noor, musts="python", wants="javascript")
    page = dashboard(site, mentor)
    assert "Requests that fit you" not in page
    assert "Noor" not in page
    with site.unit_of_work() as session:
        make.request(session, make.speaker(session, "yuki"), musts="", wants="javascript")
    assert "Yuki" in dashboard(site, mentor)


def test_a_tools_maintainer_is_told_who_could_help(site: Any) -> None:
    with site.unit_of_work() as session:
        owner, helper = make.speaker(session, "olga"), make.speaker(session, "hana")
        owner.accounts = [on_wiki("Olga Tool")]
        kept = tool(session, "mapper", "Olga_Tool", wanted_since=make.NOON, title="Map <maker>")
        tool(session, "quiet", "Somebody Else")
        tool_actions.offer_to_adopt(session, kept, helper, "I know its language.", clock.now())
    page = dashboard(site, owner)
    assert "1 person could help with “Map &lt;maker&gt;” and waits for your answer." in page
    assert 'href="/tools/mapper#offers"' in page
    assert "1 offer to help" in page
    assert "/tools/quiet" not in page
    theirs = dashboard(site, helper)
    assert "you offered to help" in theirs
    assert "waits for your answer" not in theirs


def test_an_account_that_somebody_only_claims_makes_no_tool_theirs(site: Any) -> None:
    with site.unit_of_work() as session:
        claims = make.speaker(session, "olga")
        claims.accounts = [on_wiki("Olga Tool", verified=False)]
        tool(session, "mapper", "Olga_Tool")
    assert "/tools/mapper" not in dashboard(site, claims)


def test_the_dashboard_takes_the_same_statements_however_many_tracks_and_tools(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "mira", capacity=9)
        mentor.accounts = [on_wiki("Mira")]
        tool(session, "tool0", "Mira")
        mentee = make.speaker(session)
        requests.claim(session, make.request(session, mentee).id, mentor, clock.now())
        take(site, session, mentee, steps=1)
        take(site, session, mentor, steps=1)
    client = make.sign_in(site.client(), mentor)
    few = count_statements(site, client, "/dashboard")
    with site.unit_of_work() as session:
        for number in range(1, 6):
            tool(session, f"tool{number}", "Mira", wanted_since=make.NOON)
            mentee = make.speaker(session)
            requests.claim(session, make.request(session, mentee).id, mentor, clock.now())
            take(site, session, mentee, steps=number % 3)
    assert count_statements(site, client, "/dashboard") == few


def test_a_mentor_with_much_around_them_takes_twelve_statements_and_a_newcomer_ten(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, noor = make.mentor(session, "mira"), make.speaker(session, "noor", python=1)
        mentor.accounts = [on_wiki("Mira")]
        tool(session, "mapper", "Mira")
        mentee = make.speaker(session)
        requests.claim(session, make.request(session, mentee).id, mentor, clock.now())
        make.request(session, noor)
        for person in (mentor, mentee, noor):
            take(site, session, person, steps=1)
    assert "Requests that fit you" in dashboard(site, mentor)
    assert count_statements(site, make.sign_in(site.client(), mentor), "/dashboard") <= 12
    assert count_statements(site, make.sign_in(site.client(), noor), "/dashboard") <= 10


def test_the_front_page_shows_the_tools_that_have_looked_longest_for_an_owner(site: Any) -> None:
    with site.unit_of_work() as session:
        for number in range(5):
            tool(session, f"tool{number}", wanted_since=make.NOON.replace(day=number + 1))
        tool(session, "cared-for")
    page = site.client().get("/").text
    assert "5 tools look for an owner" in page
    assert re.findall(r'href="/tools/(\w+)"', page) == ["tool0", "tool1", "tool2"]
    assert "1 track" in page
