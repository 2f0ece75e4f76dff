"""How many changes the queue has, which of them stand on the page, and what its text filters find."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from portal.contributions import jobs
from portal.contributions.queries import open_projects_with
from portal.forges.shapes import RemoteAccount
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change, merged
from tests.lists import counted_on, following

PROJECTS = ("mediawiki/core", "mediawiki/extensions/Echo", "wikimedia/fundraising/crm", "Tools/Écho_100%")
ELSE = RemoteAccount("zoe", "Zoë Ångström")


@pytest.fixture
def site(make_site: Any) -> Any:
    gerrit = StandInSource(
        *(change(n, days=n, project=PROJECTS[n % 4], title=f"Étude number {n}: open gates") for n in range(1, 24)),
        merged(90, created=9, closed=8)._replace(project="mediawiki/vendor"),
    )
    gitlab = StandInSource(change(77, days=3, project="core", title="Bake the bread", author=ELSE))
    with time_machine.travel(NOW, tick=False):
        made = make_site(f"[limits]\nqueue_page = 10\n{TWO_SOURCES}", StandInClients(gerrit=gerrit, gitlab=gitlab))
        jobs.sync(made.portal)
        yield made


def get(site: Any, query: str = "") -> Any:
    return site.client().get(f"/reviews{query}")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "1 to 10 of 24 changes"),
        ("?source=gerrit", "1 to 10 of 23 changes (24 changes without filters)"),
        ("?source=gitlab", "1 of 24 changes"),
        ("?project=extensions", "6 of 24 changes"),
        ("?text=etude&waiting_on=reviewer", None),
        ("?text=étude&waiting_on=reviewer", "1 to 10 of 23 changes (24 changes without filters)"),
        ("?newcomer=y&sort=-created", "1 to 10 of 24 changes (24 changes without filters)"),
    ],
)
def test_a_page_says_how_many_there_are_and_which_it_shows(site: Any, query: str, said: str | None) -> None:
    assert counted_on(get(site, query)) == said


def test_filters_say_how_many_changes_wait_for_whom_and_how_many_each_project_has(site: Any) -> None:
    page = get(site).text
    assert '<option value="reviewer">A reviewer (24)</option>' in page
    assert '<option value="author">Its author (0)</option>' in page
    assert '<option value="mediawiki/core" label="mediawiki/core (5)"></option>' in page
    assert '<option value="core" label="core (1)"></option>' in page


def test_further_pages_go_on_counting_and_keep_the_filters(site: Any) -> None:
    seen, url = [], "/reviews?text=gates&sort=-since"
    while url:
        page = site.client().get(url)
        seen.append(counted_on(page))
        url = following(page)
        assert not url or "text=gates&sort=-since" in url
    assert [said.partition(" (")[0] for said in seen] == [
        f"{one} of 23 changes" for one in ("1 to 10", "11 to 20", "21 to 23")
    ]


def test_a_cursor_from_before_cursors_counted_still_leads_on_without_a_place(site: Any) -> None:
    old = "WyIyMDI2LTExLTAxVDAwOjAwOjAwKzAwOjAwIiwxXQ"
    assert re.fullmatch(r"\d+ of 24 changes", counted_on(get(site, f"?cursor={old}")) or "")


@pytest.mark.parametrize(
    ("typed", "many"),
    [
        ("mediawiki/core", 5),
        ("MEDIAWIKI/CORE", 5),
        ("core", 1),
        ("medi", 17),
        ("fund", 6),
        ("raising", 6),
        ("écho", 6),
        ("ÉCHO", 6),
        ("wiki crm", 6),
        ("100%", 6),
        ("0%25_", 0),
        ("_1", 6),
        ("c_re", 0),
        ("vendor", 0),
    ],
)
def test_a_project_is_found_by_its_name_or_by_any_part_of_it(site: Any, typed: str, many: int) -> None:
    said = counted_on(get(site, f"?project={typed}"))
    assert (re.findall(r"of (\d+)", said)[0] if said and "to" in said else (said or "0").split()[0]) == str(many)


@pytest.mark.parametrize("typed", ["zo", "ångst", "ÅNGSTRÖM", "bread bake", "77", "!77", "rea"])
def test_words_are_found_in_part_and_in_any_order(site: Any, typed: str) -> None:
    assert "Bake the bread" in get(site, f"?text={typed}").text


def test_a_link_in_a_row_adds_its_filter_to_those_that_are_set(site: Any) -> None:
    page = get(site, "?newcomer=y&sort=-since&text=gates").text
    assert 'href="/reviews?newcomer=y&amp;sort=-since&amp;text=gates&amp;project=mediawiki%2Fcore"' in page


@pytest.mark.parametrize("query", ["", "?source=gerrit", "?text=e&newcomer=y", "?project=medi&waiting_on=reviewer"])
def test_counting_takes_at_most_one_statement_more(site: Any, query: str) -> None:
    seen: list[str] = []
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    get(site, query)
    selects = [one for one in seen if one.startswith(("SELECT", "WITH"))]
    # The sources, the rows, the count; and twice which projects a part of a name means.
    assert len(selects) <= (5 if "project" in query else 3)
    assert all("LIMIT" in one for one in selects if "count(" in one.lower())


def test_projects_are_read_from_name_to_name_along_an_index(site: Any) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if connection.dialect.name == "sqlite" and "RECURSIVE" in statement and "EXPLAIN" not in statement:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row.detail for row in rows)

    with site.unit_of_work() as session:
        event.listen(site.portal.database.engine, "before_cursor_execute", explain)
        assert sorted(open_projects_with(session, "co", 9)) == ["core", "mediawiki/core"]
    if plans:
        read = [plan for plan in plans if " changes " in plan]
        assert read and all("ix_changes_open_project" in plan for plan in read)
