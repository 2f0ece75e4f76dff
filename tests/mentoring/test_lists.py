"""How many mentors, requests and pairings there are, and what narrows their lists down."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.mentoring.actions import requests as actions
from portal.mentoring.actions.pairings import end_early
from portal.mentoring.models import EndReason, Mentor, Request, RequestState, Skip
from portal.people.models import Person
from tests import make
from tests.lists import counted_on, following
from tests.mentoring.conftest import Browser


@pytest.fixture
def mia(site: Any) -> Person:
    """A mentor of Python and Lua, in a site where 55 people ask for Python, five for Lua and two for both."""
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "mia", python=3, lua=2)
        for number in range(62):
            skills = "lua" if number < 5 else "python" if number < 60 else "python lua"
            asked_at = clock.now() - timedelta(hours=number)
            make.request(session, make.person(session, f"zoe{number:02}"), skills, asked_at=asked_at)
    return mentor


def test_a_coordinator_sees_how_many_wait_and_which_of_them(
    site: Any, browser: Browser, cara: Person, mia: Person
) -> None:
    page = browser(cara).get("/mentoring/coordinate")
    assert counted_on(page) == "1 to 50 of 62 requests"
    assert counted_on(browser(cara).get(following(page))) == "51 to 62 of 62 requests"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("skill=lua", "7 of 62 requests"),
        ("skill=Python", "1 to 50 of 57 requests (62 requests without filters)"),
        ("text=ZOE0", "10 of 62 requests"),
        ("text=oe61", "1 of 62 requests"),
        ("text=oe6&skill=lua", "2 of 62 requests"),
        ("text=z_e", None),
        ("skill=php", None),
        ("skill=nothing-like-it", "1 to 50 of 62 requests"),
    ],
)
def test_a_coordinator_narrows_them_down(
    site: Any, browser: Browser, cara: Person, mia: Person, query: str, said: str | None
) -> None:
    page = browser(cara).get(f"/mentoring/coordinate?{query}")
    assert page.status_code == 200
    assert counted_on(page) == said
    table = browser(cara).get(f"/mentoring/coordinate/requests.csv?{query}").text
    numbers = [int(number) for number in re.findall(r"\d+", said or "0")]
    assert len(table.splitlines()) - 1 == (numbers[2] if "to" in (said or "") else numbers[0])


def test_the_filters_of_a_coordinator_say_how_many_they_find_and_are_kept(
    site: Any, browser: Browser, cara: Person, mia: Person
) -> None:
    page = browser(cara).get("/mentoring/coordinate?skill=python&text=zoe")
    assert '<option value="lua">Lua (7)</option>' in page.text
    assert '<option selected value="python">Python (57)</option>' in page.text
    assert following(page).startswith("/mentoring/coordinate?skill=python&text=zoe&requests=")
    assert "/mentoring/coordinate/requests.csv?skill=python&amp;text=zoe" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("language=fr", "1 of 62 requests"),
        ("wait=late", "13 of 62 requests"),
        ("wait=late&skill=lua", "2 of 62 requests"),
        ("wait=expired", "2 requests"),
        ("wait=expired&text=old0", "1 of 2 requests"),
        ("wait=whatever&language=", "1 to 50 of 62 requests"),
    ],
)
def test_a_coordinator_narrows_them_down_by_language_and_by_how_long_they_wait(
    site: Any, browser: Browser, cara: Person, mia: Person, query: str, said: str
) -> None:
    with site.unit_of_work() as session:
        rows = session.scalars(select(Request).order_by(Request.asked_at)).all()
        rows[-1].languages[0].code = "fr"
        for row in rows[:13]:
            row.asked_at -= timedelta(days=20)
        for number in range(3):
            gone = make.request(
                session, make.person(session, f"old{number}"), state=RequestState.EXPIRED, live_key=None
            )
            gone.expires_at = clock.now() - timedelta(days=1 if number < 2 else 900)
    page = browser(cara).get(f"/mentoring/coordinate?{query}")
    assert counted_on(page) == said
    assert '<option value="late">longer than 2 weeks (13)</option>' in page.text.replace(" selected", "")
    assert "expired (2)</option>" in page.text
    assert "French (1)</option>" in page.text
    found = len(browser(cara).get(f"/mentoring/coordinate/requests.csv?{query}").text.splitlines()) - 1
    assert found == (62 if "of 62" in said and "to" in said else int(said.split()[0]))


def test_who_asked_again_is_not_among_the_expired(site: Any, browser: Browser, cara: Person) -> None:
    with site.unit_of_work() as session:
        zoe = make.person(session, "zoe")
        first = make.request(session, zoe, state=RequestState.EXPIRED, live_key=None)
        first.expires_at = clock.now() - timedelta(days=1)
        make.request(session, zoe)
    assert counted_on(browser(cara).get("/mentoring/coordinate?wait=expired")) is None


def test_the_list_says_where_each_request_stands(site: Any, browser: Browser, cara: Person) -> None:
    with site.unit_of_work() as session:
        mia = make.mentor(session, "mia", python=3)
        make.request(session, make.person(session, "ola"), "rust")
        passed = make.request(session, make.person(session, "pia"), "python")
        session.add(Skip(request_id=passed.id, mentor_id=mia.id, at=clock.now()))
        held = make.request(session, make.person(session, "qi"), "python")
        held.held_by, held.held_until = mia.id, clock.now() + timedelta(minutes=9)
        asked = make.request(session, make.person(session, "ron"), "python")
    browser(cara).post(f"/mentoring/coordinate/requests/{asked.id}/propose", data={"mentor": str(mia.id)})
    page = browser(cara).get("/mentoring/coordinate").text
    row = {name: page.partition(f"<bdi>{name}</bdi>")[2].partition("</tr>")[0] for name in ("Ola", "Pia", "Qi", "Ron")}
    assert "no mentor for it" in row["Ola"]
    assert "1 mentor said no" in row["Pia"]
    assert "no mentor for it" not in row["Pia"]
    assert "A mentor is looking at it" in row["Qi"]
    assert "a mentor has been asked" in row["Ron"]


def test_who_left_a_pairing_has_said_no_to_nothing(site: Any, browser: Browser, cara: Person) -> None:
    with site.unit_of_work() as session:
        mia = make.mentor(session, "mia", python=3)
        asked = make.request(session, make.person(session, "zoe"), "python")
        pairing = actions.claim(session, asked.id, mia, clock.now())
        session.flush()
        why, limits = (EndReason.NO_TIME, ""), site.portal.config.limits
        end_early(session, pairing.id, mia, *why, limits, clock.now(), ask_again=True)
    assert "said no" not in browser(cara).get("/mentoring/coordinate").text


def test_the_list_of_a_mentor_shows_the_words_of_a_goal_without_their_signs(site: Any, browser: Browser) -> None:
    with site.unit_of_work() as session:
        mia = make.mentor(session, "mia", python=3)
        make.request(session, make.person(session, "zoe"), "python", goal="**Now**, the `hook`:\n\n```\ngit push\n```")
    assert "Now, the hook: git push" in browser(mia).get("/mentoring/requests").text


def test_a_mentor_sees_how_many_requests_fit_and_narrows_them_down(site: Any, browser: Browser, mia: Person) -> None:
    page = browser(mia).get("/mentoring/requests")
    assert counted_on(page) == "1 to 20 of 62 requests"
    assert '<option value="lua">Lua (7)</option>' in page.text
    assert counted_on(browser(mia).get("/mentoring/requests?skill=lua")) == "7 of 62 requests"
    assert counted_on(browser(mia).get("/mentoring/requests?skill=php")) is None
    assert len(browser(mia).get("/mentoring/requests.csv?skill=lua").text.splitlines()) == 8


def test_pairings_are_counted_apart_from_requests(site: Any, browser: Browser, cara: Person, mia: Person) -> None:
    with site.unit_of_work() as session:
        asked = make.request(session, make.person(session, "yan"), "python")
        actions.claim(session, asked.id, mia, clock.now())
    page = browser(cara).get("/mentoring/coordinate?text=nobody-is-called-so").text
    assert "No request matches." in page
    assert "<p data-counted>1 pairing</p>" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "1 to 24 of 30 mentors"),
        ("skill=lua", "2 of 30 mentors"),
        ("name=KIM1", "10 of 30 mentors"),
        ("name=im2", "10 of 30 mentors"),
        ("name=im+9", "3 of 30 mentors"),
        ("name=im&free=1&skill=lua", "2 of 30 mentors"),
        ("name=k%25m", None),
    ],
)
def test_the_directory_says_how_many_mentors_there_are(site: Any, query: str, said: str | None) -> None:
    with site.unit_of_work() as session:
        for number in range(28):
            make.mentor(session, f"kim{number:02}", python=2)
        for number in range(28, 30):
            make.mentor(session, f"kim{number:02}", lua=2)
    page = site.client().get(f"/mentoring/mentors?{query}")
    assert counted_on(page) == said
    assert '<option value="python">Python (28)</option>' in page.text


def test_a_filter_counts_those_who_are_away_as_the_list_does(site: Any) -> None:
    with site.unit_of_work() as session:
        make.mentor(session, "kim", python=2)
        lin = make.mentor(session, "lin", python=2)
        session.get_one(Mentor, lin.id).away_until = clock.now() + timedelta(days=9)
    page = site.client().get("/mentoring/mentors?skill=python")
    assert counted_on(page) == "2 of 2 mentors"
    assert "Python (2)</option>" in page.text
