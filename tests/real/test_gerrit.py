"""A real Gerrit, read by the real client and judged by the real rules."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

import pytest

from portal.clients.errors import Unauthorised
from portal.clients.http import HttpClient
from portal.clients.responses import Limits
from portal.contributions.rules import wait_state_of
from portal.forges.gerrit.client import GerritSource
from portal.forges.shapes import ChangePage, ChangeState, RemoteAccount, RemoteChange
from tests.real.gerrit_maker import PASSWORD, GerritMaker, Pushed
from tests.real.gerrit_stories import STORIES, Story, Told, tell

pytestmark = pytest.mark.real

Source = Callable[..., GerritSource]


@pytest.fixture
def source(maker: GerritMaker) -> Source:
    """Makes readers of the server: `source(query="project:x", sign_in=("nora", PASSWORD), page_size=2)`."""

    def make(sign_in: tuple[str, str] | None = None, **options: object) -> GerritSource:
        client = HttpClient(maker.url, agent="ContributorPortal", basic=sign_in, limits=Limits(tries=1))
        return GerritSource(client, url=maker.url, bots={"lint"}, signed_in=sign_in is not None, **options)

    return make


def numbers(pages: Iterator[ChangePage]) -> list[int]:
    return [change.number for page in pages for change in page.changes]


def by_number(pages: Iterator[ChangePage]) -> dict[int, RemoteChange]:
    return {change.number: change for page in pages for change in page.changes}


# -- what each story comes to


@pytest.fixture(scope="module")
def told(maker: GerritMaker) -> dict[str, Told]:
    """Every story, told once."""
    project = maker.project("stories/of-one-change")
    return {one.story.title: one for one in tell(maker, project, STORIES)}


@pytest.fixture(scope="module")
def read(maker: GerritMaker, told: dict[str, Told]) -> dict[int, RemoteChange]:
    """Every story, read once."""
    client = HttpClient(maker.url, agent="ContributorPortal")
    reader = GerritSource(client, url=maker.url, query="project:stories/of-one-change", bots={"lint"}, page_size=7)
    return by_number(reader.changes(since=None))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_a_story_stands_where_the_definitions_say(
    story: Story, told: dict[str, Told], read: dict[int, RemoteChange]
) -> None:
    on_server = told[story.title]
    wait = wait_state_of(read[on_server.change.number])

    assert (wait.waiting_on, wait.reason) == (story.waiting_on, story.reason)
    assert step_of(wait.since, on_server) == story.since
    assert step_of(wait.first_response_at, on_server) == story.answered


def step_of(moment: datetime | None, told: Told) -> int | None:
    """The step of the story during which that moment lies."""
    return None if moment is None else bisect_left(told.moments, moment)


def test_a_change_is_read_with_what_the_queue_shows(told: dict[str, Told], read: dict[int, RemoteChange]) -> None:
    change = read[told["a long talk"].change.number]

    assert (change.project, change.title) == ("stories/of-one-change", "a long talk")
    assert (change.author.username, change.author.name, change.author.is_bot) == ("nora", "Nora", False)
    assert (change.state, change.patchsets, change.insertions) == (ChangeState.OPEN, 3, 1)
    assert change.url.endswith(f"/c/stories/of-one-change/+/{change.number}")


def test_states_are_those_of_the_server(told: dict[str, Told], read: dict[int, RemoteChange]) -> None:
    states = {title: read[told[title].change.number].state for title in ("merged", "abandoned by another")}

    assert states == {"merged": ChangeState.MERGED, "abandoned by another": ChangeState.ABANDONED}


# -- walking, while the server does not hold still


@pytest.fixture
def seven(maker: GerritMaker, request: pytest.FixtureRequest) -> list[Pushed]:
    """Seven open changes, the oldest first, in a project of this test's own."""
    project = maker.project(f"walks/{request.node.name}")
    return [maker.push("nora", project, f"change {number}") for number in range(7)]


def test_small_pages_bring_every_change_once(source: Source, seven: list[Pushed]) -> None:
    walk = source(query=f"project:{seven[0].project}", page_size=2).changes(since=None)

    assert sorted(set(numbers(walk))) == [one.number for one in seven]


def test_nothing_is_lost_while_changes_move_and_close(source: Source, maker: GerritMaker, seven: list[Pushed]) -> None:
    reader = source(query=f"project:{seven[0].project}", page_size=2)
    parting = (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0)
    while datetime.now(UTC) < parting:
        time.sleep(0.05)
    pages = chain(reader.open_changes(before=parting), reader.changes(since=parting))
    first = list(islice(pages, 1))
    maker.say("rita", seven[0], "This moves to the front")
    maker.act("mara", seven[5], "abandon")
    maker.act("mara", seven[3], "abandon")
    read = by_number(iter([*first, *pages]))

    assert sorted(read) == [one.number for one in seven]
    assert read[seven[0].number].events[-1].by == RemoteAccount("rita", "Rita")
    assert read[seven[3].number].state is ChangeState.ABANDONED


def test_a_later_walk_brings_only_what_was_touched(source: Source, maker: GerritMaker, seven: list[Pushed]) -> None:
    reader = source(query=f"project:{seven[0].project}", page_size=2)
    newest = max(change.updated_at for change in by_number(reader.changes(since=None)).values())
    quiet = set(numbers(reader.changes(since=newest)))
    time.sleep(1.1)  # Gerrit keeps whole seconds
    maker.vote("rita", seven[1], 1)
    maker.merge("mara", seven[2])

    touched = set(numbers(reader.changes(since=newest)))
    assert touched - quiet <= {seven[1].number, seven[2].number} <= touched


# -- who may read


def test_a_hidden_project_is_read_with_a_password_alone(source: Source, maker: GerritMaker) -> None:
    project = maker.project("secrets/plans")
    maker.hide(project)
    hidden = maker.push("mara", project, "a plan")
    query = f"project:{project}"

    assert numbers(source(query=query).changes(since=None)) == []
    assert numbers(source(("mara", PASSWORD), query=query).changes(since=None)) == [hidden.number]


def test_a_wrong_password_is_told_as_such(source: Source) -> None:
    with pytest.raises(Unauthorised):
        list(source(("mara", "wrong")).changes(since=None))


def test_a_private_change_stays_private(source: Source, maker: GerritMaker) -> None:
    project = maker.project("secrets/drafts")
    maker.push("mara", project, "for my eyes", "private")

    assert numbers(source(("mara", PASSWORD), query=f"project:{project}").changes(since=None)) == []


def test_the_version_is_told(source: Source) -> None:
    assert source().version()


# -- newcomers


def test_merged_changes_are_counted_up_to_a_limit(source: Source, maker: GerritMaker) -> None:
    project = maker.project("counts/olaf")
    for number in range(3):
        maker.merge("mara", maker.push("olaf", project, f"merged {number}"))
    later = maker.push("olaf", project, "the fourth")
    before = by_number(source(query=f"project:{project}").changes(since=None))[later.number].created_at
    time.sleep(1.1)
    maker.merge("mara", later)

    reader = source()
    assert reader.merged_before("olaf", before, 10) == 3
    assert reader.merged_before("olaf", before, 2) == 2
    assert reader.merged_before("rita", before, 10) == 0
