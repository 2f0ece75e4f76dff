"""The page of a tool shows the open changes of its repository, as the review queue knows them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from portal.contributions.models import Change, Source
from portal.core import clock
from tests import make
from tests.tools.conftest import Importer, record

SOURCES = """
[[sources]]
slug = "gerrit"
kind = "gerrit"
name = "Our Gerrit"
url = "https://git.example.org/r"

[[sources]]
slug = "gitlab"
kind = "gitlab"
name = "Our GitLab"
url = "https://lab.example.org"

[[sources]]
slug = "gerrit-too"
kind = "gerrit"
name = "The rest of Gerrit"
url = "https://git.example.org/r"
"""


@pytest.fixture
def site(make_site: Any) -> Any:
    """A site with sources, of which nothing is open yet."""
    site = make_site(SOURCES)
    with site.unit_of_work() as session:
        for slug, name in (("gerrit", "Our Gerrit"), ("gitlab", "Our GitLab"), ("gerrit-too", "The rest of Gerrit")):
            session.add(Source(slug=slug, kind="gerrit", name=name, url="https://x.example.org", due_at=make.NOON))
    return site


def open_change(site: Any, title: str, *, source: str = "gerrit", days: int = 1, **values: Any) -> None:
    """A change of the repository has been open for some days."""
    since = clock.now() - timedelta(days=days)
    moments = dict.fromkeys(("created_at", "updated_at", "waiting_since"), since)
    known = {"project": "tools/maps", "state": "open", "waiting_on": "reviewer", "waiting_reason": "no_response"}
    whose = {"author_username": "ana", "author_name": "Ana", "author_is_bot": False, "is_newcomer": False}
    with site.unit_of_work() as session:
        here = session.query(Source).filter_by(slug=source).one().id
        known |= {"source_id": here, "key": title, "number": 7, "url": f"https://x.example.org/{days}", "patchsets": 1}
        session.add(Change(title=title, work_in_progress=False, **{**known, **whose, **moments, **values}))


def shown(site: Any) -> list[str]:
    """The titles of the changes on the tool's page, in order."""
    return re.findall(r'class="grow" dir="auto"><a href="[^"]*">([^<]*)', site.client().get("/tools/mapper").text)


def test_the_page_of_a_tool_says_whose_turn_it_is_and_since_when(site: Any, bring_in: Importer) -> None:
    bring_in(record(repository="https://git.example.org/r/plugins/gitiles/tools/maps/+/refs/heads/main"))
    open_change(site, "Mend the <b>scale</b>", days=9)
    open_change(site, "Draw rivers", days=2, waiting_on="author", waiting_reason="comment")
    page = site.client().get("/tools/mapper").text
    assert shown(site) == ["Mend the &lt;b&gt;scale&lt;/b&gt;", "Draw rivers"]
    assert "its author’s" in page
    assert "a reviewer’s" in page
    assert "9 days" in page
    assert 'href="/reviews?source=gerrit&amp;project=tools/maps"' in page
    queue = site.client().get("/reviews?source=gerrit&project=tools/maps").text
    assert "Draw rivers" in queue


def test_merged_changes_and_those_of_other_projects_and_servers_stay_away(site: Any, bring_in: Importer) -> None:
    bring_in(record(repository="https://git.example.org/r/tools/maps.git"))
    open_change(site, "Elsewhere", project="tools/maps-2")
    open_change(site, "Another server", source="gitlab")
    open_change(site, "Merged", state="merged")
    page = site.client().get("/tools/mapper").text
    assert shown(site) == []
    assert "No change of its repository is open right now." in page
    assert 'href="/reviews?source=gerrit"' in page


def test_five_are_shown_and_the_queue_has_the_rest(site: Any, bring_in: Importer) -> None:
    bring_in(record(repository="https://lab.example.org/tools/maps.git"))
    for days in range(1, 9):
        open_change(site, f"Waits {days}", source="gitlab", days=days)
    assert shown(site) == [f"Waits {days}" for days in (8, 7, 6, 5, 4)]


def test_two_sources_on_one_server_are_both_looked_at(site: Any, bring_in: Importer) -> None:
    bring_in(record(repository="https://git.example.org/r/tools/maps"))
    open_change(site, "Seen by the second", source="gerrit-too")
    assert shown(site) == ["Seen by the second"]
    assert "The rest of Gerrit" in site.client().get("/tools/mapper").text


@pytest.mark.parametrize(
    "values", [{}, {"repository": "https://other.example.org/tools/maps"}, {"repository": "https://git.example.org/r/"}]
)
def test_a_tool_without_a_repository_on_a_source_says_nothing_of_changes(
    site: Any,
    bring_in: Importer,
    values: Any,
) -> None:
    bring_in(record(**values))
    open_change(site, "Nobody’s")
    page = site.client().get("/tools/mapper").text
    assert "open changes" not in page.partition("<main")[2]
    assert shown(site) == []


def test_a_source_that_left_the_settings_is_passed_over(site: Any, bring_in: Importer) -> None:
    bring_in(record(repository="https://git.example.org/r/tools/maps"))
    open_change(site, "Gone")
    with site.unit_of_work() as session:
        session.query(Source).filter_by(slug="gerrit").one().is_active = False
    assert shown(site) == []


def test_the_changes_cost_the_page_one_statement(site: Any, bring_in: Importer) -> None:
    def statements() -> int:
        seen: list[str] = []
        engine = site.portal.database.engine
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        assert site.client().get("/tools/mapper").status_code == 200
        event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    bring_in(record())
    bare = statements()
    bring_in(record(repository="https://git.example.org/r/tools/maps"))
    assert statements() == bare + 1
    for days in range(1, 40):
        open_change(site, f"Waits {days}", days=days)
    assert statements() == bare + 1
