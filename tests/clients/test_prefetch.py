"""Fetching beforehand what will be asked for next."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from portal.clients.prefetch import in_batches, prefetch, prefetch_each


def test_items_come_in_order_to_their_end() -> None:
    assert list(prefetch(iter([10, 20, 30, 40]))) == [10, 20, 30, 40]
    assert list(prefetch(iter([]))) == []
    assert list(prefetch(iter([0, None, ""]))) == [0, None, ""]


def test_only_the_next_item_is_got_ready_beforehand() -> None:
    begun: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(1, 9):
            begun.append(number)
            if number == 2:
                second.set()
            yield number

    coming = prefetch(items())
    assert next(coming) == 1
    assert second.wait(5)
    assert begun == [1, 2]


def test_an_error_is_raised_where_its_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("second")

    coming = prefetch(items())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="second"):
        next(coming)


def test_who_stops_early_waits_for_nothing() -> None:
    never = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        never.wait(30)

    coming = prefetch(items())
    next(coming)
    coming.close()
    never.set()


def test_what_is_fetched_side_by_side_comes_in_order_and_not_more_at_once_than_asked() -> None:
    busy, most, lock = 0, 0, threading.Lock()
    meet = threading.Barrier(3)

    def fetch(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        if number < 3:
            meet.wait(5)
        with lock:
            busy -= 1
        return number * 10

    assert list(prefetch_each(fetch, range(9), at_once=3)) == [number * 10 for number in range(9)]
    assert most == 3


def test_an_error_among_several_is_raised_in_its_place() -> None:
    def fetch(number: int) -> float:
        return 1 / number

    coming = prefetch_each(fetch, [1, 2, 0, 4], at_once=4)
    assert [next(coming), next(coming)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(coming)


def test_no_thread_keeps_the_process_alive() -> None:
    never = threading.Event()

    def items() -> Iterator[bool]:
        yield threading.current_thread().daemon
        never.wait(30)

    assert next(prefetch(items()))
    assert next(prefetch_each(lambda _number: threading.current_thread().daemon, [1], at_once=1))
    never.set()


def test_items_that_come_quickly_come_together_and_each_of_those_that_are_slow_by_itself() -> None:
    assert list(in_batches(iter(range(7)), 3, 60)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(in_batches(iter(range(3)), 3, 0)) == [[0], [1], [2]]
    assert list(in_batches(iter([]), 3, 60)) == []


def test_what_came_before_an_error_comes_before_the_error() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    coming = prefetch(in_batches(items(), 5, 60))
    assert next(coming) == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(coming)
