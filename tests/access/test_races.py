"""Fifty at once: what can be done once is done once, whichever form it is, and nobody meets a failure of ours.

Each form is sent twice, one after the other, and taken back; where the second changed nothing more, fifty together
must not either. OWASP ASVS 4.0.3, 11.1.6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.database import Base
from tests import made_content
from tests.access import routes
from tests.access.conftest import TOML
from tests.access.hostile import forms
from tests.access.prepared import PREPARED
from tests.access.test_once import NO_FORM, UNCOUNTED, doer
from tests.access.world import World, found
from tests.conftest import making_sites
from tests.databases import Databases

TOGETHER = 50
DOORS = {"user_sessions", "security_events"}
"""Each browser of this test comes in anew: that is no part of what it does."""
SLOW = {"POST /people/sign-up", "POST /people/sign-in", "POST /people/password/forgotten", "POST /people/me/picture"}
"""What a visitor or a picture costs is bounded by tries and sizes: tests/people has their races."""
ANSWERS = {302, 303, 403, 404, 409, 422, 429}
"""What those are told who come too late."""


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, compiled_templates: FileSystemBytecodeCache
) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("races")
    with making_sites(folder, databases, compiled_templates) as make_site:
        yield found(make_site(TOML, content=made_content.with_track(made_content.copied(folder))))


def counts(session: Session) -> Counter[str]:
    """How many rows each table has."""
    session.expire_all()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in UNCOUNTED | DOORS]
    return Counter({table.name: session.scalar(select(func.count()).select_from(table)) for table in tables})


def grown(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    """By how many rows each table has grown or shrunk."""
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def one_after_the_other(world: World, url: str, who: str, sent: Any) -> tuple[int, list[dict[str, int]]]:
    """The status of the first of two, and how the tables have grown after each; nothing of it stays."""
    with world.rolled_back() as session:
        before, statuses, told = counts(session), [], []
        for _time in range(2):
            statuses.append(world.browser(who).post(url, data=sent).status_code)
            told.append(grown(before, counts(session)))
    return statuses[0], told


def test_what_can_be_done_once_is_done_once_by_fifty(world: World) -> None:
    outcomes = {
        route: race(world, route, rule)
        for ending in (False, True)
        for route, rule in forms(world, ending=ending)
        if route not in NO_FORM | SLOW
    }
    raced = {route: problem for route, problem in outcomes.items() if problem is not None}
    assert [f"{route}: {problem}" for route, problem in raced.items() if problem] == []
    assert len(raced) > 25


def race(world: World, route: str, rule: Any) -> str | None:
    """What went wrong; None where there was no race: nobody can send this form now, or it can be done several times."""
    who, url, sent = doer_of(route, rule), routes.address(world, rule), routes.form(world, rule.endpoint)
    if who is None:
        return None
    make_ready(world, route)
    status, (once, twice) = one_after_the_other(world, url, who, sent)
    if status != 303 or once != twice:
        return None
    with world.site.unit_of_work() as session:
        before = counts(session)
    browsers = [world.browser(who) for _ in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        statuses = Counter(pool.map(lambda browser: browser.post(url, data=sent).status_code, browsers))
    with world.site.unit_of_work() as session:
        told = grown(before, counts(session))
    is_fine = told == once and 303 in statuses and statuses.keys() <= ANSWERS
    return "" if is_fine else f"{told} instead of {once}, answered {dict(statuses)}"


def doer_of(route: str, rule: Any) -> str | None:
    """Somebody for whom it is done, if there is anybody."""
    try:
        return doer(route, rule)
    except StopIteration:
        return None


def make_ready(world: World, route: str) -> None:
    """What must have happened before this form can be sent, if it has not yet."""
    if route in PREPARED:
        try:
            with world.site.unit_of_work() as session:
                PREPARED[route].make_ready(world, session)
        except Exception:
            return
