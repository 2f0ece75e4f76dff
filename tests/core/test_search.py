"""The words of rows in the database: the same tables from models and migrations, one walk along an index, no loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, delete, inspect, select, text

from portal.contributions.models import CHANGE_SEARCH, Change, Source
from portal.core import clock, migrations, search
from portal.core.database import Base, Database
from portal.core.feature import session_info
from portal.core.indexing import BACK_OFF, BATCH_ROWS, LEASE, SWEEP, SearchDue, queue_indexing
from portal.core.jobs import run_sweep
from portal.core.search_text import parse_query
from portal.forges.forge import forges_info
from portal.forges.table import FORGES
from portal.reviews import search as change_search
from portal.tools import search as tool_search
from portal.tools.models import TOOL_SEARCH, Tool
from tests import make
from tests.databases import Databases
from tests.home.test_views import add_change


def schema(database: Database) -> set[str]:
    """What stands behind the tables of words, as the database tells it."""
    asked = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name LIKE '%words_fts' OR type = 'trigger'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'ix_%_words_words'",
    }[database.engine.dialect.name]
    with database.engine.connect() as connection:
        return set(connection.scalars(text(asked)))


def plan(session: Any, statement: Any) -> str:
    """How the database means to answer."""
    bound = session.get_bind()
    written = str(statement.compile(bound, compile_kwargs={"literal_binds": True})).replace(":", "\\:")
    how = "EXPLAIN QUERY PLAN" if bound.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in session.execute(text(f"{how} {written}")))


@pytest.fixture
def many(site: Any) -> Any:
    """A site with as many changes as make an index worth its while, few of them about a zebra."""
    with site.unit_of_work() as session:
        first = add_change(session, 1, title="A zebra at the gate")
        columns = [column.key for column in Change.__table__.c if column.key != "id"]
        values = {column: getattr(first, column) for column in columns}
        more = ({**values, "key": f"m{n}", "number": n, "title": f"Mend gate {n}"} for n in range(1100))
        session.execute(Change.__table__.insert(), list(more))
        make.all_due(session)
    site.work(SWEEP)
    with site.unit_of_work() as session:
        session.execute(text("ANALYZE"))
    return site


def test_models_and_migrations_make_the_same_index(databases: Databases) -> None:
    made, migrated = Database(databases.fresh()), Database(databases.empty())
    migrations.upgrade(migrated.engine)
    assert len(schema(made)) == {"sqlite": 9, "postgresql": 3}[made.engine.dialect.name]
    assert schema(made) == schema(migrated)
    assert migrations.drift(migrated.engine) == []
    Base.metadata.drop_all(made.engine)
    assert schema(made) == set()
    for one in (made, migrated):
        one.dispose()
        databases.drop(one.engine.url.render_as_string(hide_password=False))


def test_the_rows_of_an_old_site_are_found_after_the_upgrade(databases: Databases, site: Any) -> None:
    info = {**session_info(site.portal.features), **forges_info(FORGES)}
    database = Database(databases.empty(), info=info)
    migrations.upgrade(database.engine, "20261202_1100")
    old = replace(site.portal, database=database)
    with site.unit_of_work() as session:
        change = add_change(session, 1, title="Zebra")
        for row in (session.get(Source, change.source_id), change):
            copy(row, database)
    migrations.upgrade(database.engine)
    run_sweep(old, SWEEP)
    with old.unit_of_work() as session:
        assert {row.title for row in change_search.best(session, parse_query("zeb"))} == {"Zebra"}
    database.dispose()
    databases.drop(database.engine.url.render_as_string(hide_password=False))


def copy(row: Any, database: Database) -> None:
    """Put a row of today into the table that another database has of that name, as far as it knows the columns."""
    table = Table(row.__tablename__, MetaData(), autoload_with=database.engine)
    mapper = inspect(row).mapper
    known = {"failures": 0} | {one.name: getattr(row, mapper.get_property_by_column(one).key) for one in mapper.columns}
    with database.engine.begin() as connection:
        moments = {name: value.replace(tzinfo=None) for name, value in known.items() if isinstance(value, datetime)}
        connection.execute(table.insert(), {name: (known | moments)[name] for name in {*table.c.keys()} & {*known}})


def planned(session: Any, words: str, before: int | None = None) -> str:
    part = search.SearchPart(change_search._shown, 51, search.terms(parse_query(words)), before=before)
    return plan(session, search.statement(session.get_bind().dialect.name, CHANGE_SEARCH, [part]))


def sqlite_walks_along_the_index_and_sorts_nothing(session: Any, words: str) -> None:
    seen = planned(session, words, before=2**62)
    assert "SCAN change_words_fts VIRTUAL TABLE INDEX" in seen
    assert "SEARCH changes USING INTEGER PRIMARY KEY" in seen
    assert "TEMP B-TREE" not in seen


def postgresql_looks_through_the_next_places_and_asks_the_index_only_then(session: Any, words: str) -> None:
    # So few rows are read as fast one after the other, or by another index.
    session.execute(text("SET LOCAL enable_seqscan = off"))
    assert "Index Scan Backward using pk_change_words" in planned(session, words)
    assert "One-Time Filter" in planned(session, words), "whether the first look was enough"
    session.execute(text("SET LOCAL enable_indexscan = off"))
    asked = "SELECT row_id FROM change_words WHERE array_to_tsvector(string_to_array(words, ' ')) @@ 'zebra'"
    assert "Bitmap Index Scan on ix_change_words_words" in plan(session, text(asked))


PLANS = {
    "sqlite": sqlite_walks_along_the_index_and_sorts_nothing,
    "postgresql": postgresql_looks_through_the_next_places_and_asks_the_index_only_then,
}


@pytest.mark.parametrize("words", ["zebra gat", "gate", "g"])
def test_a_search_walks_along_an_index(many: Any, words: str) -> None:
    with many.unit_of_work() as session:
        PLANS[session.get_bind().dialect.name](session, words)


def test_a_word_is_found_wherever_its_rows_stand(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SCAN_FIRST", 10)
    with many.unit_of_work() as session:
        found = change_search.best(session, parse_query("zebra"))
        assert [(row.part, row.title) for row in found] == [(part, "A zebra at the gate") for part in (1, 2)]
        places = [row.position for row in change_search.page(session, parse_query("gat"), None, 50)]
        assert len(places) == 51
        assert places == sorted(places, reverse=True)
        rest = [row.position for row in change_search.page(session, parse_query("gat"), places[49], 1200)]
        assert len({*places, *rest}) == 1101
        assert max(rest) < places[49], "the next page begins behind the one before"


def test_what_a_room_names_for_a_word_is_found_whole_and_not_as_a_beginning() -> None:
    (ways,) = search.terms(parse_query("jav"), also={"jav": ["java"]})
    assert {("jav", True), ("java", False)} <= set(ways)
    assert ("java", True) not in ways


def test_the_very_title_is_found_by_an_index(many: Any) -> None:
    with many.unit_of_work() as session:
        part = search.SearchPart(change_search._shown, 5, title=parse_query("mend gate 7"))
        seen = plan(session, search.statement(session.get_bind().dialect.name, CHANGE_SEARCH, [part]))
    assert "ix_change_words_title_key_place" in seen


def test_everything_is_looked_at_piece_by_piece_and_nothing_is_left_due(many: Any) -> None:
    with many.unit_of_work() as session:
        assert len(session.execute(select(CHANGE_SEARCH)).all()) == 1101 > 2 * BATCH_ROWS
        assert session.scalars(select(SearchDue)).all() == []


def test_a_sweep_that_was_killed_loses_nothing(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.unit_of_work() as session:
        add_change(session, 1, title="Zebra")
        make.all_due(session)
    with monkeypatch.context() as patch:
        patch.setattr("portal.core.indexing.remove_from_index", dies)
        with pytest.raises(Killed):
            site.work(SWEEP)
    assert words_of_changes(site) == 0
    site.work(SWEEP)
    assert words_of_changes(site) == 0, "its lease has not ended"
    with time_machine.travel(clock.now() + LEASE):
        site.work(SWEEP)
    assert words_of_changes(site) == 1


def test_what_fails_hinders_nothing_else_and_is_given_up_in_the_end(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.unit_of_work() as session:
        queue_indexing(session, "tools", {"broken": True})
        add_change(session, 1, title="Zebra")
        make.all_due(session)
    site.work(SWEEP)
    assert words_of_changes(site) == 1
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(BACK_OFF.attempts or 0):
            now.shift(BACK_OFF.longest)
            site.work(SWEEP)
    with site.unit_of_work() as session:
        [row] = session.scalars(select(SearchDue))
        assert (row.state, row.attempts) == ("given_up", BACK_OFF.attempts)


class Killed(BaseException):
    """The end of a worker, which nothing in it can catch."""


def dies(*_: Any) -> None:
    raise Killed


def words_of_changes(site: Any) -> int:
    with site.unit_of_work() as session:
        return len(session.execute(select(CHANGE_SEARCH)).all())


def test_words_of_an_unknown_kind_hold_nothing_up(site: Any) -> None:
    with site.unit_of_work() as session:
        queue_indexing(session, "unknown", {"after": 0})
        add_change(session, 1, title="Zebra")
        make.all_due(session)
    site.work(SWEEP)
    with site.unit_of_work() as session:
        found = change_search.best(session, parse_query("zebra"))
        assert [row.part for row in found] == [0, 1, 2], "by its title, by its word, and by how that begins"
        assert session.scalars(select(SearchDue)).all() == []


def test_a_row_that_is_deleted_takes_its_words_along(site: Any) -> None:
    with site.unit_of_work() as session:
        make.tool(session, "zebra")
    site.work(SWEEP)
    with site.unit_of_work() as session:
        assert len(tool_search.page(session, parse_query("zeb"), None, 5)) == 1
        session.execute(delete(Tool))
    with site.unit_of_work() as session:
        if session.get_bind().dialect.name == "sqlite":
            assert session.scalar(text("SELECT count(*) FROM tool_words_fts WHERE tool_words_fts MATCH 'zebra'")) == 0
        assert session.execute(select(TOOL_SEARCH)).all() == []


def test_the_index_stays_sound_when_rows_move(site: Any) -> None:
    for state in ("open", "merged", "open"):
        with site.unit_of_work() as session:
            change = session.query(Change).first() or add_change(session, 1, title="Zebra")
            change.state, change.title = state, f"Zebra {state}"
            make.all_due(session)
        site.work(SWEEP)
        with site.unit_of_work() as session:
            assert {row.title for row in change_search.best(session, parse_query("zebra"))} == {f"Zebra {state}"}
            if session.get_bind().dialect.name == "sqlite":
                session.execute(text("INSERT INTO change_words_fts(change_words_fts) VALUES ('integrity-check')"))


def test_what_the_demo_dialects_call_inner_is_told_apart() -> None:
    assert search.is_inner("change_words_fts")
    assert search.is_inner("tool_words_fts_data")
    assert search.is_inner("ix_people_words_words")
    assert not search.is_inner("change_words")
    assert not search.is_inner("changes")


TITLES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TITLES)
def test_whatever_a_change_is_called_its_own_words_find_it(site: Any, title: str) -> None:
    with site.unit_of_work() as session:
        session.execute(delete(Change))
        add_change(session, 1, title=title)
        make.all_due(session)
    site.work(SWEEP)
    query = parse_query(title)
    with site.unit_of_work() as session:
        for words in (query, *(parse_query(word) for word in title.split())):
            assert not words or [row.title for row in change_search.best(session, words)][:1] == [title]
