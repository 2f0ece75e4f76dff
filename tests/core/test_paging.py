"""Cursors come back as they went, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.core.errors import Invalid
from portal.core.paging import Keyset, cursor_of, cut, page_in, page_of, read_cursor, walk
from portal.people.models import Person
from tests import make


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**31 - 1))
def test_a_cursor_of_a_moment_comes_back_as_it_went(moment: datetime, row_id: int) -> None:
    assert read_cursor(cursor_of(moment, row_id), datetime) == (moment, row_id)


@given(st.text())
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_cursor(text, datetime)
    assert caught.value.field == "cursor"


@pytest.mark.parametrize("value", ["2026-11-23T00:00:00", "0001-01-01T00:00:00+14:00", 5, True])
def test_a_cursor_of_another_kind_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor_of(value, 1), datetime)  # type: ignore[arg-type]


@pytest.mark.parametrize("row_id", [2**31, 2**63, 2**70, 10**4000, -1])
def test_a_row_id_that_no_row_can_have_is_refused(row_id: int) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor_of("a", row_id), str)


@pytest.mark.parametrize("value", [2**31, -(2**31), 2**63, 2**70])
def test_a_number_that_the_column_cannot_hold_is_refused(site: Any, value: int) -> None:
    keyset = Keyset(Person.id, by=Person.session_epoch)
    with site.unit_of_work() as session, pytest.raises(Invalid):
        page_of(session, select(Person), keyset, cursor_of(value, 1), 5)


@pytest.mark.parametrize("value", ["half of one: \ud800", "nothing: \0"])
def test_a_text_that_no_row_can_have_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor_of(value, 1), str)


KEYSETS = {
    "by id": (Keyset(Person.id), lambda one: one.id),
    "by id, the newest first": (Keyset(Person.id, descending=True), lambda one: -one.id),
    "by moment": (Keyset(Person.id, by=Person.created_at), lambda one: (one.created_at, one.id)),
    "by moment, the newest first": (
        Keyset(Person.id, by=Person.created_at, descending=True),
        lambda one: (-one.created_at.timestamp(), -one.id),
    ),
    "by text": (Keyset(Person.id, by=func.lower(Person.display_name)), lambda one: (one.display_name.lower(), one.id)),
    "by number": (Keyset(Person.id, by=Person.session_epoch), lambda one: (one.session_epoch, one.id)),
    "by yes and no, then the newest first": (
        Keyset(Person.id, by=Person.new_email.is_not(None), newest_first=True),
        lambda one: (one.new_email is not None, -one.id),
    ),
}


@pytest.mark.parametrize("name", KEYSETS)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_hold_every_row_once_and_in_order(site: Any, name: str, limit: int) -> None:
    keyset, key = KEYSETS[name]
    with site.unit_of_work() as session:
        people = [
            make.person(
                session,
                f"p{number}",
                display_name="Aaba"[number % 3 :],
                created_at=make.NOON + timedelta(microseconds=number % 3),
                session_epoch=number % 2,
                new_email="x@example.org" if number % 2 else None,
            )
            for number in range(7)
        ]
        rows = list(walk(lambda cursor: page_of(session, select(Person), keyset, cursor, limit)))
    assert rows == sorted(people, key=key)


def test_a_query_of_several_things_gives_rows_with_their_names(site: Any) -> None:
    with site.unit_of_work() as session:
        make.person(session, "ana")
        [row] = page_of(session, select(Person.username, Person.id), Keyset(Person.id), "", 5).rows
        assert row.username == "ana"


def test_the_last_page_has_no_next_one_and_a_full_page_only_where_others_follow() -> None:
    assert cut([1, 2, 3], 3, lambda row: (row, row)).next_cursor is None
    assert cut([1, 2, 3, 4], 3, lambda row: (row, row)) == ([1, 2, 3], cursor_of(3, 3))
    assert cut([], 3, lambda row: (row, row)) == ([], None)


@given(st.lists(st.tuples(st.text("ab", max_size=2), st.integers(0, 3)), unique=True), st.integers(1, 4))
def test_pages_in_memory_hold_every_row_once_and_in_order(rows: list[tuple[str, int]], limit: int) -> None:
    assert list(walk(lambda cursor: page_in(rows, lambda row: row, cursor, limit))) == sorted(rows)


def test_cursors_that_people_hold_from_before_still_lead_on(site: Any) -> None:
    # As they were written: a thread by [0, id], notices by [0 or 1, id], moments by [ISO 8601, id].
    with site.unit_of_work() as session:
        people = [make.person(session) for _ in range(3)]
        for value, keyset in (
            (0, KEYSETS["by id"][0]),
            (0, Keyset(Person.id, by=Person.new_email.is_not(None))),
            (make.NOON, KEYSETS["by moment"][0]),
        ):
            following = page_of(session, select(Person), keyset, cursor_of(value, people[1].id), 5)
            assert following == ([people[2]], None)
