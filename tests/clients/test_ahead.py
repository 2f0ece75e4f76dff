"""Reading ahead."""

from __future__ import annotations

import threading

import pytest

from portal.clients.ahead import read_ahead


def test_pages_come_in_order_to_their_end() -> None:
    assert list(read_ahead(1, lambda n: n * 10, lambda n, page: n + 1 if page < 40 else None)) == [10, 20, 30, 40]


def test_only_the_next_page_is_fetched_beforehand() -> None:
    fetched: list[int] = []
    second = threading.Event()

    def fetch(number: int) -> int:
        fetched.append(number)
        if number == 2:
            second.set()
        return number

    pages = read_ahead(1, fetch, lambda number, _page: number + 1)
    assert next(pages) == 1
    assert second.wait(5)
    assert fetched == [1, 2]


def test_an_error_is_raised_where_its_page_would_have_come() -> None:
    def fetch(number: int) -> int:
        if number == 2:
            raise ValueError("second")
        return number

    pages = read_ahead(1, fetch, lambda number, _page: number + 1)
    assert next(pages) == 1
    with pytest.raises(ValueError, match="second"):
        next(pages)


def test_who_stops_early_waits_for_nothing() -> None:
    never = threading.Event()

    def fetch(number: int) -> int:
        if number == 2:
            never.wait(30)
        return number

    pages = read_ahead(1, fetch, lambda number, _page: number + 1)
    next(pages)
    pages.close()
    never.set()
