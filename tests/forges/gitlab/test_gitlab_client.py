"""Walking through a GitLab's merge requests while people go on working there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.clients.errors import BadAnswer, Forbidden, Missing, NotJson, Unauthorised
from portal.clients.http import HttpClient
from portal.clients.responses import Limits
from portal.forges.gitlab.client import GitlabSource
from portal.forges.gitlab.parse import moment
from portal.forges.shapes import ChangeState, RemoteChange
from tests.data import gitlab as recorded
from tests.fakes import FakeGitlab, Reply, Request, html_page, rate_limited

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def gitlab() -> Iterator[FakeGitlab]:
    with FakeGitlab() as server:
        yield server


def source(gitlab: FakeGitlab, *, token: str = "", **more: Any) -> GitlabSource:
    headers = {"PRIVATE-TOKEN": token} if token else {}
    client = HttpClient(gitlab.url, agent="test", headers=headers, limits=Limits(first_wait=0))
    return GitlabSource(client, signed_in=bool(token), **more)


def walk(reader: GitlabSource, since: datetime | None = None, **more: Any) -> list[RemoteChange]:
    return [change for page in reader.changes(since=since, **more) for change in page.changes]


def first_walk(reader: GitlabSource, before: datetime) -> list[RemoteChange]:
    """What is open and untouched since then, and all that was touched since, as a first sync asks."""
    return [change for page in reader.open_changes(before=before) for change in page.changes] + walk(reader, before)


def fill(gitlab: FakeGitlab, count: int, *, every: timedelta = timedelta(minutes=1)) -> list[dict[str, Any]]:
    return [gitlab.add_merge_request(iid, updated=START + iid * every) for iid in range(1, count + 1)]


def numbers(changes: list[RemoteChange]) -> list[int]:
    return [change.number for change in changes]


def lists(gitlab: FakeGitlab) -> list[Request]:
    return [request for request in gitlab.requests if request.path.endswith("/merge_requests")]


def once(do: Callable[[], object], *, at_list: int, gitlab: FakeGitlab) -> Callable[[Request], None]:
    """A hook that acts before one particular page of the list."""

    def act(request: Request) -> None:
        if request.path.endswith("/merge_requests") and len(lists(gitlab)) == at_list:
            do()

    return act


class Stored:
    """What the portal has stored: everything as it was when this was made."""

    def __init__(self, gitlab: FakeGitlab) -> None:
        self.rows = {
            f"{project}!{iid}": moment(row["updated_at"]) for (project, iid), row in gitlab.merge_requests.items()
        }

    def updated_at(self, keys: list[str]) -> dict[str, datetime]:
        return {key: self.rows[key] for key in keys if key in self.rows}


def test_everything_is_read_page_by_page_the_longest_untouched_first(gitlab: FakeGitlab) -> None:
    fill(gitlab, 25)
    assert numbers(walk(source(gitlab, page_size=10))) == list(range(1, 26))
    assert {request.one("page") for request in lists(gitlab)} == {""}
    assert {request.one("scope") for request in lists(gitlab)} == {"all"}


def test_nothing_new_is_one_request(gitlab: FakeGitlab) -> None:
    fill(gitlab, 3)
    assert walk(source(gitlab), START + timedelta(days=1)) == []
    assert len(gitlab.requests) == 1


def test_only_what_was_updated_since_then_comes_that_moment_included(gitlab: FakeGitlab) -> None:
    fill(gitlab, 9)
    assert numbers(walk(source(gitlab), START + timedelta(minutes=7))) == [7, 8, 9]


def test_projects_and_groups_are_lists_of_their_own(gitlab: FakeGitlab) -> None:
    gitlab.add_merge_request(1, project="group/tool")
    gitlab.add_merge_request(2, project="other/deep/tool")
    gitlab.add_merge_request(3, project="third/tool")
    told = walk(source(gitlab, projects=["group/tool"], groups=["other"]))
    assert [(change.number, change.project) for change in told] == [(1, "group/tool"), (2, "other/deep/tool")]
    assert [request.path for request in lists(gitlab)] == [
        "/api/v4/projects/group%2Ftool/merge_requests",
        "/api/v4/groups/other/merge_requests",
    ]


def test_a_project_that_has_moved_is_followed_on_the_same_host(gitlab: FakeGitlab) -> None:
    gitlab.add_merge_request(1, project="new/tool")
    gitlab.moved["old/tool"] = "new/tool"
    assert numbers(walk(source(gitlab, projects=["old/tool"]))) == [1]


def test_a_project_that_is_not_there_is_said(gitlab: FakeGitlab) -> None:
    with pytest.raises(Missing, match="Project Not Found"):
        walk(source(gitlab, projects=["no/such"]))


def test_one_moment_may_fill_many_pages(gitlab: FakeGitlab) -> None:
    fill(gitlab, 7, every=timedelta(0))
    gitlab.add_merge_request(8, updated=START - timedelta(days=1))
    gitlab.add_merge_request(9, updated=START + timedelta(days=1))
    assert sorted(set(numbers(walk(source(gitlab, page_size=2))))) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_one_moment_fills_the_whole_list(gitlab: FakeGitlab) -> None:
    fill(gitlab, 6, every=timedelta(0))
    assert sorted(set(numbers(walk(source(gitlab, page_size=3), START)))) == [1, 2, 3, 4, 5, 6]


def test_one_that_is_touched_during_the_walk_takes_no_other_with_it(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 9)
    gitlab.between = once(lambda: gitlab.say(rows[0], "still here"), at_list=2, gitlab=gitlab)
    told = walk(source(gitlab, page_size=3))
    assert set(numbers(told)) == set(range(1, 10))
    assert [event.kind.value for event in told[-1].events] == ["upload", "word"]


def test_those_that_leave_a_full_moment_take_no_other_with_them(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 12, every=timedelta(0))
    gitlab.between = once(lambda: [gitlab.touch(row) for row in rows[:3]], at_list=3, gitlab=gitlab)
    assert set(numbers(walk(source(gitlab, page_size=4), START))) == set(range(1, 13))


def test_one_that_is_merged_during_a_walk_over_open_ones_is_told_merged(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 9)
    gitlab.now = datetime.now(UTC) + timedelta(hours=1)
    gitlab.between = once(lambda: gitlab.merge(rows[8]), at_list=2, gitlab=gitlab)
    told = first_walk(source(gitlab, page_size=3), START + timedelta(hours=1))
    assert {change.number: change.state for change in told}[9] is ChangeState.MERGED


def test_a_first_walk_tells_each_once(gitlab: FakeGitlab) -> None:
    fill(gitlab, 9)
    told = first_walk(source(gitlab, page_size=3), START + timedelta(minutes=5))
    assert sorted(numbers(told)) == list(range(1, 10))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), page_size=st.integers(1, 6), ties=st.booleans(), is_first=st.booleans())
@example(seed=43, page_size=1, ties=True, is_first=True)  # all of a moment leave while we page through it
def test_none_is_lost_whatever_moves_meanwhile(seed: int, page_size: int, ties: bool, is_first: bool) -> None:
    chance = random.Random(seed)
    with FakeGitlab() as gitlab:
        gitlab.now = datetime.now(UTC) + timedelta(hours=1)
        rows = [
            gitlab.add_merge_request(iid, updated=START + timedelta(minutes=chance.randrange(4 if ties else 500)))
            for iid in range(1, 21)
        ]
        moves = 15

        def stir(_request: Request) -> None:
            nonlocal moves
            busy = 0 if len(gitlab.requests) == 1 else chance.choice((0, 0, 1, 3))
            for _ in range(min(moves, busy)):
                moves -= 1
                chance.choice((gitlab.touch, gitlab.merge))(chance.choice(rows))

        gitlab.between = stir
        reader = source(gitlab, page_size=page_size)
        parting = START + timedelta(minutes=chance.randrange(6 if ties else 500))
        told = {change.number for change in (first_walk(reader, parting) if is_first else walk(reader))}
    assert told == set(range(1, 21))


def test_the_details_of_an_open_one_are_fetched(gitlab: FakeGitlab) -> None:
    row = gitlab.add_merge_request(1)
    gitlab.say(row, "typo")
    gitlab.approvals[row["project_id"], 1] = [{"user": gitlab.user("anna")}]
    gitlab.pipelines[row["project_id"], 1] = {"status": "failed"}
    (change,) = walk(source(gitlab))
    assert [(event.kind.value, event.by and event.by.username) for event in change.events] == [
        ("upload", "nora"),
        ("word", "rita"),
        ("word", "anna"),
    ]
    assert change.events[-1].is_approval
    assert change.head_checks_failed is True


def test_a_closed_one_needs_its_notes_alone(gitlab: FakeGitlab) -> None:
    row = gitlab.add_merge_request(1)
    gitlab.merge(row)
    (change,) = walk(source(gitlab))
    assert change.state is ChangeState.MERGED
    assert [request.path.rpartition("/")[2] for request in gitlab.requests] == ["merge_requests", "notes"]


def test_notes_come_in_pages(gitlab: FakeGitlab) -> None:
    row = gitlab.add_merge_request(1)
    for number in range(250):
        gitlab.say(row, f"word {number}")
    (change,) = walk(source(gitlab))
    assert len(change.events) == 251


def test_what_has_not_moved_is_left_out_and_costs_no_request(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 5)
    known = Stored(gitlab)
    gitlab.say(rows[2], "hello")
    assert numbers(walk(source(gitlab), START, known=known)) == [3]
    asked_for = {request.path.split("/")[6] for request in gitlab.requests if request.path.endswith("/notes")}
    assert asked_for == {"3"}


def test_where_approvals_are_hidden_nobody_asks_twice(gitlab: FakeGitlab) -> None:
    gitlab.free_edition = True
    for iid in (1, 2, 3):
        row = gitlab.add_merge_request(iid, updated=START + timedelta(minutes=iid))
        gitlab.notice(row, "approved this merge request", by="rita", at=START + timedelta(hours=iid))
    told = walk(source(gitlab, page_size=1))
    assert all(change.events[-1].is_approval for change in told)
    assert len([request for request in gitlab.requests if request.path.endswith("/approvals")]) == 1


def test_one_that_vanishes_between_list_and_details_stops_nothing(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 2)

    def forget(request: Request) -> None:
        if request.path.endswith("/notes"):
            gitlab.merge_requests.pop((rows[0]["project_id"], 1), None)

    gitlab.between = forget
    assert numbers(walk(source(gitlab))) == [1, 2]


def test_with_a_token_private_ones_are_read(gitlab: FakeGitlab) -> None:
    gitlab.is_private = True
    gitlab.tokens.add("glpat-1")
    fill(gitlab, 1)
    assert numbers(walk(source(gitlab, token="glpat-1"))) == [1]
    with pytest.raises(Unauthorised, match="401 Unauthorized"):
        walk(source(gitlab, token="expired"))
    with pytest.raises(Unauthorised):
        walk(source(gitlab))


def test_the_version_is_told_to_members_alone(gitlab: FakeGitlab) -> None:
    gitlab.tokens.add("glpat-1")
    assert source(gitlab, token="glpat-1").version() == "18.5.0"
    assert source(gitlab).version() == ""
    with pytest.raises(Unauthorised):
        source(gitlab, token="expired").version()
    gitlab.trouble = html_page()
    with pytest.raises(NotJson):
        source(gitlab).version()


def test_the_walk_says_how_far_it_is(gitlab: FakeGitlab) -> None:
    fill(gitlab, 9)
    shares = [page.done and round(page.done, 2) for page in source(gitlab, page_size=4).changes(since=None)]
    assert shares == [0.44, 0.78, 1.0]
    gitlab.paging_headers = False
    assert next(source(gitlab).changes(since=None)).done is None


def test_behind_a_proxy_without_paging_headers_the_walk_still_ends_well(gitlab: FakeGitlab) -> None:
    gitlab.paging_headers = False
    fill(gitlab, 9)
    assert sorted(set(numbers(walk(source(gitlab, page_size=4))))) == list(range(1, 10))


def test_links_are_followed_without_leaving_our_host(gitlab: FakeGitlab) -> None:
    """The server's own idea of its address may be another one; our token stays with the host we were told."""
    fill(gitlab, 5, every=timedelta(0))
    assert set(numbers(walk(source(gitlab, page_size=2)))) == {1, 2, 3, 4, 5}
    assert {request.one("page") for request in lists(gitlab)} >= {"2", "3"}


