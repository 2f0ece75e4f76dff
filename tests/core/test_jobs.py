"""Sweeps run after a commit that asks for them and on their schedule; a failing one stops nothing else."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.app import FEATURES
from portal.core.feature import Feature
from portal.core.jobs import Portal, nudge, run_sweep
from portal.core.schedule import Sweep, SweepRun, last_run
from portal.people.models import Person
from tests import make


@pytest.fixture
def swept() -> list[str]:
    """The runs of the sweep that notes them."""
    return []


@pytest.fixture
def site(make_site: Any, swept: list[str]) -> Any:
    """A site with a room of our own: one of its sweeps notes its runs, one fails."""

    def fail(_portal: Portal) -> None:
        raise RuntimeError("broken")

    note = Sweep("test.note", lambda _portal: swept.append("note"), every=timedelta(minutes=5))
    fails = Sweep("test.fail", fail, every=timedelta(minutes=1))
    return make_site(features=(*FEATURES, Feature("test", sweeps=(note, fails))))


def drain(site: Any) -> None:
    huey = site.app.extensions["portal.queue"].huey
    while task := huey.dequeue():
        huey.execute(task)


def test_a_nudge_runs_the_sweep_once_after_the_commit(site: Any, swept: list[str]) -> None:
    with site.unit_of_work() as session:
        nudge(session, "test.note")
        nudge(session, "test.note")
        drain(site)
        assert swept == []
    drain(site)
    assert swept == ["note"]


def test_work_that_failed_nudges_nobody(site: Any, swept: list[str]) -> None:
    with pytest.raises(RuntimeError), site.unit_of_work() as session:
        nudge(session, "test.note")
        make.person(session, "nobody")
        raise RuntimeError
    drain(site)
    assert swept == []
    with site.unit_of_work() as session:
        assert session.scalar(select(Person)) is None


def test_a_failing_sweep_is_noted_and_stops_nothing(site: Any, swept: list[str]) -> None:
    run_sweep(site.portal, "test.fail")
    run_sweep(site.portal, "test.note")
    run_sweep(site.portal, "test.note")
    with site.unit_of_work() as session:
        runs = {run.name: run.failed for run in session.scalars(select(SweepRun))}
        assert runs == {"test.fail": True, "test.note": False}
        assert last_run(session) is not None


def test_two_writers_at_once_lose_nothing(site: Any) -> None:
    with site.unit_of_work() as session:
        person_id = make.person(session, weekly_hours=0).id

    def count() -> None:
        for _ in range(20):
            with site.unit_of_work() as session:
                person = session.get(Person, person_id, with_for_update=True)
                person.weekly_hours += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.unit_of_work() as session:
        assert session.get(Person, person_id).weekly_hours == 80


def test_the_embedded_worker_does_what_is_nudged(site: Any, swept: list[str]) -> None:
    queue = site.app.extensions["portal.queue"]
    consumer = queue.consumer(1)
    consumer.start()
    try:
        queue.nudge("test.note")
        for _ in range(100):
            if swept:
                break
            threading.Event().wait(0.05)
    finally:
        consumer.stop(graceful=True)
    assert swept == ["note"]


AWAY = '[jobs]\nqueue = "redis://127.0.0.1:1/0"\n'


def test_a_queue_that_is_away_undoes_nothing_and_fails_no_page(make_site: Any, capsys: Any) -> None:
    site = make_site(AWAY, in_memory_queue=False)
    with site.unit_of_work() as session:
        make.person(session, "ana", email="ana@example.org")
        nudge(session, "mail.deliver")
    with site.unit_of_work() as session:
        assert session.scalar(select(Person.username)) == "ana"
    asked = site.client().post("/people/password/forgotten", data={"name": "ana"})
    assert asked.status_code < 400
    assert "nudge not sent" in capsys.readouterr().err


def test_limits_hold_while_the_store_of_their_counts_is_away(make_site: Any) -> None:
    site = make_site(AWAY + "[limits]\napi_per_minute = 10\n", in_memory_queue=False)
    answers = [site.client().get("/api/v1/changes").status_code for _ in range(14)]
    assert answers == [200] * 10 + [429] * 4
