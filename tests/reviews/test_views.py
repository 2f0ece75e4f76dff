"""The pages of the review queue, as a browser meets them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from portal.clients.errors import Unauthorised
from portal.contributions import jobs
from portal.forges.shapes import RemoteAccount
from portal.people.queries import by_username
from tests import make
from tests.contributions.standins import (
    ANA,
    NOW,
    TWO_SOURCES,
    StandInClients,
    StandInSource,
    change,
    commented,
    days_ago,
    fail,
    merged,
)

BEN = RemoteAccount("ben", "Ben")


@pytest.fixture
def gerrit() -> StandInSource:
    return StandInSource(
        change(1, title="Mend the gate", days=20),
        commented(2, title="Paint the <door>", days=9, answered=8, project="tools/paint"),
        merged(3, created=5, closed=4),
        change(4, title="Oil the hinge", days=1, insertions=1200, deletions=3),
    )


@pytest.fixture
def gitlab() -> StandInSource:
    veterans = [merged(number, author=BEN, created=30 - number, closed=20 - number) for number in (7, 8, 9)]
    return StandInSource(*veterans, change(10, title="Sweep the floor", author=BEN, days=2, project="house/floor"))


@pytest.fixture
def site(make_site: Any, gerrit: StandInSource, gitlab: StandInSource) -> Any:
    with time_machine.travel(NOW, tick=False):
        made = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))
        jobs.sync(made.portal)
        yield made


def titles(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="[^"]*">(.*?)</a>', page.text)


def get(site: Any, query: str = "") -> Any:
    return site.client().get(f"/reviews{query}")


def test_the_queue_shows_what_is_open_the_longest_waiting_first(site):
    page = get(site)
    assert page.status_code == 200
    assert titles(page) == ["Mend the gate", "Paint the &lt;door&gt;", "Sweep the floor", "Oil the hinge"]
    assert "4 open changes" in page.text


def test_a_row_says_whose_turn_since_when_and_why(site):
    page = get(site, "?text=paint").text
    for words in ("status-author", "8 days", "Comment", "tools/paint", "Ana", "✦ Newcomer"):
        assert words in page
    assert "+1,200 −3" in get(site, "?text=hinge").text


def test_a_change_leads_to_its_server(site):
    assert 'href="http://gerrit.test/c/4"' in get(site).text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?source=gitlab", ["Sweep the floor"]),
        ("?project=tools/paint", ["Paint the &lt;door&gt;"]),
        ("?waiting_on=author", ["Paint the &lt;door&gt;"]),
        ("?waiting_on=reviewer&source=gerrit", ["Mend the gate", "Oil the hinge"]),
        ("?newcomer=y", ["Mend the gate", "Paint the &lt;door&gt;", "Oil the hinge"]),
        ("?text=THE+HI", ["Oil the hinge"]),
        ("?text=ben", ["Sweep the floor"]),
        ("?text=%2310", ["Sweep the floor"]),
        ("?text=100%25", []),
        ("?text=_", []),
        ("?sort=-since", ["Oil the hinge", "Sweep the floor", "Paint the &lt;door&gt;", "Mend the gate"]),
        ("?sort=-created", ["Oil the hinge", "Sweep the floor", "Paint the &lt;door&gt;", "Mend the gate"]),
        ("?sort=updated&waiting_on=reviewer", ["Mend the gate", "Sweep the floor", "Oil the hinge"]),
    ],
)
def test_filters_and_orders(site, query, expected):
    assert titles(get(site, query)) == expected


def test_each_filter_that_is_set_is_a_chip_with_the_way_to_take_it_off(site):
    page = get(site, "?source=gerrit&waiting_on=reviewer&text=gate&sort=-since").text
    chips = re.findall(r'<a class="chip" href="([^"]*)">.*?</span>(.*?) <svg', page)
    assert [label for _, label in chips] == ["Source: Gerrit", "Waits for a reviewer", "“gate”"]
    assert chips[0][0] == "/reviews?waiting_on=reviewer&amp;text=gate&amp;sort=-since"


def test_what_was_filtered_is_kept_in_the_form(site):
    page = get(site, "?project=tools/paint&newcomer=y").text
    assert 'value="tools/paint"' in page
    assert re.search(r'<input checked[^>]*name="newcomer"', page)


@pytest.mark.parametrize("query", ["?source=nope", "?waiting_on=cat", "?sort=size"])
def test_a_filter_that_does_not_exist_is_said_beside_its_field(site, query):
    page = get(site, query)
    assert page.status_code == 422
    assert "Choose from the list." in page.text
    assert titles(page) == []


def test_a_cursor_that_is_none_of_ours_is_refused(site):
    assert get(site, "?cursor=rubbish").status_code == 422


def test_pages_follow_each_other_without_losing_or_repeating_a_change(make_site):
    moment = days_ago(3)
    source = StandInSource(*(change(n, created_at=moment, title=f"Change {n}") for n in range(1, 26)), size=100)
    one = TWO_SOURCES.split("[[sources]]")[1]
    with time_machine.travel(NOW, tick=False):
        site = make_site(f"[limits]\nqueue_page = 10\n[[sources]]\n{one}", StandInClients(gerrit=source))
        jobs.sync(site.portal)
        for sort in ("since", "-since", "created", "-created", "updated", "-updated"):
            seen, url = [], f"/reviews?sort={sort}"
            while url:
                page = site.client().get(url)
                seen += titles(page)
                following = re.search(r'<a class="button" href="([^"]*)" rel="next">', page.text)
                url = following[1].replace("&amp;", "&") if following else ""
            assert len(seen) == len(set(seen)) == 25


def test_the_queue_says_how_old_it_is(site):
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        page = get(site).text
    assert page.count("4 minutes ago") == 2


def test_a_source_that_failed_says_why_and_its_changes_stay(site, gitlab):
    fail(gitlab, Unauthorised("Unauthorized", status=401))
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        results = jobs.sync(site.portal)
        page = get(site)
    assert [result.ok for result in results] == [True, False]
    assert "did not accept our password or token" in page.text
    assert "What you see of it was read <time" in page.text
    assert "2 hours ago" in page.text
    assert len(titles(page)) == 4


def test_a_source_that_never_answered_says_so(make_site):
    broken = StandInSource()
    fail(broken, Unauthorised())
    with time_machine.travel(NOW, tick=False):
        site = make_site(TWO_SOURCES, StandInClients(gerrit=broken, gitlab=StandInSource()))
        jobs.sync(site.portal)
        page = get(site).text
    assert "Nothing of it could be read so far" in page
    assert "Nothing is open" in page


def test_without_a_source_the_page_says_what_an_admin_does(make_site):
    page = get(make_site())
    assert page.status_code == 200
    assert "No source is connected yet." in page.text


def test_before_the_first_sync_the_page_says_that_it_is_coming(make_site):
    assert "The first sync is not done yet." in get(make_site(TWO_SOURCES)).text


def test_when_nothing_matches_the_way_back_is_offered(site):
    page = get(site, "?text=nothing+like+this").text
    assert "No open change matches." in page
    assert '<a class="button" href="/reviews">Clear the filters</a>' in page


def test_a_source_that_left_the_settings_is_not_shown(site):
    fewer = site.portal.config.model_copy(update={"sources": site.portal.config.sources[:1]})
    object.__setattr__(site.portal, "config", fewer)
    jobs.sync(site.portal)
    page = get(site)
    assert titles(page) == ["Mend the gate", "Paint the &lt;door&gt;", "Oil the hinge"]
    assert get(site, "?source=gitlab").status_code == 422


def test_the_page_takes_few_statements_however_many_changes_there_are(site):
    seen: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    get(site, "?source=gerrit&newcomer=y&text=e")
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 2


def test_a_bot_is_called_a_bot_and_no_newcomer(make_site):
    bot = RemoteAccount("l10n-bot", "L10n-bot", is_bot=True)
    with time_machine.travel(NOW, tick=False):
        site = make_site(
            TWO_SOURCES, StandInClients(gerrit=StandInSource(change(1, author=bot)), gitlab=StandInSource())
        )
        jobs.sync(site.portal)
        page = get(site).text
    assert '<span class="tag">Bot</span>' in page
    assert "✦" not in page


# Syncs


def test_the_page_of_syncs_tells_each_run(site, gerrit):
    fail(gerrit, Unauthorised("Unauthorized", status=401))
    jobs.sync(site.portal, ["gerrit"], full=True)
    page = site.client().get("/reviews/syncs").text
    assert page.count("Done") == 2
    assert "Failed" in page
    assert "(everything)" in page
    assert "Sync now" not in page


def test_what_a_server_said_of_itself_is_for_those_who_look_after_the_sources(site, gerrit, monkeypatch):
    fail(gerrit, Unauthorised("http://gerrit.inside:8080 has no such bot", status=401))
    jobs.sync(site.portal, ["gerrit"])
    for browser in (site.client(), signed_in(site)):
        assert "gerrit.inside" not in browser.get("/reviews/syncs").text
    monkeypatch.setitem(site.app.extensions, "portal.permissions_of", lambda *_: frozenset({"reviews.sync"}))
    with site.unit_of_work() as session:
        owner = make.person(session, "owner")
    assert "gerrit.inside" in make.sign_in(site.client(), owner).get("/reviews/syncs").text


def signed_in(site: Any) -> Any:
    with site.unit_of_work() as session:
        ana = make.person(session, ANA.username)
    return make.sign_in(site.client(), ana)


def test_only_who_may_can_start_a_sync(site):
    assert signed_in(site).post("/reviews/syncs").status_code == 403
    assert len(site.client().get("/reviews/syncs").text.split("<tr>")) == 4


def test_who_may_starts_a_sync(site):
    browser = signed_in(site)
    with site.unit_of_work() as session:
        make.role(session, by_username(session, ANA.username), "queue-owner")
    assert "Sync now" in browser.get("/reviews/syncs").text
    answer = browser.post("/reviews/syncs")
    assert (answer.status_code, answer.location) == (303, "/reviews/syncs")
    site.work("contributions.sync_sources")
    assert len(browser.get("/reviews/syncs").text.split("<tr>")) == 6
