"""Walking through a Gerrit's changes while people go on working there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.clients.errors import BadAnswer, CutShort, Forbidden, Unauthorised
from portal.clients.http import HttpClient
from portal.clients.responses import Limits
from portal.forges.gerrit.client import GerritSource
from portal.forges.shapes import ChangeState, RemoteChange
from tests.data import gerrit_changes
from tests.fakes import FakeGerrit, Reply, Request, half_json, rate_limited

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def gerrit() -> Iterator[FakeGerrit]:
    with FakeGerrit() as server:
        yield server


def source(gerrit: FakeGerrit, *, login: tuple[str, str] | None = None, **more: Any) -> GerritSource:
    client = HttpClient(gerrit.url, agent="test", basic=login, limits=Limits(first_wait=0))
    return GerritSource(client, url=gerrit.url, signed_in=login is not None, **more)


def walk(reader: GerritSource, since: datetime | None = None) -> list[RemoteChange]:
    return [change for page in reader.changes(since=since) for change in page.changes]


def first_walk(reader: GerritSource, before: datetime) -> list[RemoteChange]:
    """What is open and untouched since then, and all that was touched since, as a first sync asks."""
    return [change for page in reader.open_changes(before=before) for change in page.changes] + walk(reader, before)


def fill(gerrit: FakeGerrit, count: int, *, every: timedelta = timedelta(minutes=1)) -> None:
    for number in range(1, count + 1):
        gerrit.add_change(number, updated=START + number * every)


def numbers(changes: list[RemoteChange]) -> list[int]:
    return [change.number for change in changes]


def once(do: Callable[[], object], *, at_request: int) -> Callable[[Request], None]:
    """A hook that acts before one particular answer."""
    count = iter(range(1, 1000))
    return lambda _request: do() and None if next(count) == at_request else None


def test_everything_is_read_page_by_page_newest_first(gerrit: FakeGerrit) -> None:
    fill(gerrit, 25)
    assert numbers(walk(source(gerrit, page_size=10)))[:25] == list(range(25, 0, -1))
    assert {request.one("S") for request in gerrit.requests} == {""}


def test_one_page_that_holds_all_is_one_request(gerrit: FakeGerrit) -> None:
    fill(gerrit, 3)
    walk(source(gerrit))
    assert len(gerrit.requests) == 1


def test_nothing_new_is_one_request(gerrit: FakeGerrit) -> None:
    fill(gerrit, 3)
    assert walk(source(gerrit), START + timedelta(days=1)) == []
    assert len(gerrit.requests) == 1


def test_only_what_was_updated_since_then_comes_that_moment_included(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    assert numbers(walk(source(gerrit), START + timedelta(minutes=7))) == [9, 8, 7]


def test_the_query_of_the_source_limits_every_request(gerrit: FakeGerrit) -> None:
    fill(gerrit, 3)
    gerrit.add_change(10, project="other", updated=START)
    gerrit.add_change(11, project="third", updated=START)
    limited = source(gerrit, query="project:other OR project:third", page_size=2)
    assert sorted(set(numbers(walk(limited)))) == [10, 11]
    assert numbers(walk(limited, START + timedelta(seconds=1))) == []


@pytest.mark.parametrize("query", ["status:open project:tool/demo", "project:tool/demo is:open"])
def test_closings_are_told_although_the_source_asks_for_open_ones(gerrit: FakeGerrit, query: str) -> None:
    fill(gerrit, 5)
    gerrit.merge(1)
    gerrit.add_change(9, project="other")
    reader = source(gerrit, query=query)
    assert set(numbers(walk(reader))) == {2, 3, 4, 5}
    gerrit.merge(2)
    told = walk(reader, gerrit.now)
    assert [(change.number, change.state) for change in told] == [(2, ChangeState.MERGED)]


def test_open_ones_alone(gerrit: FakeGerrit) -> None:
    fill(gerrit, 3)
    gerrit.merge(2)
    pages = source(gerrit).open_changes(before=START + timedelta(days=99))
    assert [change.number for page in pages for change in page.changes] == [3, 1]


def test_a_first_walk_tells_each_change_once(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    assert numbers(first_walk(source(gerrit, page_size=3), START + timedelta(minutes=5))) == [4, 3, 2, 1, 9, 8, 7, 6, 5]


def test_the_server_may_cut_pages_shorter_than_asked(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    gerrit.page_limit = 2
    assert numbers(walk(source(gerrit)))[:9] == list(range(9, 0, -1))


@pytest.mark.parametrize("page_limit", [2, 3, 7])
def test_one_moment_may_fill_many_pages(gerrit: FakeGerrit, page_limit: int) -> None:
    fill(gerrit, 7, every=timedelta(0))
    gerrit.add_change(8, updated=START - timedelta(days=1))
    gerrit.page_limit = page_limit
    assert sorted(set(numbers(walk(source(gerrit))))) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_one_moment_may_be_finer_than_a_query(gerrit: FakeGerrit) -> None:
    for number in range(1, 8):
        gerrit.add_change(number, updated=START + timedelta(microseconds=number))
    assert sorted(set(numbers(walk(source(gerrit, page_size=2))))) == [1, 2, 3, 4, 5, 6, 7]


def test_a_change_touched_during_the_walk_is_told_as_it_is_then(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    gerrit.between = once(lambda: gerrit.touch(1), at_request=2)
    told = walk(source(gerrit, page_size=3))
    assert set(numbers(told)) == set(range(1, 10))
    last_told = {change.number: change for change in told}[1]
    assert [event.kind.value for event in last_told.events] == ["upload", "word"]


def test_a_change_closed_during_a_walk_over_open_ones_is_told_closed(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    gerrit.between = once(lambda: gerrit.merge(1), at_request=2)
    told = first_walk(source(gerrit, page_size=3), START + timedelta(hours=1))
    assert {change.number: change.state for change in told}[1] is ChangeState.MERGED


def test_what_happens_to_the_newest_within_its_second_is_told(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    newest = START + timedelta(minutes=9)
    gerrit.between = once(lambda: gerrit.touch(9, at=newest), at_request=2)
    told = [change for change in walk(source(gerrit, page_size=3)) if change.number == 9]
    assert [len(change.events) for change in told] == [1, 2]


def test_changes_that_leave_a_full_moment_take_no_other_with_them(gerrit: FakeGerrit) -> None:
    fill(gerrit, 12, every=timedelta(0))
    gerrit.add_change(13, updated=START + timedelta(days=1))
    gerrit.between = once(lambda: [gerrit.touch(number) for number in (10, 11, 12)], at_request=3)
    assert set(numbers(walk(source(gerrit, page_size=4)))) == set(range(1, 14))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), page_size=st.integers(1, 6), ties=st.booleans(), is_first=st.booleans())
def test_no_change_is_lost_whatever_moves_meanwhile(seed: int, page_size: int, ties: bool, is_first: bool) -> None:
    chance = random.Random(seed)
    with FakeGerrit() as gerrit:
        for number in range(1, 21):
            gerrit.add_change(number, updated=START + timedelta(minutes=chance.randrange(4 if ties else 500)))
        moves = 15

        def stir(_request: Request) -> None:
            nonlocal moves
            busy = 0 if len(gerrit.requests) == 1 else chance.choice((0, 1, 1, 3))
            for _ in range(min(moves, busy)):
                moves -= 1
                chance.choice((gerrit.touch, gerrit.touch, gerrit.merge, gerrit.abandon))(chance.randint(1, 20))

        gerrit.between = stir
        reader = source(gerrit, page_size=page_size)
        parting = START + timedelta(minutes=chance.randrange(6 if ties else 500))
        told = {change.number: change for change in (first_walk(reader, parting) if is_first else walk(reader))}
    assert set(told) == set(range(1, 21))


def test_the_walk_says_how_far_it_is(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    pages = source(gerrit, page_size=4).changes(since=START)
    assert [page.done and round(page.done, 1) for page in pages][:3] == [0.3, 0.7, 0.9]
    assert next(source(gerrit).changes(since=None)).done is None


def test_private_changes_are_left_out(gerrit: FakeGerrit) -> None:
    gerrit.accounts["portal"] = "pw"
    gerrit.add_change(1)
    gerrit.add_change(2, is_private=True)
    assert numbers(walk(source(gerrit, login=("portal", "pw")))) == [1]


def test_with_a_password_the_signed_in_address_is_used(gerrit: FakeGerrit) -> None:
    gerrit.accounts["portal"] = "pw"
    fill(gerrit, 1)
    assert numbers(walk(source(gerrit, login=("portal", "pw")))) == [1]
    assert gerrit.requests[0].path == "/a/changes/"
    with pytest.raises(Unauthorised, match="Unauthorized"):
        walk(source(gerrit, login=("portal", "expired")))


def test_the_version_may_be_something_else(gerrit: FakeGerrit) -> None:
    assert source(gerrit).version() == "3.13.5"
    gerrit.version = "(dev)"
    assert source(gerrit).version() == "(dev)"
    gerrit.next(Reply(200, b")]}'\n{}"))
    assert source(gerrit).version() == ""


def test_merged_changes_of_an_author_are_counted_up_to_a_number(gerrit: FakeGerrit) -> None:
    fill(gerrit, 5)
    for number in (1, 2, 3, 4):
        gerrit.merge(number)
    gerrit.add_change(9, owner="rita")
    gerrit.merge(9)
    reader = source(gerrit)
    assert reader.merged_before("nora", gerrit.now, 3) == 3
    assert reader.merged_before("nora", gerrit.now, 10) == 4
    assert reader.merged_before("nora", gerrit.now - timedelta(days=1), 3) == 0
    assert reader.merged_before("nobody", gerrit.now, 3) == 0


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'[{"_number": "x", "updated": "y"}]', b'[{"_number": 4}]'])
def test_something_that_is_no_list_of_changes_is_a_bad_answer(gerrit: FakeGerrit, body: bytes) -> None:
    gerrit.trouble = Reply(200, b")]}'\n" + body)
    with pytest.raises(BadAnswer):
        walk(source(gerrit))


def test_a_change_that_cannot_be_read_is_named(gerrit: FakeGerrit) -> None:
    del gerrit.add_change(12)["owner"]
    with pytest.raises(BadAnswer, match="change 12"):
        walk(source(gerrit))


def test_a_query_the_server_does_not_know_is_told_in_its_words(gerrit: FakeGerrit) -> None:
    with pytest.raises(BadAnswer, match="Unsupported operator bla:x"):
        walk(source(gerrit, query="bla:x"))


def test_trouble_in_the_middle_comes_after_the_good_pages(gerrit: FakeGerrit) -> None:
    fill(gerrit, 9)
    gerrit.between = once(lambda: gerrit.next(half_json()), at_request=2)
    pages = source(gerrit, page_size=3).changes(since=None)
    assert numbers(list(next(pages).changes)) == [9, 8, 7]
    with pytest.raises(CutShort):
        next(pages)


def test_a_server_that_asks_for_patience_gets_it(gerrit: FakeGerrit) -> None:
    fill(gerrit, 2)
    gerrit.next(rate_limited(0))
    assert numbers(walk(source(gerrit))) == [2, 1]


def test_a_server_that_says_no_is_believed(gerrit: FakeGerrit) -> None:
    gerrit.trouble = Reply(403, b"Must be signed-in to use this operator", {"Content-Type": "text/plain"})
    with pytest.raises(Forbidden, match="signed-in"):
        walk(source(gerrit))


def test_a_server_that_ignores_windows_does_not_trap_us(gerrit: FakeGerrit) -> None:
    fill(gerrit, 3)
    newer = Reply(200, b')]}\'\n[{"_number": 9, "updated": "2030-01-01 00:00:00.000000000", "_more_changes": true}]')
    gerrit.between = once(lambda: gerrit.next(newer), at_request=2)
    pages = source(gerrit, page_size=2).changes(since=None)
    next(pages)
    with pytest.raises(BadAnswer, match="before:"):
        next(pages)


def test_a_server_that_leads_round_in_a_circle_is_left(gerrit: FakeGerrit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.forges.gerrit.client.STALE_PAGES", 5)
    same = {**gerrit.add_change(9, updated=START), "_more_changes": True}
    gerrit.trouble = Reply(200, json.dumps([same]).encode())
    with pytest.raises(BadAnswer, match="circle"):
        walk(source(gerrit))


def test_recorded_changes_come_through_whole(gerrit: FakeGerrit) -> None:
    recorded = gerrit_changes()
    for change in recorded:
        gerrit.add_raw(change)
    told = walk(source(gerrit, page_size=50))
    assert {change.number for change in told} == {change["_number"] for change in recorded}
