"""The words of rows in the database: the same tables from models and migrations, one walk along an index, no loss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from portal.core import migrations, search
from portal.core.database import Base, Database
from portal.core.indexing import ROWS_AT_ONCE, SWEEP, SearchDue, note_due
from portal.core.jobs import run_sweep
from portal.core.words import question
from portal.reviews import finding
from portal.reviews.models import CHANGE_WORDS, Change
from portal.tools.models import TOOL_WORDS, Tool
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
    database = Database(databases.empty())
    migrations.upgrade(database.engine, "20261202_1100")
    old = replace(site.portal, database=database)
    with old.unit_of_work() as session:
        add_change(session, 1, title="Zebra")
    migrations.upgrade(database.engine)
    run_sweep(old, SWEEP)
    with old.unit_of_work() as session:
        assert {row.title for row in finding.best(session, question("zeb"))} == {"Zebra"}
    database.dispose()
    databases.drop(database.engine.url.render_as_string(hide_password=False))


def test_a_question_is_answered_by_the_index_without_sorting(many: Any) -> None:
    with many.unit_of_work() as session:
        hits = search.hits(session, CHANGE_WORDS, search.terms(question("zebra gat")), before=2**62)
        if session.get_bind().dialect.name == "sqlite":
            seen = plan(session, search.in_turn((finding._shown(hits), 51)))
            assert "SCAN change_words_fts VIRTUAL TABLE INDEX" in seen
            assert "SEARCH changes USING INTEGER PRIMARY KEY" in seen
            assert "TEMP B-TREE" not in seen
        else:
            # So few rows are read as fast one after the other.
            session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"))
            assert "Bitmap Index Scan on ix_change_words_words" in plan(session, select(hits.c.row_id))


def test_a_word_that_all_rows_have_is_not_gathered_and_sorted(many: Any) -> None:
    with many.unit_of_work() as session:
        hits = search.hits(session, CHANGE_WORDS, search.terms(question("gate")))
        seen = plan(session, search.in_turn((finding._shown(hits), 6)))
    assert "TEMP B-TREE" not in seen
    assert "Sort" not in seen


def test_the_very_title_is_found_by_an_index(many: Any) -> None:
    with many.unit_of_work() as session:
        seen = plan(session, search.in_turn((finding._shown(search.titled(CHANGE_WORDS, question("mend gate 7"))), 5)))
    assert "ix_change_words_title_key_place" in seen


def test_everything_is_looked_at_piece_by_piece_and_nothing_is_left_due(many: Any) -> None:
    with many.unit_of_work() as session:
        assert len(session.execute(select(CHANGE_WORDS)).all()) == 1101 > 2 * ROWS_AT_ONCE
        assert session.scalars(select(SearchDue)).all() == []


def test_a_sweep_that_was_killed_loses_nothing(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.unit_of_work() as session:
        add_change(session, 1, title="Zebra")
        make.all_due(session)
    with monkeypatch.context() as patch:
        patch.setattr("portal.core.indexing.forget", lambda *_: 1 / 0)
        site.work(SWEEP)
    with site.unit_of_work() as session:
        assert session.execute(select(CHANGE_WORDS)).all() == []
    site.work(SWEEP)
    with site.unit_of_work() as session:
        assert len(session.execute(select(CHANGE_WORDS)).all()) == 1


def test_words_of_an_unknown_kind_hold_nothing_up(site: Any) -> None:
    with site.unit_of_work() as session:
        note_due(session, "unknown", {"after": 0})
        add_change(session, 1, title="Zebra")
        make.all_due(session)
    site.work(SWEEP)
    with site.unit_of_work() as session:
        assert len(finding.best(session, question("zebra"))) == 2, "by its title, and by its word"
        assert session.scalars(select(SearchDue)).all() == []


def test_a_row_that_is_deleted_takes_its_words_along(site: Any) -> None:
    with site.unit_of_work() as session:
        make.tool(session, "zebra")
    site.work(SWEEP)
    with site.unit_of_work() as session:
        hits = search.hits(session, TOOL_WORDS, search.terms(question("zeb")))
        assert len(session.execute(select(hits)).all()) == 1
        session.execute(delete(Tool))
    with site.unit_of_work() as session:
        assert session.execute(select(hits)).all() == []
        assert session.execute(select(TOOL_WORDS)).all() == []


def test_the_index_stays_sound_when_rows_move(site: Any) -> None:
    for state in ("open", "merged", "open"):
        with site.unit_of_work() as session:
            change = session.query(Change).first() or add_change(session, 1, title="Zebra")
            change.state, change.title = state, f"Zebra {state}"
            make.all_due(session)
        site.work(SWEEP)
        with site.unit_of_work() as session:
            assert {row.title for row in finding.best(session, question("zebra"))} == {f"Zebra {state}"}
            if session.get_bind().dialect.name == "sqlite":
                session.execute(text("INSERT INTO change_words_fts(change_words_fts) VALUES ('integrity-check')"))


def test_what_the_demo_dialects_call_inner_is_told_apart() -> None:
    assert search.is_inner("change_words_fts")
    assert search.is_inner("tool_words_fts_data")
    assert search.is_inner("ix_people_words_words")
    assert not search.is_inner("change_words")
    assert not search.is_inner("changes")
