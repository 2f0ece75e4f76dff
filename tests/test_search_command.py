"""`portal search rebuild`: everything is indexed again, as often as somebody likes, beside a site that runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from portal import search_rebuild
from portal.contributions.models import CHANGE_SEARCH
from portal.core import clock, indexing
from portal.core.indexing import SWEEP, SearchDue
from portal.core.reindexing import begin_rebuild
from portal.core.search_text import parse_query
from portal.people.models import PEOPLE_SEARCH
from portal.reviews import search as change_search
from tests import make
from tests.home.test_views import add_change
from tests.test_cli import database, folder, run  # noqa: F401


@pytest.fixture
def site(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site with three pages of changes that are found, and some that were never looked at."""
    monkeypatch.setattr(indexing, "BATCH_ROWS", 2)
    monkeypatch.setattr(search_rebuild, "PAUSE_SECONDS", 0)
    with site.unit_of_work() as session:
        for number in range(1, 6):
            add_change(session, number, title=f"Zebra {number}")
        make.mentor(session, "mira")
    return site


def found(site: Any, words: str = "zebra") -> set[str]:
    with site.unit_of_work() as session:
        return {row.title for row in change_search.best(session, parse_query(words))}


def due(site: Any) -> list[tuple[str, Any]]:
    with site.unit_of_work() as session:
        return [(row.kind, row.about) for row in session.scalars(select(SearchDue).order_by(SearchDue.id))]


def test_everything_is_found_after_it_and_each_kind_is_told(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert search_rebuild.run(site.portal)
    assert len(found(site)) == 5
    assert due(site) == []
    told = capsys.readouterr().out
    counts = {"changes": 5, "people": 1, "tools": 0}
    assert sorted(told.splitlines()) == [f"✓ {kind}: {count} can be found" for kind, count in counts.items()]


def test_it_may_be_repeated_and_mends_what_was_lost_or_is_wrong(site: Any) -> None:
    search_rebuild.run(site.portal)
    with site.unit_of_work() as session:
        first = session.execute(select(CHANGE_SEARCH)).all()
        session.execute(delete(CHANGE_SEARCH).where(CHANGE_SEARCH.c.row_id == first[0].row_id))
        session.execute(update(PEOPLE_SEARCH).values(title_key=1))
    assert search_rebuild.run(site.portal)
    assert search_rebuild.run(site.portal)
    with site.unit_of_work() as session:
        assert session.execute(select(CHANGE_SEARCH)).all() == first
        assert session.execute(select(PEOPLE_SEARCH.c.title_key)).scalar_one() != 1


def test_broken_off_it_goes_on_where_it_was(
    site: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = iter([indexing.index_next, indexing.index_next, interrupted])
    with monkeypatch.context() as patch:
        patch.setattr(search_rebuild, "index_next", lambda portal: next(calls)(portal))
        assert not search_rebuild.run(site.portal)
    assert "run the command again" in capsys.readouterr().out
    walks = [kind for kind, _about in due(site)]
    assert walks
    assert search_rebuild.run(site.portal)
    assert "Goes on with what was begun before" in capsys.readouterr().out
    assert len(found(site)) == 5


def interrupted(_portal: Any) -> bool:
    raise KeyboardInterrupt


def test_who_is_interrupted_holds_nothing_up(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.unit_of_work() as session:
        begin_rebuild(session)
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "_index_some", interrupted_within)
        with pytest.raises(KeyboardInterrupt):
            indexing.index_next(site.portal)
    site.work(SWEEP)
    assert len(found(site)) == 5, "without waiting for the lease to end"


def interrupted_within(*_: Any) -> None:
    raise KeyboardInterrupt


def test_it_waits_for_a_worker_that_is_at_it(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.unit_of_work() as session:
        begin_rebuild(session)
        session.flush()
        session.execute(update(SearchDue).values(leased_until=clock.now() + timedelta(minutes=1), lease="other"))

    def other_worker_ends(_seconds: float) -> None:
        with site.unit_of_work() as session:
            session.execute(update(SearchDue).values(leased_until=None, lease=None))

    monkeypatch.setattr(search_rebuild.time, "sleep", other_worker_ends)
    assert search_rebuild.run(site.portal)
    assert len(found(site)) == 5


def test_what_fails_is_told_and_left_to_the_worker(
    site: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index_some = indexing._index_some

    def fails_for_tools(session: Any, row: SearchDue) -> None:
        if row.kind == "tools":
            raise RuntimeError
        index_some(session, row)

    monkeypatch.setattr(indexing, "_index_some", fails_for_tools)
    assert not search_rebuild.run(site.portal)
    assert "could not be indexed" in capsys.readouterr().out
    assert due(site) == [("tools", {"after": 0})]
    assert len(found(site)) == 5


def test_the_command_has_an_example_and_an_honest_exit_code(database: Any) -> None:  # noqa: F811
    told = run("search", "rebuild", "--help")
    assert "Example: portal search rebuild" in told.output
    told = run("search", "rebuild")
    assert told.exit_code == 0
    assert "changes: 0 can be found" in told.output
