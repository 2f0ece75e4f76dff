"""The second walkthrough, over HTTP at both ends: a change on Gerrit comes into the queue and follows its turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.fakes import FakeGerrit, server_error

SYNC = "contributions.sync_sources"
NEXT_SYNC = timedelta(minutes=6)


@pytest.fixture
def gerrit() -> Iterator[FakeGerrit]:
    with FakeGerrit() as server:
        yield server


@pytest.fixture
def site(make_site: Any, gerrit: FakeGerrit) -> Any:
    """A portal with the clients it has in real life."""
    return make_site(f'[[sources]]\nslug = "ours"\nkind = "gerrit"\nname = "Our Gerrit"\nurl = "{gerrit.url}"\n')


def row(site: Any, title: str, query: str = "") -> str:
    """What the queue's row about this change says, without its markup; empty when it is not there."""
    page = site.client().get(f"/reviews?{query}").text
    rows = re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", next((one for one in rows if title in one), "")).split())


def test_a_change_follows_its_turns_through_the_queue(site: Any, gerrit: FakeGerrit) -> None:
    now = datetime.now(UTC)
    assert "The first sync is not done yet." in site.client().get("/reviews").text
    gerrit.add_change(7, subject="Colour the links", owner="nora", created=now - timedelta(days=9))

    # It comes by itself: somebody new waits for a first word, for nine days.
    site.work(SYNC)
    told = row(site, "Colour the links", "newcomer=yes&waiting_on=reviewer")
    for word in ("Reviewer", "9 days", "Nora", "Newcomer"):
        assert word in told
    assert "Our Gerrit" in site.client().get("/reviews").text

    # A reviewer asks something: the turn is the author's from the next sync on.
    with time_machine.travel(now + NEXT_SYNC):
        gerrit.now = now + NEXT_SYNC - timedelta(minutes=1)
        gerrit.touch(7, text="Patch Set 1:\n\nWhich page shows it?", by="rita")
        site.work(SYNC)
        assert row(site, "Colour the links").startswith("Author")
        assert not row(site, "Colour the links", "waiting_on=reviewer")

    # The server is out of order: the row stays, with the reason and the age of what is shown.
    with time_machine.travel(now + 2 * NEXT_SYNC):
        gerrit.trouble = server_error(503)
        site.work(SYNC)
        page = site.client().get("/reviews").text
        assert "What you see of it was read" in page
        assert "Colour the links" in page

    # It is merged: nobody waits any more; other programs still find it.
    with time_machine.travel(now + timedelta(hours=2)):
        gerrit.trouble, gerrit.now = None, now + timedelta(hours=1)
        gerrit.merge(7)
        site.work(SYNC)
        assert "Nothing is open." in site.client().get("/reviews").text
        (item,) = site.client().get("/api/v1/changes?source=ours&state=merged").json["items"]
        assert (item["number"], item["waiting_on"], item["waiting_reason"]) == (7, "nobody", None)
        assert item["first_response_at"].endswith("Z")
