"""Syncing: what is asked for, what is stored, and what happens when a server gives no good answer."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from portal.clients.errors import BadAnswer, CutShort, RateLimited, Unauthorised
from portal.contributions import actions, jobs
from portal.contributions.models import BEGINNING, Change, Source, Sync, SyncOutcome
from portal.forges.shapes import ChangeState, RemoteAccount
from tests.contributions.standins import (
    NOW,
    TWO_SOURCES,
    StandInClients,
    StandInSource,
    change,
    commented,
    days_ago,
    fail,
    merged,
)

SYNC = "contributions.sync_sources"


@pytest.fixture
def gerrit() -> StandInSource:
    return StandInSource()


@pytest.fixture
def gitlab() -> StandInSource:
    return StandInSource()


@pytest.fixture
def site(make_site: Any, gerrit: StandInSource, gitlab: StandInSource) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield make_site(TWO_SOURCES, StandInClients(gerrit=gerrit, gitlab=gitlab))


def stored(site: Any, number: int = 1) -> Change:
    with site.unit_of_work() as session:
        return session.scalars(select(Change).where(Change.number == number)).one()


def count(site: Any) -> int:
    with site.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Change)) or 0


def source_row(site: Any, slug: str = "gerrit") -> Source:
    with site.unit_of_work() as session:
        return session.scalars(select(Source).where(Source.slug == slug)).one()


def runs(site: Any, slug: str = "gerrit") -> list[Sync]:
    with site.unit_of_work() as session:
        query = select(Sync).join(Sync.source).where(Source.slug == slug).order_by(Sync.id)
        return list(session.scalars(query))


# What is asked for


def test_a_first_sync_takes_what_is_open_and_what_moved_in_the_last_ninety_days(site, gerrit):
    gerrit.all = [change(1, days=400), merged(2, created=95, closed=80), merged(3, created=200, closed=100)]
    site.work(SYNC)
    assert gerrit.asked == [(days_ago(90), True), (days_ago(90), False)]
    assert {stored(site, 1).state, stored(site, 2).state} == {"open", "merged"}
    assert count(site) == 2


def test_a_later_sync_takes_what_moved_since_with_a_little_overlap(site, gerrit):
    gerrit.all = [change(1, days=3)]
    jobs.sync(site.portal, ["gerrit"])
    gerrit.asked.clear()
    jobs.sync(site.portal, ["gerrit"])
    assert gerrit.asked == [(days_ago(3) - jobs.OVERLAP, False)]


def test_an_empty_source_is_asked_once_from_then_on(site, gerrit):
    jobs.sync(site.portal, ["gerrit"])
    gerrit.asked.clear()
    jobs.sync(site.portal, ["gerrit"])
    assert gerrit.asked == [(days_ago(90) - jobs.OVERLAP, False)]


def test_a_moment_that_has_not_come_yet_does_not_silence_a_source(site, gerrit):
    gerrit.all = [change(1, updated_at=days_ago(-4000))]
    jobs.sync(site.portal, ["gerrit"])
    assert source_row(site).seen_up_to == NOW


def test_a_full_sync_walks_everything_and_its_records_reach_back_to_the_beginning(site, gerrit):
    gerrit.all = [merged(3, created=200, closed=100), change(1)]
    result = jobs.sync(site.portal, ["gerrit"], full=True)[0]
    assert gerrit.asked == [(None, False)]
    assert (result.changes, result.new_changes, count(site)) == (2, 2, 2)
    assert source_row(site).reaches_back_to == BEGINNING


@pytest.fixture
def page_by_page(monkeypatch):
    """As on a server that is slow: every page is stored by itself."""
    monkeypatch.setattr(jobs, "MOMENT_SECONDS", 0)


@pytest.mark.usefixtures("page_by_page")
def test_every_page_is_stored_and_counted(site, gerrit):
    gerrit.all = [change(number, days=number) for number in range(1, 6)]
    told: list[tuple[str, int]] = []
    result = jobs.sync(
        site.portal, ["gerrit"], full=True, progress=lambda slug, changes, done: told.append((slug, changes))
    )[0]
    assert told == [("gerrit", 2), ("gerrit", 4), ("gerrit", 5)]
    assert (result.outcome, result.pages, result.changes) == (SyncOutcome.DONE, 3, 5)
    run = runs(site)[-1]
    assert (run.outcome, run.pages, run.changes, run.new_changes, run.is_full) == ("done", 3, 5, 5, True)
    assert run.finished_at == NOW


def test_pages_of_a_quick_server_are_stored_together_six_hundred_changes_at_most(site, gerrit, monkeypatch):
    monkeypatch.setattr(jobs, "MOMENT_SECONDS", 60)
    gerrit.all = [change(number, days=number) for number in range(1, 18)]
    told: list[int] = []
    result = jobs.sync(site.portal, ["gerrit"], full=True, progress=lambda slug, changes, done: told.append(changes))[0]
    assert told == [12, 17], "six pages of a hundred, had they been full, and then the rest"
    assert (result.pages, result.changes, result.new_changes, count(site)) == (9, 17, 17, 17)
    assert (runs(site)[-1].pages, runs(site)[-1].changes, runs(site)[-1].new_changes) == (9, 17, 17)


def test_pages_are_stored_one_by_one_where_each_is_as_long_as_such_a_unit_of_work(make_site, gerrit):
    site = make_site(
        TWO_SOURCES.replace('kind = "gerrit"', 'kind = "gerrit"\npage_size = 500'), StandInClients(gerrit=gerrit)
    )
    gerrit.all = [change(number, days=number) for number in range(1, 6)]
    told: list[int] = []
    jobs.sync(site.portal, ["gerrit"], full=True, progress=lambda slug, changes, done: told.append(changes))
    assert told == [2, 4, 5]


@pytest.mark.usefixtures("page_by_page")
def test_the_next_page_is_fetched_while_this_one_is_stored(site, gerrit):
    gerrit.all = [change(number, days=number) for number in range(1, 6)]
    fetched = threading.Event()
    pages = gerrit._pages

    def fetching(wanted):
        for number, page in enumerate(pages(wanted), 1):
            if number == 3:
                fetched.set()
            yield page

    gerrit._pages = fetching
    seen: list[bool] = []
    jobs.sync(site.portal, ["gerrit"], full=True, progress=lambda slug, changes, done: seen.append(fetched.wait(5)))
    assert seen[1], "the third page was there before the second was done"


def test_a_source_is_synced_again_when_it_falls_due(site, gerrit):
    site.work(SYNC)
    site.work(SYNC)
    assert len(runs(site)) == 1
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        site.work(SYNC)
    assert len(runs(site)) == 2


def test_sync_now_makes_every_source_due(site):
    site.work(SYNC)
    with site.unit_of_work() as session:
        actions.ask_for_sync(session, NOW)
    site.work(SYNC)
    assert len(runs(site)) == 2


# What is stored


def test_a_change_is_stored_with_where_it_stands(site, gerrit):
    gerrit.all = [commented(7, days=5, answered=2, insertions=10, deletions=3)]
    site.work(SYNC)
    row = stored(site, 7)
    assert (row.waiting_on, row.waiting_since, row.waiting_reason) == ("author", days_ago(2), "comment")
    assert (row.first_response_at, row.closed_at) == (days_ago(2), None)
    assert (row.insertions, row.deletions, row.author_username) == (10, 3, "ana")


def test_a_change_that_came_twice_is_stored_once(site, gerrit):
    gerrit.all = [change(1), commented(1, days=3, answered=1)]
    site.work(SYNC)
    assert count(site) == 1
    assert stored(site).waiting_reason == "comment"


def test_a_change_never_moves_back_in_time(site, gerrit):
    gerrit.all = [commented(1, days=3, answered=1)]
    jobs.sync(site.portal, ["gerrit"])
    gerrit.all = [change(1)]
    jobs.sync(site.portal, ["gerrit"], full=True)
    assert stored(site).waiting_reason == "comment"


def test_a_change_that_was_closed_leaves_the_queue(site, gerrit):
    gerrit.all = [change(1)]
    jobs.sync(site.portal, ["gerrit"])
    assert source_row(site).open_count == 1
    assert source_row(site).on_reviewers + source_row(site).on_authors == 1
    assert list(source_row(site).projects.values()) == [1]
    gerrit.all = [merged(1, created=3, closed=1)]
    jobs.sync(site.portal, ["gerrit"])
    row = stored(site)
    assert (row.state, row.waiting_on, row.waiting_reason, row.closed_at) == ("merged", "nobody", None, days_ago(1))
    assert source_row(site).open_count == 0
    assert (source_row(site).on_reviewers, source_row(site).on_authors, source_row(site).projects) == (0, 0, {})


def test_a_title_of_any_length_and_with_any_character_is_stored(site, gerrit):
    gerrit.all = [change(1, title="a\x00b" + "x" * 900)]
    site.work(SYNC)
    assert stored(site).title == ("ab" + "x" * 900)[:500]


def test_the_same_number_on_two_sources_is_two_changes(site, gerrit, gitlab):
    gerrit.all, gitlab.all = [change(1)], [change(1)]
    site.work(SYNC)
    assert count(site) == 2


# Newcomers


def newcomers(site: Any) -> list[int]:
    with site.unit_of_work() as session:
        return sorted(session.scalars(select(Change.number).where(Change.is_newcomer)))


def test_an_author_with_fewer_than_three_changes_merged_before_is_a_newcomer(site, gerrit):
    gerrit.all = [merged(number, created=20 - number, closed=15 - number) for number in (1, 2, 3)]
    gerrit.all += [change(4, days=12.5), change(5, days=3)]
    jobs.sync(site.portal, ["gerrit"], full=True)
    assert newcomers(site) == [1, 2, 3, 4]
    assert gerrit.asked_of == []


def test_the_server_is_asked_once_where_our_records_do_not_reach_back(site, gerrit):
    gerrit.all = [change(1, days=3), change(2, days=2)]
    gerrit.merged["ana"] = [days_ago(300), days_ago(200), days_ago(100)]
    jobs.sync(site.portal, ["gerrit"])
    assert newcomers(site) == []
    assert gerrit.asked_of == [("ana", days_ago(90))]
    gerrit.all.append(change(3, days=1))
    jobs.sync(site.portal, ["gerrit"])
    assert newcomers(site) == []
    assert len(gerrit.asked_of) == 1


def test_what_the_server_says_and_what_was_seen_since_add_up(site, gerrit):
    gerrit.merged["ana"] = [days_ago(300), days_ago(200)]
    gerrit.all = [change(1, days=30), merged(2, created=25, closed=20), change(3, days=10)]
    jobs.sync(site.portal, ["gerrit"])
    assert newcomers(site) == [1, 2]


def test_an_old_change_is_judged_by_its_own_time(site, gerrit):
    gerrit.merged["ana"] = [days_ago(300), days_ago(200), days_ago(100)]
    gerrit.all = [change(1, days=150), change(2, days=5)]
    jobs.sync(site.portal, ["gerrit"])
    assert newcomers(site) == [1]
    asked = len(gerrit.asked_of)
    jobs.sync(site.portal, ["gerrit"])
    assert (newcomers(site), len(gerrit.asked_of)) == ([1], asked)


def test_one_old_change_costs_one_question(site, gerrit):
    gerrit.merged["ana"] = [days_ago(300), days_ago(200), days_ago(160)]
    gerrit.all = [change(1, days=150)]
    jobs.sync(site.portal, ["gerrit"])
    assert gerrit.asked_of == [("ana", days_ago(150))]
    assert newcomers(site) == []


def test_who_closed_changes_belong_to_is_not_asked(site, gerrit):
    gerrit.all = [merged(2, created=25, closed=20)]
    jobs.sync(site.portal, ["gerrit"])
    assert gerrit.asked_of == []
    assert newcomers(site) == [2]


def test_an_author_the_server_cannot_search_for_counts_as_seen(site, gerrit, monkeypatch):
    gerrit.all = [change(1)]

    def refuse(*_: Any) -> int:
        raise BadAnswer("no such user")

    monkeypatch.setattr(gerrit, "merged_before", refuse)
    assert jobs.sync(site.portal, ["gerrit"])[0].ok
    assert newcomers(site) == [1]


def test_who_is_new_is_found_out_later_when_the_server_is_too_busy_to_say(site, gerrit, monkeypatch):
    gerrit.all, gerrit.merged["ana"] = [change(1)], [days_ago(300), days_ago(200), days_ago(100)]
    ask = gerrit.merged_before

    def refuse(*_: Any) -> int:
        raise RateLimited()

    monkeypatch.setattr(gerrit, "merged_before", refuse)
    assert jobs.sync(site.portal, ["gerrit"])[0].failure == "rate_limited"
    assert (count(site), newcomers(site)) == (1, [])
    monkeypatch.setattr(gerrit, "merged_before", ask)
    gerrit.asked.clear()
    assert jobs.sync(site.portal, ["gerrit"])[0].ok
    assert (gerrit.asked, gerrit.asked_of) == ([(days_ago(3) - jobs.OVERLAP, False)], [("ana", days_ago(90))])


def test_authors_with_the_same_name_on_two_sources_are_two(site, gerrit, gitlab):
    ana = RemoteAccount("ana")
    gerrit.all = [merged(number, author=ana, created=20, closed=15) for number in (1, 2, 3)]
    gitlab.all = [change(9, author=ana)]
    jobs.sync(site.portal, full=True)
    assert newcomers(site) == [1, 2, 3, 9]


# When a server gives no good answer


def test_a_failure_leaves_what_is_stored_and_says_why(site, gerrit):
    gerrit.all = [change(1)]
    jobs.sync(site.portal, ["gerrit"])
    fail(gerrit, Unauthorised("Unauthorized", status=401))
    result = jobs.sync(site.portal, ["gerrit"])[0]
    assert (result.ok, result.failure) == (False, "unauthorised")
    assert "admin has to renew" in result.sentence
    assert count(site) == 1
    row = source_row(site)
    assert (row.failure, row.failed_at, row.synced_at) == ("unauthorised", NOW, NOW)
    assert [run.outcome for run in runs(site)] == ["done", "failed"]


def test_a_failure_does_not_stop_the_other_sources(site, gerrit, gitlab):
    gitlab.all = [change(1)]
    fail(gerrit, CutShort())
    site.work(SYNC)
    assert count(site) == 1
    assert (source_row(site, "gerrit").failure, source_row(site, "gitlab").failure) == ("cut_short", None)


def test_a_fault_of_our_own_ends_as_a_failure_too(site, gerrit, gitlab):
    gerrit.error, gitlab.all = ZeroDivisionError("ours"), [change(1)]
    site.work(SYNC)
    assert (source_row(site).failure, count(site)) == ("internal", 1)
    assert source_row(site).leased_until is None


def test_pages_that_came_before_the_failure_are_kept_and_the_walk_is_repeated(site, gerrit):
    gerrit.all = [change(number, days=number) for number in (1, 2, 3)]
    fail(gerrit, CutShort(), after=1)
    jobs.sync(site.portal, ["gerrit"])
    assert count(site) == 2
    assert source_row(site).seen_up_to is None
    gerrit.error = None
    jobs.sync(site.portal, ["gerrit"])
    assert count(site) == 3
    assert (source_row(site).failure, source_row(site).seen_up_to) == (None, days_ago(1))


def test_a_source_that_keeps_failing_is_asked_less_and_less_often(site, gerrit):
    fail(gerrit, CutShort())
    waits = []
    for _ in range(6):
        jobs.sync(site.portal, ["gerrit"])
        waits.append((source_row(site).due_at - NOW) / timedelta(minutes=1))
    assert waits == [5, 10, 20, 40, 60, 60]


def test_a_server_that_asks_for_a_pause_gets_it(site, gerrit):
    fail(gerrit, RateLimited(retry_after=1800))
    jobs.sync(site.portal, ["gerrit"])
    assert source_row(site).due_at == NOW + timedelta(minutes=30)


# Two at once, and sources that come and go


def test_a_source_is_synced_by_one_at_a_time(site, gerrit):
    site.work(SYNC)
    with site.unit_of_work() as session:
        assert actions.take(session, source_row(site).id, NOW) is not None
    result = jobs.sync(site.portal, ["gerrit"])[0]
    assert (result.outcome, result.ok) == (SyncOutcome.RUNNING, True)
    assert len(runs(site)) == 1


def test_a_killed_sync_is_taken_over_when_its_lease_has_run_out(site, gerrit):
    gerrit.all = [change(1)]
    jobs._register(site.portal)
    with site.unit_of_work() as session:
        source = session.scalars(select(Source).where(Source.slug == "gerrit")).one()
        actions.take(session, source.id, NOW)
        actions.begin_sync(session, source.id, False, NOW)
    with time_machine.travel(NOW + actions.LEASE, tick=False):
        assert jobs.sync(site.portal, ["gerrit"])[0].outcome is SyncOutcome.DONE
    assert [run.outcome for run in runs(site)] == ["lost", "done"]


@pytest.mark.usefixtures("page_by_page")
def test_a_sync_that_lost_its_lease_stores_nothing_more(site, gerrit):
    gerrit.all = [change(number, days=number) for number in (1, 2, 3, 4)]

    def take_over(_slug: str, _changes: int, _done: float | None) -> None:
        with site.unit_of_work() as session:
            actions.begin_sync(session, source_row(site).id, False, NOW)

    result = jobs.sync(site.portal, ["gerrit"], full=True, progress=take_over)[0]
    assert result.outcome is SyncOutcome.LOST
    assert count(site) == 2


@pytest.mark.usefixtures("page_by_page")
def test_a_long_sync_renews_its_lease_and_stops_when_it_is_lost(site, gerrit):
    gerrit.all = [change(number, days=number) for number in range(1, 9)]
    leases = []

    with time_machine.travel(NOW, tick=False) as clock:

        def take_long(_slug: str, changes: int, _done: float | None) -> None:
            clock.shift(actions.RENEW_AFTER)
            leases.append(source_row(site).leased_until)
            if changes == 6:
                with site.unit_of_work() as session:
                    session.execute(update(Source).values(lease="another"))

        result = jobs.sync(site.portal, ["gerrit"], full=True, progress=take_long)[0]
    assert leases == [
        NOW + actions.LEASE,
        NOW + actions.LEASE + actions.RENEW_AFTER,
        NOW + actions.LEASE + 2 * actions.RENEW_AFTER,
    ]
    assert (result.outcome, count(site)) == (SyncOutcome.LOST, 6)


def test_a_sync_stopped_by_hand_gives_the_source_back(site, gerrit):
    gerrit.all = [change(1)]

    def stop(_slug: str, _changes: int, _done: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.sync(site.portal, ["gerrit"], progress=stop)
    assert jobs.sync(site.portal, ["gerrit"])[0].outcome is SyncOutcome.DONE


def test_a_source_that_left_the_settings_keeps_its_row_but_is_not_synced(site, gerrit, make_site):
    site.work(SYNC)
    fewer = site.portal.config.model_copy(update={"sources": site.portal.config.sources[1:]})
    object.__setattr__(site.portal, "config", fewer)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        site.work(SYNC)
    assert (source_row(site, "gerrit").is_active, source_row(site, "gitlab").is_active) == (False, True)
    assert len(runs(site, "gerrit")) == 1


def test_an_abandoned_change_waits_on_nobody(site, gerrit):
    gerrit.all = [change(1, state=ChangeState.ABANDONED, closed_at=days_ago(1))]
    site.work(SYNC)
    assert (stored(site).waiting_on, stored(site).closed_at) == ("nobody", days_ago(1))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " http://a/", f"http://a/{'x' * 500}"])
def test_an_address_that_no_page_may_link_to_is_not_kept(site: Any, gerrit: StandInSource, url: str) -> None:
    gerrit.all = [change(1, url=url)]
    jobs.sync(site.portal, ["gerrit"])
    assert stored(site).url == ""


def test_half_a_character_in_a_title_stops_no_sync(site: Any, gerrit: StandInSource) -> None:
    gerrit.all = [change(1, title="broken \ud83d here", author=RemoteAccount("an\udc80a", "A\0na"))]
    [result] = jobs.sync(site.portal, ["gerrit"])
    assert result.ok
    assert stored(site).title == "broken ? here"


def test_a_server_slow_to_tell_of_authors_does_not_cost_the_lease(site, gerrit, monkeypatch):
    gerrit.all = [change(number, author=RemoteAccount(f"author{number}", "")) for number in range(10)]
    left = []

    with time_machine.travel(NOW, tick=False) as clock:

        def answer_late(*_: Any) -> int:
            clock.shift(actions.LEASE / 2)
            left.append(source_row(site).leased_until - jobs.clock.now())
            return 0

        monkeypatch.setattr(gerrit, "merged_before", answer_late)
        result = jobs.sync(site.portal, ["gerrit"])[0]
    assert result.outcome is SyncOutcome.DONE
    assert len(left) == 10
    assert min(left) > timedelta(0)


def test_syncs_leave_a_thread_free_for_letters(site, gerrit, gitlab, monkeypatch):
    gerrit.all, walk, asked_meanwhile = [change(1)], gerrit.changes, []

    def changes(**window: Any) -> Any:
        site.work(SYNC)
        asked_meanwhile.extend(gitlab.asked)
        return walk(**window)

    monkeypatch.setattr(gerrit, "changes", changes)
    site.work(SYNC)
    assert asked_meanwhile == []
    assert gitlab.asked