def test_merged_ones_of_an_author_are_counted_up_to_a_number(gitlab: FakeGitlab) -> None:
    rows = fill(gitlab, 5)
    for row in rows[:4]:
        gitlab.merge(row)
    gitlab.merge(gitlab.add_merge_request(1, project="group/other", author="rita"))
    reader = source(gitlab, projects=["group/other"])
    later = gitlab.now + timedelta(days=1)
    assert reader.merged_before("nora", later, 3) == 3
    assert reader.merged_before("nora", later, 10) == 4
    assert reader.merged_before("nora", moment(rows[1]["merged_at"]), 10) == 1
    assert reader.merged_before("nobody", later, 3) == 0


def test_counting_goes_through_pages_but_not_for_ever(gitlab: FakeGitlab) -> None:
    for row in fill(gitlab, 650):
        row |= {"state": "merged", "merged_at": "2026-11-25T00:00:00.000Z"}
    assert source(gitlab).merged_before("nora", datetime(2026, 11, 24, tzinfo=UTC), 3) == 0
    assert len(gitlab.requests) == 5


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'[{"iid": 1}]', b'[{"iid": 1, "project_id": 2, "updated_at": "x"}]'])
def test_something_that_is_no_list_is_a_bad_answer(gitlab: FakeGitlab, body: bytes) -> None:
    gitlab.trouble = Reply(200, body)
    with pytest.raises(BadAnswer):
        walk(source(gitlab))


