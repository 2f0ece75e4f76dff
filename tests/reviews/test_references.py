"""A change is found first by its number, its Change-Id or its address, in every way people write them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from portal.contributions.models import Change, Source
from portal.core.indexing import SWEEP
from portal.forges.table import FORGES
from tests import make
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change

CHANGE_ID = "I8f2ce40d1a3b5c7d9e0f1a2b3c4d5e6f708192a3"
GERRIT = "https://gerrit.example.org/r/c/tools/maps/+/1234"
GITLAB = "https://gitlab.example.org/tools/maps/-/merge_requests/7"


def meant(address: str) -> set[tuple[str, str, str, int]]:
    found = {kind: forge.change_at(address) for kind, forge in FORGES.items()}
    return {(kind, one.host, one.project, one.number) for kind, one in found.items() if one}


@pytest.mark.parametrize(
    ("address", "project"),
    [
        (GERRIT, "tools/maps"),
        (GERRIT + "/", "tools/maps"),
        (GERRIT + "/3", "tools/maps"),
        (GERRIT + "/2..3/src/some/file.py", "tools/maps"),
        (GERRIT + "?tab=comments", "tools/maps"),
        (GERRIT + "/comment/8f2c_1/", "tools/maps"),
        ("http://GERRIT.example.org:80/r/c/tools%2Fmaps/+/1234", "tools/maps"),
        ("https://gerrit.example.org/r/1234", ""),
        ("https://gerrit.example.org/1234", ""),
        ("https://gerrit.example.org/c/1234/", ""),
        ("https://gerrit.example.org/r/#/c/1234/", ""),
        ("https://gerrit.example.org/#/c/1234/5", ""),
        ("https://gerrit.example.org/r/#/c/tools/maps/+/1234/5", "tools/maps"),
    ],
)
def test_an_address_on_gerrit_means_a_change(address: str, project: str) -> None:
    assert ("gerrit", "gerrit.example.org", project, 1234) in meant(address)


@pytest.mark.parametrize("more", ["", "/", "/diffs", "/diffs?commit_id=8f2c#note_12", "#note_33", "/commits"])
def test_an_address_on_gitlab_means_a_merge_request(more: str) -> None:
    assert meant(GITLAB + more) >= {("gitlab", "gitlab.example.org", "tools/maps", 7)}
    old = GITLAB.replace("/-/", "/")
    assert meant(old + more) >= {("gitlab", "gitlab.example.org", "tools/maps", 7)}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://",
        "1234",
        "https://gerrit.example.org/",
        "https://[::1/1234",
        "https://gitlab.example.org/tools/maps",
    ],
)
def test_other_addresses_mean_none(address: str) -> None:
    assert meant(address) == set()


@pytest.fixture
def site(make_site: Any) -> Any:
    """Two servers with changes of the same numbers, and one whose title speaks of a number."""
    of_gerrit = [
        change(n, project="tools/maps", title=f"Mend {n}", url=GERRIT.replace("1234", str(n)), change_id=change_id)
        for n, change_id in ((7, None), (12, None), (123, None), (1234, CHANGE_ID))
    ]
    of_gitlab = [
        change(7, key=f"{n}!7", project=name, title=f"Paint {name}", url=GITLAB.replace("tools/maps", name))
        for n, name in enumerate(("tools/maps", "tools/wiki"))
    ]
    of_gitlab.append(change(99, key="2!99", title="Bring back what 1234 took", url=GITLAB.replace("7", "99")))
    clients = StandInClients(gerrit=StandInSource(*of_gerrit), gitlab=StandInSource(*of_gitlab))
    with time_machine.travel(NOW, tick=False):
        site = make_site(TWO_SOURCES, clients)
        site.work("contributions.sync_sources", SWEEP)
        yield site


def hits(site: Any, words: str, **more: str) -> list[str]:
    page = site.client().get("/search", query_string={"q": words, **more}).text
    found = re.findall(r'<ul class="plain hits">.*?</ul>', page, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", title) for title in re.findall(r"<bdi>(.*?)</bdi></a>", "".join(found))]


@pytest.mark.parametrize("words", ["1234", "#1234", "!1234", " 1234 ", CHANGE_ID, CHANGE_ID[:9], CHANGE_ID.lower()])
def test_a_number_and_a_change_id_lead_to_the_change_before_all_else(site: Any, words: str) -> None:
    assert hits(site, words)[0] == "Mend 1234"


@pytest.mark.parametrize("address", [GERRIT, GERRIT + "/3", "gerrit.example.org/r/1234", f"see {GERRIT} please"])
def test_an_address_on_gerrit_leads_to_the_change(site: Any, address: str) -> None:
    assert hits(site, address)[0] == hits(site, address, **{"in": "changes"})[0] == "Mend 1234"


@pytest.mark.parametrize(
    "address", [GITLAB, GITLAB + "/diffs#note_12", GITLAB.removeprefix("https://"), "tools/maps!7"]
)
def test_an_address_on_gitlab_leads_to_the_merge_request_of_that_project(site: Any, address: str) -> None:
    assert "Paint tools/maps" in hits(site, address)[:2]
    assert "Paint tools/wiki" not in hits(site, address)


def test_an_address_of_a_server_that_the_site_does_not_know_leads_nowhere(site: Any) -> None:
    assert hits(site, GERRIT.replace("gerrit.example.org", "gerrit.example.com")) == []
    with site.unit_of_work() as session:
        session.execute(update(Source).values(is_active=False))
    assert hits(site, GERRIT) == []


def test_a_change_keeps_its_change_id(site: Any) -> None:
    with site.unit_of_work() as session:
        stored = session.scalars(select(Change.change_id).where(Change.number == 1234)).one()
        assert stored == CHANGE_ID
        make.all_due(session)
    site.work(SWEEP)
    assert hits(site, CHANGE_ID)[0] == "Mend 1234"
