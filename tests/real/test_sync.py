"""A real Gerrit in the queue: what the sync stores, what people and programs are shown of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from portal.connect import clients
from portal.contributions.jobs import SyncResult, sync
from tests.conftest import Site
from tests.real.gerrit_maker import PASSWORD, GerritMaker, Pushed
from tests.settings import parse_config

pytestmark = pytest.mark.real

SOURCE = """
[[sources]]
slug = "gerrit"
kind = "gerrit"
name = "Our Gerrit"
url = "{url}"
query = "{query}"
bots = ["lint"]
page_size = 2
"""
SIGNED_IN = SOURCE + 'username_env = "GERRIT_USER"\npassword_env = "GERRIT_PASSWORD"\n'


@pytest.fixture
def project(maker: GerritMaker, request: pytest.FixtureRequest) -> str:
    """A project of this test's own."""
    return maker.project(f"queue/{request.node.name}")


@pytest.fixture
def open_site(make_site: Callable[..., Site], maker: GerritMaker, project: str) -> Callable[..., Site]:
    """Opens a portal whose one source is that project."""

    def open_site(toml: str = SOURCE, environ: Mapping[str, str] | None = None) -> Site:
        toml = toml.format(url=maker.url, query=f"project:{project}")
        return make_site(toml, clients(parse_config(toml), environ or {}))

    return open_site


@pytest.fixture
def three(maker: GerritMaker, project: str) -> list[Pushed]:
    """Three changes: nobody answered the first, the second has a question, the third is work in progress."""
    changes = [maker.push("nora", project, title) for title in ("Mend the gate", "Paint it")]
    changes.append(maker.push("nora", project, "Grease the hinge", "wip"))
    maker.say("rita", changes[1], "Which colour?")
    return changes


def synced(site: Site, *, full: bool = False) -> SyncResult:
    """What a sync of the one source comes to."""
    (result,) = sync(site.portal, full=full)
    assert result.ok, result.detail
    return result


def items(site: Site, **filters: str) -> dict[int, dict[str, Any]]:
    """What the API lists, by number."""
    answer = site.client().get("/api/v1/changes", query_string=filters)
    return {item["number"]: item for item in answer.json["items"]}


def test_the_queue_shows_whose_turn_each_change_is(open_site: Callable[..., Site], three: list[Pushed]) -> None:
    site = open_site()
    synced(site)

    shown = items(site)
    assert [shown[one.number]["waiting_reason"] for one in three] == ["no_response", "comment", "work_in_progress"]
    assert [shown[one.number]["waiting_on"] for one in three] == ["reviewer", "author", "author"]
    assert "Mend the gate" in site.client().get("/reviews").text


def test_a_later_sync_takes_what_moved_and_forgets_nothing(
    open_site: Callable[..., Site], maker: GerritMaker, three: list[Pushed]
) -> None:
    site = open_site()
    synced(site)
    maker.say("nora", three[1], "Green")
    maker.merge("mara", three[0])
    synced(site)

    shown = items(site)
    assert len(shown) == 3
    assert shown[three[1].number]["waiting_reason"] == "author_answered"
    assert shown[three[0].number] | {"state": "merged", "waiting_on": "nobody"} == shown[three[0].number]


def test_a_full_sync_walks_everything_again(open_site: Callable[..., Site], three: list[Pushed]) -> None:
    site = open_site()
    synced(site)
    again = synced(site, full=True)

    assert (again.changes >= 3, again.new_changes) == (True, 0)
    assert len(items(site)) == 3


def test_the_fourth_change_of_a_person_is_no_newcomers(
    open_site: Callable[..., Site], maker: GerritMaker, project: str
) -> None:
    maker.person("ines")
    first = maker.push("ines", project, "One")
    maker.merge("mara", first)
    for title in ("Two", "Three"):
        maker.merge("mara", maker.push("ines", project, title))
    time.sleep(1.1)  # Gerrit keeps whole seconds
    fourth = maker.push("ines", project, "Four")
    site = open_site()
    synced(site)

    shown = items(site)
    assert (shown[first.number]["is_newcomer"], shown[fourth.number]["is_newcomer"]) == (True, False)


def test_a_password_that_is_no_longer_good_is_said_and_the_queue_stays(
    open_site: Callable[..., Site], three: list[Pushed]
) -> None:
    environ = {"GERRIT_USER": "nora", "GERRIT_PASSWORD": PASSWORD}
    site = open_site(SIGNED_IN, environ)
    synced(site)
    environ["GERRIT_PASSWORD"] = "expired"
    (result,) = sync(site.portal)

    assert (result.ok, result.failure) == (False, "unauthorised")
    page = site.client().get("/reviews").text
    assert "Our Gerrit" in page
    assert str(result.sentence) in page
    assert "Mend the gate" in page