def test_one_that_cannot_be_read_is_named(gitlab: FakeGitlab) -> None:
    del gitlab.add_merge_request(12)["author"]
    with pytest.raises(BadAnswer, match="!12"):
        walk(source(gitlab))


def test_a_server_that_ignores_windows_does_not_trap_us(gitlab: FakeGitlab) -> None:
    fill(gitlab, 4)
    old = b'[{"iid": 9, "project_id": 2, "updated_at": "2001-01-01T00:00:00Z"}]'
    gitlab.between = once(lambda: gitlab.next(Reply(200, old, {"X-Next-Page": "2"})), at_list=2, gitlab=gitlab)
    with pytest.raises(BadAnswer, match="updated_after"):
        walk(source(gitlab, page_size=2))


def test_a_server_that_leads_round_in_a_circle_is_left(gitlab: FakeGitlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.forges.gitlab.client.STALE_PAGES", 5)
    fill(gitlab, 2)
    rows = json.dumps([{**row, "updated_at": "2026-11-20T00:00:00Z"} for row in gitlab.merge_requests.values()])

    def turn_back(request: Request) -> None:
        if request.path.endswith("/merge_requests"):
            gitlab.next(Reply(200, rows.encode(), {"X-Next-Page": "2"}))

    gitlab.between = turn_back
    with pytest.raises(BadAnswer, match="circle"):
        walk(source(gitlab, page_size=2))


def test_a_discussion_that_does_not_end_is_left(gitlab: FakeGitlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.forges.gitlab.client._NOTE_PAGES", 5)
    gitlab.add_merge_request(1)

    def go_on(request: Request) -> None:
        if request.path.endswith("/notes"):
            gitlab.next(Reply(200, b"[]", {"X-Next-Page": "2"}))

    gitlab.between = go_on
    with pytest.raises(BadAnswer, match="do not end"):
        walk(source(gitlab))


def test_half_a_discussion_is_not_taken_for_the_whole(gitlab: FakeGitlab) -> None:
    row = gitlab.add_merge_request(1)
    for number in range(150):
        gitlab.say(row, f"word {number}")

    def refuse(request: Request) -> None:
        if request.path.endswith("/notes") and request.one("page", "1") != "1":
            gitlab.next(Reply(403, b"{}"))

    gitlab.between = refuse
    with pytest.raises(Forbidden):
        walk(source(gitlab))


def test_a_server_that_asks_for_patience_gets_it(gitlab: FakeGitlab) -> None:
    fill(gitlab, 2)
    gitlab.next(rate_limited(0), rate_limited())
    assert numbers(walk(source(gitlab))) == [1, 2]


def test_recorded_merge_requests_come_through(gitlab: FakeGitlab) -> None:
    for one in recorded("merge-requests"):
        gitlab.add_raw(one | {"references": {"full": f"gitlab-org/gitlab!{one['iid']}"}})
    assert set(numbers(walk(source(gitlab)))) == {one["iid"] for one in recorded("merge-requests")}


def test_a_large_page_is_handed_on_in_portions(gitlab: FakeGitlab) -> None:
    fill(gitlab, 60)
    assert [len(page.changes) for page in source(gitlab).changes(since=None)] == [25, 25, 10]
