"""Cursors come back as they went, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Invalid
from portal.core.paging import cursor_of, read_cursor


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
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


def test_a_row_id_that_no_row_can_have_is_refused() -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor_of("a", 2**70), str)


@pytest.mark.parametrize("value", ["half of one: \ud800", "nothing: \0"])
def test_a_text_that_no_row_can_have_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor_of(value, 1), str)
