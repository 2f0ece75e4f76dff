"""The JSON API: what it answers, how it pages, and how it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from portal.contributions import jobs
from portal.forges.shapes import RemoteAccount
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change, commented, merged

BEN = RemoteAccount("ben", "Ben", is_bot=True)


@pytest.fixture
def site(make_site: Any) -> Any:
    gerrit = StandInSource(
        change(1, days=20), commented(2, days=9, answered=8), *(merged(n, created=n, closed=2) for n in (3, 4, 5))
    )
    gitlab = StandInSource(change(6, author=BEN, days=2, work_in_progress=True, project="house/floor"))
    with time_machine.travel(NOW, tick=False):
        made = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))
        jobs.sync(made.portal)
        yield made


def get(site: Any, query: str = "") -> Any:
    return site.client().get(f"/api/v1/changes{query}")


def numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json["items"]]


def test_an_item_says_everything_with_times_in_utc_and_null_for_what_is_absent(site):
    item = get(site, "?source=gitlab").json["items"][0]
    assert item == {
        "source": "gitlab",
        "kind": "gitlab",
        "project": "house/floor",
        "number": 6,
        "url": "http://gerrit.test/c/6",
        "title": "Change 6",
        "state": "open",
        "author": {"username": "ben", "name": "Ben", "is_bot": True},
        "created_at": "2026-11-18T12:00:00Z",
        "updated_at": "2026-11-18T12:00:00Z",
        "patchsets": 1,
        "first_response_at": None,
        "waiting_on": "author",
        "waiting_since": "2026-11-18T12:00:00Z",
        "waiting_reason": "work_in_progress",
        "is_newcomer": True,
        "work_in_progress": True,
    }


def test_without_filters_it_lists_everything_the_latest_created_first(site):
    answer = get(site)
    assert numbers(answer) == [6, 3, 4, 5, 2, 1]
    assert answer.json["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?source=gerrit&state=open", [2, 1]),
        ("?state=merged", [3, 4, 5]),
        ("?state=abandoned", []),
        ("?waiting_on=author", [6, 2]),
        ("?waiting_on=reviewer", [1]),
        ("?waiting_on=nobody", [3, 4, 5]),
        ("?waiting_on=author&state=merged", []),
        ("?newcomer=true&state=open", [6, 2, 1]),
        ("?newcomer=false", []),
        ("?author=ben", [6]),
        ("?project=house/floor", [6]),
        ("?project=house", []),
        ("?source=unknown", []),
    ],
)
def test_filters(site, query, expected):
    assert numbers(get(site, query)) == expected


def test_a_closed_change_waits_on_nobody_for_no_reason(site):
    item = get(site, "?state=merged&limit=1").json["items"][0]
    assert (item["waiting_on"], item["waiting_reason"]) == ("nobody", None)
    assert item["waiting_since"] == "2026-11-18T12:00:00Z"


@pytest.mark.parametrize("limit", [1, 2, 4, 200])
def test_following_next_meets_each_change_once(site, limit):
    seen, cursor = [], ""
    while cursor is not None:
        answer = get(site, f"?limit={limit}&cursor={cursor}" if cursor else f"?limit={limit}")
        seen += numbers(answer)
        cursor = answer.json["next"]
    assert seen == [6, 3, 4, 5, 2, 1]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "limit=1&limit=2",
        "cursor=rubbish",
        "cursor=é",
        "state=closed",
        "waiting_on=everybody",
        "newcomer=perhaps",
        "source=",
        "project=%00",
        "author=" + "x" * 300,
        "colour=red",
    ],
)
def test_a_bad_parameter_is_named(site, query):
    answer = get(site, f"?{query}")
    assert answer.status_code == 422
    assert answer.json["error"]["field"] == query.split("=")[0]


def test_what_is_not_there_is_answered_as_json_too(site):
    answer = site.client().get("/api/v1/nothing")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, 404)
