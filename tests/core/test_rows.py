"""What the database says to a write: a key that is taken is a race, every other broken constraint is our fault."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from structlog.testing import capture_logs

from portal.contributions.models import ChangeAuthor, Source, Sync
from portal.core import access, rows, web
from portal.core.errors import Conflict
from portal.core.logs import traceback_of
from portal.people.models import Person
from portal.roles.models import RoleHolder
from tests import make

FAULTS = {
    "a foreign key": lambda _: RoleHolder(person_id=4242, role="mentor", since=make.NOON),
    "a column without a value": lambda _: Person(username="bob", display_name="Bob", created_at=make.NOON),
}
"""Rows that no database takes, although no key of theirs is taken."""
TAKEN = {
    "a unique column": lambda ana: Person(
        username=ana.username, display_name="B", password_hash="-", created_at=make.NOON
    ),
    "a primary key": lambda ana: Person(
        id=ana.id, username="bob", display_name="Bob", password_hash="-", created_at=make.NOON
    ),
}
"""Rows for which somebody else was faster."""


@pytest.mark.parametrize("what", FAULTS)
def test_a_broken_constraint_is_not_taken_for_a_race(site: Any, what: str) -> None:
    with pytest.raises(IntegrityError), site.unit_of_work() as session, rows.insert_unless_taken(session, Conflict("")):
        session.add(FAULTS[what](None))


@pytest.mark.parametrize("what", TAKEN)
def test_a_taken_key_is_refused_with_the_sentence_given_and_the_session_goes_on(site: Any, what: str) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    with site.unit_of_work() as session:
        with pytest.raises(Conflict, match="Too late"), rows.insert_unless_taken(session, Conflict("Too late.")):
            session.add(TAKEN[what](ana))
        make.person(session, "carla")


def test_a_check_that_fails_is_not_taken_for_a_race(site: Any) -> None:
    with site.unit_of_work() as session:
        session.execute(text("CREATE TABLE levels (level INTEGER CHECK (level < 5))"))
        with pytest.raises(IntegrityError), rows.insert_unless_taken(session, Conflict("")):
            session.execute(text("INSERT INTO levels VALUES (7)"))


def test_a_row_is_inserted_once_however_often_it_is_asked_for(site: Any) -> None:
    values = {"username": "ana", "display_name": "Ana", "password_hash": "-", "created_at": make.NOON, "language": "en"}
    row = insert(Person).values(**values, session_epoch=0)
    with site.unit_of_work() as session:
        assert rows.inserted(session, row)
        assert not rows.inserted(session, row)


def test_an_update_tells_whether_its_row_was_still_so(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        once = update(Person).where(Person.id == ana.id, Person.language == "en").values(language="fr")
        ana.language = "en"
        session.flush()
        assert rows.updated_one_row(session, once)
        assert not rows.updated_one_row(session, once)


def answer_to(site: Any, make_row: Any) -> tuple[Any, list[dict[str, Any]]]:
    """A browser's answer from a view that stores this row, and what the log says of it."""

    @access.guard(access.anyone)
    def store() -> str:
        web.db().add(make_row())
        return "Stored."

    site.app.add_url_rule("/store", "store", store, methods=["POST"])
    with capture_logs() as lines:
        return site.client().post("/store"), [line for line in lines if line["log_level"] in {"error", "warning"}]


@pytest.mark.parametrize("what", FAULTS)
def test_a_broken_constraint_is_a_failure_of_ours_and_an_error_in_the_log(site: Any, what: str) -> None:
    answer, lines = answer_to(site, lambda: FAULTS[what](None))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "faster" not in answer.text
    assert [line["log_level"] for line in lines] == ["error"]


def test_the_log_of_a_broken_constraint_holds_its_place_and_not_what_was_typed(site: Any) -> None:
    typed = {"username": "bob-the-secret", "display_name": "Bob", "created_at": make.NOON}
    _answer, lines = answer_to(site, lambda: Person(**typed))
    # What is captured here is not written yet: the error itself stands in it, of which a log says no more than this.
    logged = traceback_of(lines[0].pop("exc_info"))
    assert "password_hash" in logged
    assert "_settle" in logged
    assert "bob-the-secret" not in logged + str(lines)


@pytest.mark.parametrize("what", TAKEN)
def test_a_key_that_was_taken_meanwhile_is_told_as_a_lost_race(site: Any, what: str) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    answer, lines = answer_to(site, lambda: TAKEN[what](ana))
    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.text
    assert [line["log_level"] for line in lines] == ["warning"]


class FakeDriverError(Exception):
    """What the driver of a database that no test runs on raises."""


def test_mariadb_names_a_taken_key_by_a_number() -> None:
    taken, broken = FakeDriverError(1062, "Duplicate entry"), FakeDriverError(1452, "Cannot add or update a child row")
    assert rows.is_unique_violation(IntegrityError("INSERT", {}, taken))
    assert not rows.is_unique_violation(IntegrityError("INSERT", {}, broken))


def test_many_rows_are_written_as_their_columns_write_them(site: Any) -> None:
    later = make.NOON.astimezone(timezone(timedelta(hours=5)))
    syncs = [
        {"source_id": 1, "started_at": moment, "finished_at": None, "is_full": full, "pages": 2, "changes": 3}
        | {"new_changes": 0, "outcome": "done", "failure": "", "failure_detail": "l'été"}
        for moment, full in ((make.NOON, True), (later, False))
    ]
    with site.unit_of_work() as session:
        session.add(Source(id=1, slug="one", kind="gerrit", name="One", url="", due_at=make.NOON))
        session.flush()
        rows.insert_rows(session, Sync.__table__, syncs)
    with site.unit_of_work() as session:
        stored = session.scalars(select(Sync).order_by(Sync.id)).all()
        assert [(row.started_at, row.is_full) for row in stored] == [(make.NOON, True), (make.NOON, False)]
        assert {(row.finished_at, row.pages, row.failure_detail) for row in stored} == {(None, 2, "l'été")}


def test_many_rows_with_a_broken_constraint_are_refused_and_a_moment_without_a_zone_too(site: Any) -> None:
    row = {"source_id": 4242, "username": "ana", "is_due": True, "asked_before": None, "asked_merged": 0}
    with pytest.raises(IntegrityError), site.unit_of_work() as session:
        rows.insert_rows(session, ChangeAuthor.__table__, [row])
    nowhere = row | {"asked_before": datetime(2026, 1, 1)}  # noqa: DTZ001  # that is what is tried
    with pytest.raises((StatementError, ValueError), match="time zone"), site.unit_of_work() as session:
        rows.insert_rows(session, ChangeAuthor.__table__, [nowhere])
