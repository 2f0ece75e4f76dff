"""Whatever lists something has something in it in the demo, also what is uncomfortable."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from portal import demo
from tests.access.routes import read_table
from tests.demo.conftest import signed_in
from tests.demo.lists import LIST_NOTHING, LISTS

GETS = [route.removeprefix("GET ") for route in read_table() if route.startswith("GET ")]
README = Path(__file__).parents[2] / "README.md"


def test_every_route_either_lists_something_or_is_said_to_list_nothing() -> None:
    rest = [route for route in GETS if route not in LISTS and not route.startswith(LIST_NOTHING)]
    assert rest == [], "say in tests/demo/lists.py who of the demo sees something there"
    assert sorted(LISTS.keys() - set(GETS)) == []


@pytest.mark.parametrize("route", LISTS)
def test_a_list_of_the_demo_has_something_in_it(community: Any, route: str) -> None:
    path, who = LISTS[route]
    browser = signed_in(community, who) if who else community.app.test_client()
    answer = browser.get(path)
    assert answer.status_code == 200
    if route.endswith(".csv"):
        assert len(list(csv.reader(io.StringIO(answer.text)))) > 1
    elif route.endswith(".atom"):
        assert "<entry>" in answer.text
    elif answer.is_json:
        assert any(isinstance(part, list) and part for part in [answer.json, *_parts(answer.json)])
    else:
        assert 'class="empty"' not in answer.text


def _parts(answer: Any) -> list[Any]:
    return list(answer.values()) if isinstance(answer, dict) else []


@pytest.mark.parametrize(
    ("who", "path", "words"),
    [
        ("coordinator", "/mentoring/coordinate", "5 weeks"),
        ("coordinator", "/mentoring/applications", "Lindiwe"),
        ("admin", "/roles/mentoring-coordinator", "Wanjiru"),
        ("admin", "/roles/track-author", "a track about icons"),
        ("maintainer", "/tools/heritage-api", "could take the deployment over"),
        ("mei", "/mentoring/apply", "something else, too"),
        ("piotr", "/mentoring/", "Expired"),
        ("freya", "/mentoring/", "away"),
        ("teodor", "/notices", "open again"),
        ("", "/reviews/syncs", "did not answer in time"),
    ],
)
def test_what_is_uncomfortable_is_there(community: Any, who: str, path: str, words: str) -> None:
    browser = signed_in(community, who) if who else community.app.test_client()
    assert words in browser.get(path).text


def test_a_recorded_change_leads_to_a_page_that_says_why_it_leads_no_further(community: Any) -> None:
    browser = community.app.test_client()
    paths = re.findall(r'href="(/reviews/changes/\d+)"', browser.get("/reviews").text)
    assert len(paths) == 50
    for path in paths[:3]:
        page = browser.get(path).text
        assert "recorded on a real server in 2012" in page
        assert re.search(r"(Contributor|Service) \d+", page)
        assert "gerrit.wikimedia.org" not in page


def test_the_readme_names_everybody_whom_the_demo_names(community: Any) -> None:
    sentence = next(line for line in README.read_text().splitlines() if line.startswith("Sign in as"))
    (told,) = demo.sign_ins(community)
    for name in demo.SIGN_INS:
        assert f"`{name}`" in sentence
        assert name in told
        assert signed_in(community, name).get("/dashboard").status_code == 200
    assert tuple(re.findall(r"`([a-z]+)`", sentence)) == demo.SIGN_INS
    assert "demo-portal-2026" in sentence


def test_half_a_request_outlasts_a_session_that_ended(community: Any) -> None:
    first = signed_in(community, "newcomer")
    page = first.get("/mentoring/ask").text
    marks = {name: _hidden(page, name) for name in ("csrf_token", "form_key", "form_page")}
    assert first.post("/people/sign-out", data={"csrf_token": marks["csrf_token"]}).status_code == 303
    sent = {**marks, "goal": "I want to mend the gadget of dates.", "languages": "en"}
    door = first.post("/mentoring/ask", data=sent)
    assert "/people/sign-in" in door.location
    data = {"username": "newcomer", "password": "demo-portal-2026"}
    back = first.post(door.location, data=data)
    assert "I want to mend the gadget of dates." in first.get(back.location).text


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]
