"""How many tools the list has, and what its text filters find."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.lists import counted_on, following
from tests.tools.conftest import Importer, record


@pytest.fixture
def shelf(bring_in: Importer, site: Any) -> Any:
    """A browser on a catalogue of 62 tools."""
    drawers = [record(f"drawer-{n:02}", title=f"Statistics drawer {n}", keywords="statistics") for n in range(60)]
    bring_in(
        [
            *drawers,
            record(
                "robot",
                title="Éclair robot",
                keywords="bots, 100%",
                for_wikis=["fr.wikisource.org"],
                author=[{"name": "Zoë Durand", "wiki_username": "ZoeD"}],
            ),
            record(
                "wheel",
                title="Counts edits",
                keywords="bot, robots",
                for_wikis=["*.wikipedia.org"],
                author=[{"name": "Ana"}, {"name": "Zoë Durand", "developer_username": "zoe-durand"}],
            ),
        ]
    )
    return site.client()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "1 to 50 of 62 tools"),
        ("keyword=bot", "1 of 62 tools"),
        ("keyword=robo", "1 of 62 tools"),
        ("keyword=bo", "2 of 62 tools"),
        ("keyword=isti", "1 to 50 of 60 tools (62 tools without filters)"),
        ("keyword=100%25", "1 of 62 tools"),
        ("keyword=_ot", None),
        ("text=DRAWER+59", "1 of 62 tools"),
        ("text=éCLAIR", "1 of 62 tools"),
        ("text=edits+counts", "1 of 62 tools"),
        ("text=ro_ot", None),
        ("maintainer=durand", "2 of 62 tools"),
        ("maintainer=ZOED", "1 of 62 tools"),
        ("maintainer=Durand+zoe-", "1 of 62 tools"),
        ("maintainer=ZO%C3%8B&text=robot", "1 of 62 tools"),
        ("maintainer=nobody", None),
        ("keyword=stat&text=draw&sort=x", "1 to 50 of 60 tools (62 tools without filters)"),
    ],
)
def test_a_page_says_how_many_there_are_and_which_it_shows(shelf: Any, query: str, said: str | None) -> None:
    assert counted_on(shelf.get(f"/tools/?{query}")) == said


def test_the_filter_of_a_maintainer_is_shown_and_a_tool_leads_to_the_others_of_its_maintainer(shelf: Any) -> None:
    assert "Maintainer: durand" in shelf.get("/tools/?maintainer=durand").text
    assert 'href="/tools/?maintainer=ZoeD"' in shelf.get("/tools/robot").text
    assert len(shelf.get("/tools/tools.csv?maintainer=durand").text.splitlines()) == 3


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("wikisour", "Éclair robot"),
        ("fr.wikisource.org", "Éclair robot"),
        ("ipedia", "Counts edits"),
        ("*.w", "Counts edits"),
    ],
)
def test_a_part_of_a_wiki_s_name_finds_what_works_there(shelf: Any, typed: str, found: str) -> None:
    page = shelf.get(f"/tools/?keyword=bo&wiki={typed}").text
    assert [title for title in ("Éclair robot", "Counts edits") if title in page] == [found]


def test_the_next_page_keeps_the_filters_and_goes_on_counting(shelf: Any) -> None:
    first = shelf.get("/tools/?keyword=stat&text=drawer")
    second = shelf.get(following(first))
    assert "keyword=stat&text=drawer&cursor=" in following(first)
    assert counted_on(second) == "51 to 60 of 60 tools (62 tools without filters)"


def test_a_keyword_in_a_row_adds_its_filter_to_those_that_are_set(shelf: Any) -> None:
    assert 'href="/tools/?text=edits&amp;keyword=robots"' in shelf.get("/tools/?text=edits").text


@pytest.mark.parametrize("query", ["", "keyword=stat", "wiki=wikip&text=e", "type=bot"])
def test_counting_takes_at_most_one_statement_more(shelf: Any, site: Any, query: str) -> None:
    seen: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    shelf.get(f"/tools/?{query}")
    # The words of the filters, the rows, their keywords, the count.
    assert len([one for one in seen if one.startswith("SELECT")]) <= 4
