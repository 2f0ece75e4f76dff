"""Who finds nothing is asked whether they meant other words: such as find something that this reader may see."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from portal.core import clock
from portal.core.indexing import SWEEP
from portal.home.spelling import FRESH
from tests import make
from tests.home.test_search import find
from tests.home.test_views import add_change


@pytest.fixture
def quagga(site: Any) -> Any:
    with site.unit_of_work() as session:
        add_change(session, 1, title="Mend the quagga stable")
        make.tool(session, "abc", title="Harpsichord Éditeur")
        make.person(session, "gwendolyn", is_findable=True)
        make.all_due(session)
    site.work(SWEEP)
    return site


def meant(site: Any, words: str, **more: str) -> str:
    found = re.search(r'class="meant">(.*?)</p>', find(site, words, **more), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("quaga", "Did you mean quagga?"),
        ("quagga satble", "Did you mean quagga stable?"),
        ("harpsicord editeru", "Did you mean Harpsichord Éditeur?"),
        ("gwendoline", "Did you mean Gwendolyn?"),
        ("pythn", "Did you mean Python?"),
        ("menotring", "Did you mean Mentoring?"),
    ],
)
def test_a_slip_is_met_with_the_words_that_find_something(quagga: Any, typed: str, asked: str) -> None:
    assert meant(quagga, typed).casefold() == asked.casefold()
    link = re.search(r'class="meant">.*?href="(/search\?q=[^"]+)"', find(quagga, typed), flags=re.DOTALL)
    assert link and 'class="plain hits"' in quagga.client().get(link[1].replace("&amp;", "&")).text


def test_it_is_asked_in_the_readers_language(quagga: Any) -> None:
    assert meant(quagga, "relectrue", uselang="fr").casefold() == "vouliez-vous dire relecture\u00a0?"
    assert meant(quagga, "quaga", **{"in": "changes"}) == "Did you mean quagga?"


def test_who_found_something_or_is_like_nothing_is_not_asked(quagga: Any) -> None:
    for words in ("quagga", "quag", "xyzzyxyzzy", "zz", "!!", "1234567"):
        assert meant(quagga, words) == "", words


def test_nobody_is_proposed_who_does_not_want_to_be_found(site: Any) -> None:
    with site.unit_of_work() as session:
        shown = make.person(session, "gwendolyn", is_findable=True)
        make.person(session, "archibald")
        make.all_due(session)
    site.work(SWEEP)
    assert meant(site, "gwendolin") == "Did you mean Gwendolyn?"
    assert meant(site, "archibalt") == ""
    with site.unit_of_work() as session:
        # The words stay in the index until the sweep, and in what this process knows of it.
        session.merge(shown).is_findable = False
    assert meant(site, "gwendolin") == ""


def test_the_words_are_read_again_after_a_while(quagga: Any) -> None:
    assert meant(quagga, "zebar") == ""
    with quagga.unit_of_work() as session:
        add_change(session, 2, title="A zebra")
        make.all_due(session)
    quagga.work(SWEEP)
    with time_machine.travel(clock.now() + FRESH):
        assert meant(quagga, "zebar") == "Did you mean zebra?"


def test_who_finds_nothing_costs_no_statement_more_and_a_proposal_one_search(quagga: Any) -> None:
    find(quagga, "xyzzyxyzzy")
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    engine = quagga.portal.database.engine
    event.listen(engine, "before_cursor_execute", note)
    find(quagga, "xyzzyxyzzy")
    assert len(seen) <= 4, seen
    seen.clear()
    find(quagga, "quaga")
    event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= 7, seen
