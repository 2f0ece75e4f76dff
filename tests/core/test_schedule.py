"""Sweeps run so long after their newest success, or at night in the site's time zone; failed ones sooner again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from portal.app import FEATURES
from portal.core import clock, schedule
from portal.core.feature import Feature
from portal.core.jobs import due_sweeps, run_due_sweep
from portal.core.schedule import Sweep, SweepRun, lease_sweep
from tests.make import NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def nightly(at: time = time(3)) -> Sweep:
    return Sweep("test.nightly", lambda _portal: None, every=DAY, at=at)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_an_hour_the_newest_success_counts() -> None:
    hourly = Sweep("test.hourly", lambda _portal: None, every=HOUR)
    assert hourly.next_run(NOON, PARIS) == NOON + HOUR


@pytest.mark.parametrize(
    ("at", "after", "expected"),
    [
        # An ordinary day: by the clock of the place, and once although it ran late, or early in the morning.
        ("03:00", "2026-06-10T01:00", "2026-06-11T01:00"),
        ("03:00", "2026-06-10T12:00", "2026-06-11T01:00"),
        ("03:00", "2026-06-10T00:59", "2026-06-10T01:00"),
        # 29 March 2026: 2:00 becomes 3:00. There is no 2:30; three o'clock comes an hour sooner.
        ("02:30", "2026-03-28T01:31", "2026-03-29T01:30"),
        ("02:30", "2026-03-29T01:31", "2026-03-30T00:30"),
        ("03:00", "2026-03-28T02:01", "2026-03-29T01:00"),
        ("03:00", "2026-03-29T01:00", "2026-03-30T01:00"),
        # 25 October 2026: 3:00 becomes 2:00. There are two 2:30; the first counts, and the second is no new day.
        ("02:30", "2026-10-24T00:31", "2026-10-25T00:30"),
        ("02:30", "2026-10-25T00:31", "2026-10-26T01:30"),
        ("02:30", "2026-10-25T01:15", "2026-10-26T01:30"),
        ("03:00", "2026-10-25T00:59", "2026-10-25T02:00"),
    ],
)
def test_nightly_work_is_done_once_a_day_where_the_site_is(at: str, after: str, expected: str) -> None:
    assert nightly(time.fromisoformat(at)).next_run(moment(after), PARIS) == moment(expected)


def test_a_day_that_a_place_never_had_has_no_night() -> None:
    # Samoa went from 29 to 31 December 2011.
    apia = ZoneInfo("Pacific/Apia")
    first = nightly().next_run(moment("2011-12-29T14:00"), apia)
    second = nightly().next_run(first, apia)
    assert [one.astimezone(apia).day for one in (first, second)] == [31, 1]


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 25 * 365 * 24 * 60).map(lambda minutes: moment("2012-01-02T00:00") + timedelta(minutes=minutes)),
)
def test_every_night_has_one_run_wherever_the_site_is(name: str, at: time, start: datetime) -> None:
    zone, sweep = ZoneInfo(name), nightly(at)
    runs = [sweep.next_run(start, zone)]
    while len(runs) < 4:
        runs.append(sweep.next_run(runs[-1], zone))
    assert start < runs[0]
    for one, following in pairwise(runs):
        assert 20 * HOUR <= following - one <= 28 * HOUR
        # Whenever the run of a night ended, the next one is that of the night after.
        assert sweep.next_run(one + (following - one) / 2, zone) == following
        assert sweep.next_run(following - timedelta(seconds=1), zone) == following


class NightSite:
    """A site with one sweep of the night, and how time passes on it. Its worker looks each minute."""

    def __init__(self, make_site: Any, zone: str = "Europe/Paris") -> None:
        self.runs: list[datetime] = []
        self.is_broken = False
        self.meanwhile: Any = None
        sweep = Sweep("test.nightly", self._run, every=DAY, at=time(3))
        features = (*FEATURES, Feature("test", sweeps=(sweep,)))
        self.site = make_site(f'[site]\ntime_zone = "{zone}"', features=features)

    def work(self, *moments: datetime) -> None:
        """A worker looks at these moments."""
        for moment in moments:
            with time_machine.travel(moment, tick=False):
                self.look()

    def look(self) -> None:
        """A worker looks now, as it does each minute."""
        for name in due_sweeps(self.site.portal):
            if name == "test.nightly":
                run_due_sweep(self.site.portal, name)

    def row(self) -> SweepRun:
        with self.site.unit_of_work() as session:
            return session.get_one(SweepRun, "test.nightly")

    def _run(self, _portal: Any) -> None:
        self.runs.append(clock.now())
        if self.meanwhile:
            self.meanwhile()
        if self.is_broken:
            raise RuntimeError("broken")


@pytest.fixture
def night(make_site: Any) -> NightSite:
    return NightSite(make_site)


TWO = moment("2026-06-10T01:00")
"""Three o'clock in Paris."""


