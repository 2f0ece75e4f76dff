"""Every table as CSV and every list as a feed: the same as the page, for the same people, and nothing more."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import event, select, update

from portal.contributions.models import Change, Sync
from portal.core import clock
from portal.mentoring.actions.requests import claim
from portal.mentoring.models import Mentor, MentorState, Request
from portal.people.models import Account, Person
from portal.tools.models import Tool
from portal.tracks.actions import start
from portal.tracks.content import Tracks
from tests import make
from tests.home import community

TABLES = {
    "/admin/events.csv": "/admin/events",
    "/reviews/queue.csv": "/reviews",
    "/reviews/syncs.csv": "/reviews/syncs",
    "/tools/tools.csv": "/tools/",
    "/roles/roles.csv": "/roles/",
    "/roles/mentor/holders.csv": "/roles/mentor",
    "/mentoring/mentors.csv": "/mentoring/mentors",
    "/mentoring/requests.csv": "/mentoring/requests",
    "/mentoring/applications.csv": "/mentoring/applications",
    "/mentoring/coordinate/requests.csv": "/mentoring/coordinate",
    "/mentoring/coordinate/pairings.csv": "/mentoring/coordinate",
    "/notices.csv": "/notices",
    "/tracks/tracks.csv": "/tracks/",
    "/dashboard/changes.csv": "/dashboard",
    "/dashboard/mentees-changes.csv": "/dashboard",
    "/dashboard/mentees-tracks.csv": "/dashboard",
}
FEEDS = {
    "/reviews/queue.atom": "/reviews",
    "/tools/wanted.atom": "/tools/",
    "/mentoring/mentors.atom": "/mentoring/mentors",
}
PEOPLE = ("", "newcomer", "maria", "coordinator", "steward")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    return community.found(make_site, tmp_path)


def browser(site: Any, username: str = "") -> Any:
    if not username:
        return site.client()
    with site.portal.database.session() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
    return make.sign_in(site.client(), person)


def rows(site: Any, path: str, username: str = "") -> list[dict[str, str]]:
    answer = browser(site, username).get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def entries(site: Any, path: str) -> list[Any]:
    answer = site.client().get(path)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data).findall(f"{ATOM}entry")


def titles(site: Any, path: str) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in entries(site, path)]


def test_every_table_and_feed_there_is_is_listed_here(site: Any) -> None:
    found = {str(rule) for rule in site.app.url_map.iter_rules() if str(rule).endswith((".csv", ".atom"))}
    assert {re.sub("<slug>", "mentor", rule) for rule in found} == TABLES.keys() | FEEDS.keys()


@pytest.mark.parametrize("username", PEOPLE)
def test_who_may_not_see_the_page_may_not_have_its_table(site: Any, username: str) -> None:
    client = browser(site, username)
    for table, page in {**TABLES, **FEEDS}.items():
        assert client.get(table).status_code == client.get(page).status_code, table


def test_each_page_leads_to_its_table_and_feed(site: Any) -> None:
    shown = {
        "": ["/reviews", "/reviews/syncs", "/tools/", "/roles/", "/roles/mentor", "/mentoring/mentors", "/tracks/"],
        "maria": ["/mentoring/requests"],
        "coordinator": ["/mentoring/coordinate"],
        "steward": ["/admin/events"],
    }
    with site.unit_of_work() as session:
        asked = make.request(session, make.speaker(session, "asker"))
        other = make.mentor(session, "other")
        claim(session, asked.id, other, clock.now())
    for username, pages in shown.items():
        for page in pages:
            text = browser(site, username).get(page).text
            for table in (name for name, of in {**TABLES, **FEEDS}.items() if of == page):
                assert f'href="{table}' in text, table


def test_the_queue_has_all_rows_with_the_pages_filters_and_order(site: Any) -> None:
    assert [row["Number"] for row in rows(site, "/reviews/queue.csv")] == ["1", "2", "6"]
    assert [row["Number"] for row in rows(site, "/reviews/queue.csv?sort=-since")] == ["6", "2", "1"]
    assert [row["Number"] for row in rows(site, "/reviews/queue.csv?waiting_on=author")] == ["2"]
    assert rows(site, "/reviews/queue.csv?project=house/floor") == [
        {
            "Waits for": "Reviewer",
            "Since": rows(site, "/reviews/queue.csv")[2]["Since"],
            "Why": "No response yet",
            "Change": "'=HYPERLINK(1)",
            "Address": "http://gerrit.test/c/6",
            "Project": "house/floor",
            "Source": "GitLab",
            "Number": "6",
            "Author": "Ana",
            "Bot": "no",
            "Newcomer": "yes",
            "Lines added": "",
            "Lines removed": "",
        }
    ]
    for query in ("sort=nonsense", "waiting_on=everybody", "text=" + "x" * 300):
        assert browser(site).get(f"/reviews/queue.csv?{query}").status_code == 422
        assert browser(site).get(f"/reviews/queue.atom?{query}").status_code == 422


def test_a_long_queue_comes_whole_in_few_statements(site: Any) -> None:
    with site.unit_of_work() as session:
        one = session.scalars(select(Change).where(Change.number == 1)).one()
        columns = [column.key for column in Change.__table__.columns if column.key != "id"]
        copied = {key: getattr(one, key) for key in columns}
        session.add_all(Change(**{**copied, "key": f"c{n}", "number": 1000 + n}) for n in range(2500))
    statements: list[str] = []
    engine = site.portal.database.engine
    listen = (engine, "before_cursor_execute", lambda _c, _cur, statement, *_rest: statements.append(statement))
    event.listen(*listen)
    found = rows(site, "/reviews/queue.csv")
    event.remove(*listen)
    assert len({row["Number"] for row in found}) == len(found) == 2503
    assert len([one for one in statements if one.startswith("SELECT")]) <= 5


@pytest.mark.parametrize("table", TABLES)
def test_heads_are_in_the_readers_language(site: Any, table: str) -> None:
    readers = {"/admin/events.csv": "steward"}
    coordinates = "coordinate" in table or "applications" in table
    reader = browser(site, readers.get(table, "coordinator" if coordinates else "maria"))
    english, french = (
        reader.get(f"{table}?uselang={language}").data.decode("utf-8-sig").splitlines()[0] for language in ("en", "fr")
    )
    assert english != french, table


def test_a_servers_own_words_are_for_who_looks_after_the_sources(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Sync).values(outcome="failed", failure="timeout", failure_detail="inner secret"))
    assert "inner secret" not in str(rows(site, "/reviews/syncs.csv"))
    assert "inner secret" in str(rows(site, "/reviews/syncs.csv", "steward"))


def test_the_tables_of_tools_and_mentors_follow_their_filters(site: Any) -> None:
    assert [row["Name"] for row in rows(site, "/tools/tools.csv")] == ["counter", "mapper"]
    assert [row["Name"] for row in rows(site, "/tools/tools.csv?needs_owner=y")] == ["mapper"]
    assert [row["Mentor"] for row in rows(site, "/mentoring/mentors.csv?skill=python")] == ["Maria"]
    assert rows(site, "/mentoring/mentors.csv?skill=sparql") == []
    assert rows(site, "/mentoring/mentors.csv")[0]["Skills"] == "Git (at ease), Python (experienced)"


def test_a_mentor_gets_the_requests_that_fit_and_no_more_of_a_goal_than_the_list_shows(site: Any) -> None:
    with site.unit_of_work() as session:
        make.request(session, make.speaker(session, "chatty"), goal="A long story. " * 40 + "THE END")
        make.request(session, make.speaker(session, "pierre", languages="de"))
    found = rows(site, "/mentoring/requests.csv", "maria")
    assert [row["Who"] for row in found] == ["Newcomer", "Chatty", "Pierre"][: len(found)]
    assert "THE END" not in str(found)
    assert max(len(row["Goal"]) for row in found) <= 220


def test_a_mentor_who_is_away_gets_none(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Mentor).values(away_until=clock.now().replace(year=2100)))
    assert rows(site, "/mentoring/requests.csv", "maria") == []


def test_notices_are_ones_own(site: Any) -> None:
    with site.unit_of_work() as session:
        asked = session.scalars(select(Request)).one()
        claim(session, asked.id, session.scalars(select(Person).where(Person.username == "maria")).one(), clock.now())
    (told,) = rows(site, "/notices.csv", "newcomer")
    assert "Maria" in told["What happened"]
    assert told["Read"] == "no"
    assert rows(site, "/notices.csv", "maria") == []


def test_nothing_private_stands_in_a_table_or_a_feed_for_everybody(site: Any) -> None:
    for path in (*TABLES, *FEEDS):
        text = browser(site).get(path).text
        assert not [word for word in community.PRIVATE if word in text], path


def test_the_dashboards_changes_are_ones_own_and_those_of_ones_mentees(site: Any) -> None:
    tracks = site.portal.library.get(Tracks)
    with site.unit_of_work() as session:
        people = {one.username: one for one in session.scalars(select(Person))}
        start(session, tracks, tracks.by_slug["reviewing-changes"], people["newcomer"], clock.now())
        people["newcomer"].accounts = [Account(service="gerrit", username="ana", added_at=make.NOON)]
        claim(session, session.scalars(select(Request)).one().id, people["maria"], clock.now())
    assert [row["Number"] for row in rows(site, "/dashboard/changes.csv", "newcomer")] == ["1", "2"]
    assert [row["Mentee"] for row in rows(site, "/dashboard/mentees-changes.csv", "maria")] == ["Newcomer"] * 2
    (place,) = rows(site, "/dashboard/mentees-tracks.csv", "maria")
    assert (place["Mentee"], place["Steps done"], place["Standing"]) == ("Newcomer", "0", "under way")
    assert place["Next step"]
    assert 'href="/dashboard/mentees-tracks.csv"' in browser(site, "maria").get("/dashboard").text
    assert 'href="/dashboard/mentees-changes.csv"' in browser(site, "maria").get("/dashboard").text
    assert 'href="/dashboard/changes.csv"' in browser(site, "newcomer").get("/dashboard").text
    for username in ("steward", "coordinator"):
        assert rows(site, "/dashboard/changes.csv", username) == []
        assert rows(site, "/dashboard/mentees-changes.csv", username) == []
        assert rows(site, "/dashboard/mentees-tracks.csv", username) == []


def test_the_table_of_tracks_counts_who_finished(site: Any) -> None:
    found = rows(site, "/tracks/tracks.csv")
    assert found[0]["Track"] == "Your first change on Gerrit"
    assert {row["Finished by"] for row in found} == {"0"}


def test_applications_are_for_who_answers_them(site: Any) -> None:
    with site.unit_of_work() as session:
        adam = make.mentor(session, "adam")
        session.get(Mentor, adam.id).state = MentorState.APPLIED
    assert [row["Who"] for row in rows(site, "/mentoring/applications.csv", "coordinator")] == ["Adam"]


def test_the_feed_of_the_queue_has_what_began_to_wait_last_first(site: Any) -> None:
    assert titles(site, "/reviews/queue.atom") == ["=HYPERLINK(1)", "Change 2", "Change 1"]
    assert titles(site, "/reviews/queue.atom?waiting_on=reviewer&newcomer=y&sort=created") == [
        "=HYPERLINK(1)",
        "Change 1",
    ]
    first = entries(site, "/reviews/queue.atom")[0]
    assert first.findtext(f"{ATOM}id") == "tag:127.0.0.1,2026:changes/gitlab/house/floor/6"
    assert first.find(f"{ATOM}link").get("href") == "http://gerrit.test/c/6"
    told = "house/floor, 6 on GitLab. Waits for a reviewer: No response yet."
    assert first.findtext(f"{ATOM}summary") == told


def test_the_feed_of_tools_tells_why_they_need_an_owner(site: Any) -> None:
    (only,) = entries(site, "/tools/wanted.atom")
    assert only.findtext(f"{ATOM}title") == "Mapper looks for an owner"
    assert "No time left." in only.findtext(f"{ATOM}summary")
    assert only.findtext(f"{ATOM}author/{ATOM}name") == "Steward"


def test_the_feed_of_mentors_has_only_those_who_are_mentors_now(site: Any) -> None:
    with site.unit_of_work() as session:
        adam = make.mentor(session, "adam")
        session.get(Mentor, adam.id).state = MentorState.RETIRED
    assert titles(site, "/mentoring/mentors.atom") == ["Maria is a mentor now"]


@pytest.mark.parametrize("path", [*FEEDS, "/tools/toolinfo.json"])
def test_a_reader_who_has_it_is_not_sent_it_again(site: Any, path: str) -> None:
    client = site.client()
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    with site.unit_of_work() as session:
        make.mentor(session, "late")
        session.execute(update(Change).values(title="Another"))
        session.execute(update(Tool).values(changed_at=clock.now(), wanted_reason="Another"))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("/reviews/queue.csv", "csv_per_minute = 5"),
        ("/tools/toolinfo.json", "csv_per_minute = 5"),
        ("/tools/wanted.atom", "feeds_per_minute = 5"),
        ("/reviews", "lists_per_minute = 10"),
        ("/tools/", "lists_per_minute = 10"),
        ("/mentoring/mentors", "lists_per_minute = 10"),
        ("/search", "lists_per_minute = 10"),
    ],
)
def test_who_asks_too_often_is_told_how_long_to_wait(make_site: Any, path: str, setting: str) -> None:
    client = make_site(f"[limits]\n{setting}").client()
    allowed = int(setting.rpartition(" ")[2])
    answers = [client.get(path) for _ in range(allowed + 1)]
    assert [one.status_code for one in answers] == [200] * allowed + [429]
    assert answers[0].headers["X-RateLimit-Limit"] == str(allowed)
    assert answers[-2].headers["X-RateLimit-Remaining"] == "0"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize("query", ["endpoint=x", "_method=PUT", "_scheme=javascript&_external=1", "values=1"])
def test_no_name_in_an_address_can_bend_the_links_of_a_list(site: Any, query: str) -> None:
    for page in ("/reviews", "/tools/", "/mentoring/mentors"):
        answer = site.client().get(f"{page}?{query}")
        assert answer.status_code == 200
        assert 'href="javascript' not in answer.text
