"""How many notices somebody has, and which of them stand on the page."""

from __future__ import annotations

from typing import Any

import pytest

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core import clock
from tests import make
from tests.lists import counted_on, following

GIVEN = {"role": "mentor", "reason": "Good.", "until": None, "link": link("roles.show", slug="mentor")}


@pytest.mark.parametrize(
    ("many", "said"),
    [(0, [None]), (1, ["1 notice"]), (30, ["30 notices"]), (31, ["1 to 30 of 31 notices", "Number 31 of 31 notices"])],
)
def test_the_page_says_how_many_notices_there_are(site: Any, many: int, said: list[str | None]) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        for _ in range(many):
            record(session, "roles.appointed", actor=None, values=GIVEN, tell=[ana], now=clock.now())
    browser, url, seen = make.sign_in(site.client(), ana), "/notices", []
    while url:
        page = browser.get(url)
        seen.append(counted_on(page))
        url = following(page)
    assert seen == said
