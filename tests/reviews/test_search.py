"""What a sync brings is found after the sweep, under the title it has now, as long as its source is in the settings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.contributions.models import CHANGE_SEARCH
from portal.core.indexing import SWEEP
from portal.core.search_text import parse_query
from portal.reviews import search
from tests.contributions.standins import NOW, TWO_SOURCES, StandInClients, StandInSource, change

SYNC = "contributions.sync_sources"


@pytest.fixture
def gerrit() -> StandInSource:
    return StandInSource(change(1, title="Mend the gate"), change(2, title="Paint the gate"), change(3, title="Zebra"))


@pytest.fixture
def site(make_site: Any, gerrit: StandInSource) -> Any:
    with time_machine.travel(NOW, tick=False):
        site = make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=StandInSource()))
        site.work(SYNC, SWEEP)
        yield site


def found(site: Any, words: str) -> set[str]:
    with site.unit_of_work() as session:
        return {row.title for row in search.best(session, parse_query(words))}


def sync_again(site: Any) -> None:
    with time_machine.travel(NOW.replace(hour=13), tick=False):
        site.work(SYNC, SWEEP)


def test_every_page_of_a_sync_is_found(site: Any) -> None:
    assert found(site, "gate") == {"Mend the gate", "Paint the gate"}
    assert found(site, "zeb") == {"Zebra"}


def test_a_change_is_found_by_the_title_it_has_now(site: Any, gerrit: StandInSource) -> None:
    gerrit.all[0] = gerrit.all[0]._replace(title="Mend the door", updated_at=NOW)
    sync_again(site)
    assert found(site, "mend") == found(site, "door") == {"Mend the door"}
    assert found(site, "gate") == {"Paint the gate"}


def test_a_source_that_leaves_the_settings_takes_its_words_along_and_brings_them_back(site: Any) -> None:
    whole = site.portal
    config = whole.config
    less = config.model_copy(update={"sources": [one for one in config.sources if one.slug == "gitlab"]})
    site.portal = dataclasses.replace(whole, config=less)
    sync_again(site)
    assert found(site, "gate") == set()
    with site.unit_of_work() as session:
        assert session.execute(select(CHANGE_SEARCH)).all() == []
    site.portal = whole
    sync_again(site)
    assert found(site, "gate") == {"Mend the gate", "Paint the gate"}


def test_what_moved_without_other_words_is_written_once(site: Any, gerrit: StandInSource) -> None:
    with site.unit_of_work() as session:
        before = session.execute(select(CHANGE_SEARCH)).all()
    gerrit.all[0] = gerrit.all[0]._replace(updated_at=NOW)
    sync_again(site)
    with site.unit_of_work() as session:
        assert session.execute(select(CHANGE_SEARCH)).all() == before
