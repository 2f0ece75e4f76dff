"""What a page says of how many there are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import render_template_string
from sqlalchemy import event, select

from portal.core.counting import ListCount, Total, count_page, count_rows, whole
from portal.core.paging import Keyset, Page, cursor_of, page_of, passed_by
from portal.people.models import Person
from tests import make

SENTENCE = (
    '{% from "macros/ui.html" import counted with context %}'
    "{% macro boats(number) %}{{ number|number }} boats{% endmacro %}{{ counted(count, boats)|striptags }}"
)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (whole("abc"), "3 boats"),
        (ListCount(50, 1, Total(7052)), "1 to 50 of 7,052 boats"),
        (ListCount(40, 41, Total(2500, is_more=True)), "41 to 80 of more than 2,500 boats"),
        (ListCount(1, 101, Total(101)), "Number 101 of 101 boats"),
        (ListCount(40, None, Total(95)), "40 of 95 boats"),
        (ListCount(12, 1, Total(12), Total(40)), "12 of 40 boats"),
        (ListCount(12, 1, Total(12), Total(12)), "12 of 12 boats"),
        (ListCount(20, 21, Total(64), Total(1300)), "21 to 40 of 64 boats (1,300 boats without filters)"),
        (ListCount(0, 1, Total(0), Total(40)), ""),
    ],
)
def test_each_count_is_said_in_a_sentence(site: Any, count: ListCount, said: str) -> None:
    with site.app.test_request_context():
        assert render_template_string(SENTENCE, count=count).strip() == said


def test_a_count_says_more_where_counting_stops(site: Any) -> None:
    with site.unit_of_work() as session:
        for _ in range(7):
            make.person(session)
        everybody = select(Person.id).order_by(Person.id)
        assert [count_rows(session, everybody, most) for most in (9, 7, 6, 2)] == [
            (7, False),
            (7, False),
            (6, True),
            (2, True),
        ]


def test_pages_tell_their_place_and_the_last_one_needs_no_count(site: Any) -> None:
    with site.unit_of_work() as session:
        for _ in range(5):
            make.person(session)
        asked: list[str] = []
        event.listen(site.portal.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        cursor: str | None = ""
        counts = []
        while cursor is not None:
            page = page_of(session, select(Person), Keyset(Person.id), cursor, 2)
            counts.append(count_page(page, cursor, lambda: count_rows(session, select(Person.id))))
            cursor = page.next_cursor
    assert [(one.first, one.last, one.found.number) for one in counts] == [(1, 2, 5), (3, 4, 5), (5, 5, 5)]
    assert sum("count(" in statement for statement in asked) == 2


def test_a_count_is_never_less_than_what_is_seen() -> None:
    # Counts of the last sync may be older than the rows.
    page = Page([1, 2, 3], cursor_of("x", 3, 13))
    count = count_page(page, cursor_of("x", 1, 10), lambda: Total(4), lambda: Total(2))
    assert (count.first, count.found.number, count.everything) == (11, 14, (14, False))


@pytest.mark.parametrize(
    "cursor", ["rubbish", cursor_of("a", 1), cursor_of("a", 1, -4), "WzEsMiwieCJd", "WzEsMiwzLDRd", "7"]
)
def test_a_cursor_that_tells_no_place_leaves_it_open(cursor: str) -> None:
    assert passed_by(cursor) is None
