"""The page of a change: for those that have no address on their server."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from portal.contributions import jobs
from portal.contributions.models import Change, Source
from portal.people.models import Account
from portal.reviews.opportunities import fit
from tests import make
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change, commented, merged


@pytest.fixture
def site(make_site: Any) -> Any:
    gerrit = StandInSource(
        change(1, title="Mend the gate", days=20, url="", project="mediawiki/extensions/Gate"),
        commented(2, title="Paint the <door>", days=9, answered=8, url=""),
        merged(3, created=5, closed=4),
        change(4, title="", days=1, insertions=1200, deletions=3, url=""),
    )
    with time_machine.travel(NOW, tick=False):
        made = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=StandInSource()))
        jobs.sync(made.portal)
        yield made


def path_of(site: Any, number: int) -> str:
    with site.unit_of_work() as session:
        return f"/reviews/changes/{session.scalar(select(Change.id).where(Change.number == number))}"


@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_queue_leads_to_it(site: Any, number: int) -> None:
    path = path_of(site, number)
    assert f'href="{path}"' in site.client().get("/reviews").text
    assert site.client().get(path).status_code == 200


def test_a_change_with_an_address_leads_there(site: Any) -> None:
    page = site.client().get(path_of(site, 3)).text
    assert 'href="http://gerrit.test/c/3"' in page
    assert "merged" in page


def test_a_closed_change_that_nobody_answered_waits_for_no_first_answer(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(update(Change).where(Change.number == 3).values(first_response_at=None))
    assert "First answer" not in site.client().get(path_of(site, 3)).text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, ["Mend the gate", "mediawiki/extensions/Gate", "3 weeks", "No response yet", "none yet", "did not give"]),
        (2, ["Paint the &lt;door&gt;", "status-author", "Comment", "8 days"]),
        (4, ["(no title)", "+1,200", "−3", "✦ Newcomer"]),
    ],
)
def test_it_says_what_is_known(site: Any, number: int, words: list[str]) -> None:
    page = site.client().get(path_of(site, number)).text
    for word in words:
        assert word in page


def test_the_feed_and_the_front_page_lead_to_it(site: Any) -> None:
    path = path_of(site, 1)
    assert f'href="{path}"' in site.client().get("/").text
    assert f"http://127.0.0.1:8000{path}" in site.client().get("/reviews/queue.atom").text


def test_what_is_not_there_or_left_the_settings_is_told(site: Any) -> None:
    path = path_of(site, 1)
    assert site.client().get("/reviews/changes/99999").status_code == 404
    with site.unit_of_work() as session:
        for source in session.scalars(select(Source)):
            source.is_active = False
    assert site.client().get(path).status_code == 404


def test_ones_own_change_that_waits_on_oneself_is_opened_here(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.speaker(session, "anabel", python=1)
        ana.accounts = [Account(service="gerrit", username="ana", added_at=NOW - timedelta(days=9))]
    page = make.sign_in(site.client(), ana).get("/dashboard").text
    assert re.search(rf'class="button primary" href="{path_of(site, 2)}"', page)


@pytest.mark.parametrize(
    ("skills", "kind", "project", "number"),
    [
        ({"git"}, "gerrit", "tools/wiki", 1),
        ({"gerrit", "code-review"}, "gerrit", "tools/wiki", 2),
        ({"gerrit"}, "gitlab", "tools/wiki", 0),
        ({"mediawiki-extensions"}, "gerrit", "mediawiki/extensions/Gate", 1),
        ({"lua"}, "gerrit", "tools/evaluate", 0),
        ({"puppet", "sql"}, "gitlab", "operations/puppet", 1),
        (set(), "gerrit", "operations/puppet", 0),
    ],
)
def test_how_well_a_change_fits(skills: set[str], kind: str, project: str, number: int) -> None:
    assert fit(skills, Source(kind=kind), project) == number