def test_a_worker_that_was_off_at_night_catches_up_once_when_it_starts(night: NightSite) -> None:
    night.work(TWO - DAY, TWO + 9 * HOUR, TWO + 10 * HOUR, TWO + DAY - timedelta(minutes=1), TWO + DAY)
    assert night.runs == [TWO - DAY, TWO + 9 * HOUR, TWO + DAY]


def test_two_workers_do_not_run_it_at_once(night: NightSite) -> None:
    night.meanwhile = night.look
    night.work(TWO)
    assert night.runs == [TWO]


def test_when_its_worker_was_killed_another_runs_it_within_an_hour(night: NightSite) -> None:
    class Killed(BaseException):
        pass

    def dies() -> None:
        raise Killed

    night.meanwhile = dies
    with pytest.raises(Killed):
        night.work(TWO)
    night.meanwhile = None
    night.work(TWO + timedelta(minutes=59), TWO + HOUR, TWO + 2 * HOUR)
    assert night.runs == [TWO, TWO + HOUR]


def test_a_failed_run_is_tried_again_after_minutes_and_later_after_hours(
    night: NightSite,
) -> None:
    night.is_broken = True
    for minute in range(20 * 60):
        night.work(TWO + timedelta(minutes=minute))
    waits = [(later - run) / timedelta(minutes=1) for run, later in pairwise(night.runs)]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    assert night.row().failed
    night.is_broken = False
    night.work(TWO + 22 * HOUR, TWO + DAY - timedelta(minutes=1))
    assert night.runs[-1] == TWO + 22 * HOUR
    assert (night.row().failed, night.row().attempts) == (False, 0)
    assert night.row().succeeded_at == TWO + 22 * HOUR
    night.work(TWO + DAY)
    assert night.runs[-1] == TWO + DAY


def test_a_sweep_of_minutes_that_failed_waits_no_longer_than_it_does_anyway() -> None:
    often = Sweep("test.often", lambda _portal: None, every=timedelta(minutes=1))
    assert {often.back_off.wait_after(attempt) for attempt in range(1, 20)} == {timedelta(minutes=1)}


def test_whoever_asks_for_a_run_gets_it_though_it_is_not_due_and_the_next_is_counted_from_there(
    night: NightSite,
) -> None:
    night.work(TWO)
    with time_machine.travel(TWO + HOUR, tick=False):
        night.site.work("test.nightly")
    assert night.runs == [TWO, TWO + HOUR]
    assert night.row().due_at == TWO + DAY


def test_a_queue_carries_what_is_due_and_nothing_else(night: NightSite) -> None:
    queue = night.site.app.extensions["portal.queue"]
    with time_machine.travel(TWO, tick=False):
        for name in due_sweeps(night.site.portal):
            run_due_sweep(night.site.portal, name)
        queue.queue_what_is_due()
        assert queue.huey.pending_count() == 0
    with time_machine.travel(TWO + timedelta(minutes=1), tick=False):
        queue.queue_what_is_due()
        queued = queue.huey.pending_count()
        while task := queue.huey.dequeue():
            queue.huey.execute(task)
    assert 0 < queued < len(night.site.portal.features.sweeps)
    assert night.runs == [TWO]
    with night.site.unit_of_work() as session:
        assert session.get_one(SweepRun, "mail.deliver").succeeded_at == TWO + timedelta(minutes=1)


def test_a_worker_that_starts_does_not_wait_for_what_a_killed_one_held_by_the_minute(night: NightSite) -> None:
    queue = night.site.app.extensions["portal.queue"]
    with time_machine.travel(TWO, tick=False):
        due_sweeps(night.site.portal)
        with night.site.unit_of_work() as session:
            assert lease_sweep(session, night.site.portal.features.sweeps["mail.deliver"], TWO)
        queue.catch_up()
        while task := queue.huey.dequeue():
            queue.huey.execute(task)
    assert night.runs == [TWO]
    with night.site.unit_of_work() as session:
        assert session.get_one(SweepRun, "mail.deliver").succeeded_at == TWO


def test_what_has_waited_longest_runs_first(site: Any) -> None:
    waits = {"test.a": NOON, "test.b": NOON - HOUR, "test.c": NOON + HOUR}
    with site.unit_of_work() as session:
        session.add_all(SweepRun(name=name, due_at=due_at) for name, due_at in waits.items())
        session.flush()
        assert schedule.due_sweeps(session, waits, NOON) == ["test.b", "test.a"]


def test_a_run_that_somebody_asked_for_and_that_went_well_ends_the_waits_after_failures(site: Any) -> None:
    sweep = Sweep("test.hourly", lambda _portal: None, every=HOUR)
    with site.unit_of_work() as session:
        schedule.plan(session, [sweep.name], NOON)
        for hours in (0, 1):
            lease = lease_sweep(session, sweep, NOON + hours * HOUR)
            schedule.note_run(session, sweep, lease, True, UTC, NOON + hours * HOUR)
        schedule.note_run(session, sweep, None, False, UTC, NOON + HOUR)
        row = session.get_one(SweepRun, sweep.name, populate_existing=True)
        assert (row.attempts, row.due_at, row.failed) == (0, NOON + 2 * HOUR, False)
