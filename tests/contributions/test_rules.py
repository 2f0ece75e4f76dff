"""The definitions of the review queue, one by one. Times are hours after the change was created."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.contributions.rules import SIDE_OF, Reason, WaitingOn, WaitState, is_newcomer, newcomer_until, wait_state_of
from portal.forges.shapes import ChangeState, EventKind, RemoteAccount, RemoteChange, RemoteEvent

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
ANA = RemoteAccount("ana", "Ana")
REX = RemoteAccount("rex", "Rex")
ZUUL = RemoteAccount("zuul", "Zuul", is_bot=True)
LINT = RemoteAccount("lint", "Lint", is_bot=True)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def upload(hours: float, patchset: int = 1, by: RemoteAccount | None = ANA) -> RemoteEvent:
    return RemoteEvent(at(hours), EventKind.UPLOAD, by, patchset)


def word(
    hours: float, by: RemoteAccount | None, patchset: int = 1, approval: bool = False, **votes: int
) -> RemoteEvent:
    named = {label.replace("_", "-"): value for label, value in votes.items()}
    is_bot = by is not None and by.is_bot
    return RemoteEvent(at(hours), EventKind.WORD, by, patchset, is_bot, named, approval)


def event(hours: float, kind: EventKind, by: RemoteAccount | None = ANA) -> RemoteEvent:
    return RemoteEvent(at(hours), kind, by, 1)


def change(*events: RemoteEvent, **values: Any) -> RemoteChange:
    known: dict[str, Any] = {
        "key": "1",
        "number": 1,
        "project": "tools/wiki",
        "url": "http://gerrit.test/1",
        "title": "Mend the gate",
        "author": ANA,
        "state": ChangeState.OPEN,
        "created_at": START,
        "updated_at": max((one.at for one in events), default=START),
        "patchsets": 1,
        "work_in_progress": False,
    }
    return RemoteChange(**{**known, "events": tuple(events), **values})


def stands(*events: RemoteEvent, **values: Any) -> tuple[str, float, str | None]:
    wait = wait_state_of(change(*events, **values))
    hours = (wait.since - START) / timedelta(hours=1)
    return wait.waiting_on.value, hours, wait.reason.value if wait.reason else None


# Waiting on


def test_a_fresh_change_waits_on_a_reviewer_since_its_creation():
    assert stands(upload(0)) == ("reviewer", 0, "no_response")


def test_a_change_without_any_event_waits_on_a_reviewer():
    assert stands() == ("reviewer", 0, "no_response")


def test_a_comment_by_another_human_gives_the_turn_to_the_author():
    assert stands(upload(0), word(2, REX)) == ("author", 2, "comment")


def test_a_negative_vote_asks_the_author_for_changes():
    assert stands(upload(0), word(2, REX, Code_Review=-1)) == ("author", 2, "changes_requested")


def test_a_negative_vote_outweighs_a_positive_one_of_the_same_word():
    assert stands(upload(0), word(2, REX, Code_Review=2, Verified=-1, approval=True)) == (
        "author",
        2,
        "changes_requested",
    )


def test_a_positive_vote_leaves_the_turn_with_the_reviewers_for_somebody_has_to_merge():
    assert stands(upload(0), word(2, REX, Code_Review=1)) == ("reviewer", 0, "positive_vote")


def test_an_approval_says_so():
    assert stands(upload(0), word(2, REX, Code_Review=2, approval=True)) == ("reviewer", 0, "approved")
    assert stands(upload(0), word(2, REX, Approval=1, approval=True)) == ("reviewer", 0, "approved")


def test_a_vote_taken_back_is_a_word_without_a_vote():
    assert stands(upload(0), word(2, REX, Code_Review=0)) == ("author", 2, "comment")


def test_an_answer_of_the_author_gives_the_turn_back():
    assert stands(upload(0), word(2, REX), word(5, ANA)) == ("reviewer", 5, "author_answered")


def test_the_authors_own_votes_are_words_of_the_author():
    assert stands(upload(0), word(2, REX), word(5, ANA, Code_Review=-2)) == ("reviewer", 5, "author_answered")
    assert stands(upload(0), word(2, REX), word(5, ANA, Code_Review=2, approval=True)) == (
        "reviewer",
        5,
        "author_answered",
    )


def test_a_new_patch_set_by_anyone_gives_the_turn_to_the_reviewers():
    assert stands(upload(0), word(2, REX), upload(4, 2)) == ("reviewer", 4, "new_patch_set")
    assert stands(upload(0), word(2, REX), upload(4, 2, by=REX)) == ("reviewer", 4, "new_patch_set")
    assert stands(upload(0), word(2, REX), upload(4, 2, by=ZUUL)) == ("reviewer", 4, "new_patch_set")


def test_a_word_of_nobody_in_particular_counts_as_nothing():
    assert stands(upload(0), word(2, None)) == ("reviewer", 0, "no_response")


@pytest.mark.parametrize("kind", [EventKind.MERGE, EventKind.ABANDON])
def test_a_closed_change_waits_on_nobody_since_it_was_closed(kind):
    state = ChangeState.MERGED if kind is EventKind.MERGE else ChangeState.ABANDONED
    events = (upload(0), event(3, kind, REX), word(9, REX))
    assert stands(*events, state=state) == ("nobody", 3, None)


def test_a_change_closed_without_a_trace_waits_on_nobody():
    assert stands(upload(0), state=ChangeState.MERGED, closed_at=at(7)) == ("nobody", 7, None)
    assert stands(upload(0), state=ChangeState.MERGED, updated_at=at(8)) == ("nobody", 8, None)


def test_a_restored_change_waits_on_a_reviewer_again():
    events = (upload(0), word(1, REX), event(3, EventKind.ABANDON), event(6, EventKind.RESTORE))
    assert stands(*events) == ("reviewer", 6, "author_answered")


def test_a_change_restored_by_another_counts_as_put_up_anew():
    events = (upload(0), word(1, REX), event(3, EventKind.ABANDON), event(6, EventKind.RESTORE, REX))
    assert stands(*events) == ("reviewer", 6, "new_patch_set")


def test_a_restore_that_the_server_did_not_report_is_believed_all_the_same():
    assert stands(upload(0), event(3, EventKind.ABANDON), updated_at=at(5)) == ("reviewer", 5, "no_response")


# Bots and checks


def test_a_word_of_a_bot_changes_nothing():
    assert stands(upload(0), word(1, ZUUL), word(2, ZUUL, Verified=2)) == ("reviewer", 0, "no_response")


def test_an_automations_word_in_a_persons_name_is_a_bots():
    robot = word(1, REX, Code_Review=-1)._replace(is_bot=True)
    assert stands(upload(0), robot) == ("author", 1, "checks_failed")
    assert wait_state_of(change(upload(0), robot)).first_response_at is None


def test_failed_checks_hold_the_change_with_its_author():
    assert stands(upload(0), word(1, ZUUL, Verified=-1)) == ("author", 1, "checks_failed")


def test_a_bots_comment_without_a_vote_does_not_lift_its_negative_vote():
    assert stands(upload(0), word(1, ZUUL, Verified=-1), word(2, ZUUL)) == ("author", 1, "checks_failed")
    assert stands(upload(0), word(1, ZUUL, Verified=-1), word(2, ZUUL, Verified=0)) == ("author", 1, "checks_failed")


def test_checks_that_turn_positive_give_the_turn_back_to_where_it_lay():
    failed, passed = word(1, ZUUL, Verified=-1), word(3, ZUUL, Verified=2)
    assert stands(upload(0), failed, passed) == ("reviewer", 3, "no_response")
    assert stands(upload(0), failed, word(2, REX), passed) == ("author", 1, "comment")


def test_each_bot_lifts_its_own_vote_only():
    both = (upload(0), word(1, ZUUL, Verified=-1), word(2, LINT, Verified=-1))
    assert stands(*both, word(3, ZUUL, Verified=2)) == ("author", 1, "checks_failed")
    assert stands(*both, word(3, ZUUL, Verified=2), word(4, LINT, Verified=1)) == ("reviewer", 4, "no_response")


def test_a_new_patch_set_forgets_failed_checks():
    assert stands(upload(0), word(1, ZUUL, Verified=-1), upload(4, 2)) == ("reviewer", 4, "no_response")


def test_a_bots_vote_on_an_older_patch_set_counts_as_nothing():
    assert stands(upload(0), upload(1, 2), word(2, ZUUL, patchset=1, Verified=-1)) == ("reviewer", 0, "no_response")


def test_an_answer_of_the_author_does_not_lift_failed_checks():
    assert stands(upload(0), word(1, ZUUL, Verified=-1), word(2, ANA)) == ("author", 1, "checks_failed")


def test_a_reviewers_praise_does_not_lift_failed_checks():
    assert stands(upload(0), word(1, ZUUL, Verified=-1), word(2, REX, Code_Review=1)) == ("author", 1, "checks_failed")


def test_a_failed_pipeline_of_the_newest_patch_set_holds_the_change_since_that_patch_set():
    events = (upload(0), word(1, REX, Approval=1, approval=True), upload(4, 2), word(5, ANA))
    assert stands(*events, head_checks_failed=True) == ("author", 4, "checks_failed")
    assert stands(*events, head_checks_failed=False) == ("reviewer", 0, "author_answered")
    assert stands(head_checks_failed=True) == ("author", 0, "checks_failed")


def test_a_positive_vote_of_a_bot_does_not_lift_a_failed_pipeline():
    assert stands(upload(0), word(1, ZUUL, Verified=1), head_checks_failed=True) == ("author", 0, "checks_failed")


# Work in progress


def test_work_in_progress_stays_with_its_author_while_it_lasts():
    events = (upload(0), event(2, EventKind.WORK_IN_PROGRESS))
    assert stands(*events, work_in_progress=True) == ("author", 2, "work_in_progress")
    assert stands(*events, upload(3, 2), work_in_progress=True) == ("author", 2, "work_in_progress")
    assert stands(*events, word(3, ANA), work_in_progress=True) == ("author", 2, "work_in_progress")


def test_a_draft_from_the_start_waits_on_its_author_since_its_creation():
    assert stands(upload(0), work_in_progress=True) == ("author", 0, "work_in_progress")


def test_the_clock_of_a_draft_starts_when_it_becomes_ready():
    assert stands(upload(0), event(6, EventKind.READY)) == ("reviewer", 6, "no_response")


def test_when_work_in_progress_ends_the_turn_returns_to_where_it_lay():
    events = (upload(0), word(1, REX), event(2, EventKind.WORK_IN_PROGRESS), event(4, EventKind.READY))
    assert stands(*events) == ("author", 1, "comment")


def test_the_server_is_believed_when_its_history_has_a_hole():
    events = (upload(0), event(2, EventKind.WORK_IN_PROGRESS))
    assert stands(*events, work_in_progress=False, updated_at=at(5)) == ("reviewer", 5, "no_response")
    ready = (upload(0), event(2, EventKind.READY))
    assert stands(*ready, work_in_progress=True, updated_at=at(5)) == ("author", 5, "work_in_progress")


# Since and reason


def test_an_event_that_leaves_the_side_as_it_is_does_not_move_since():
    events = (upload(0), word(2, REX), word(3, REX, Code_Review=-1))
    assert stands(*events) == ("author", 2, "changes_requested")


def test_the_reason_is_that_of_the_latest_event_that_counts():
    assert stands(upload(0), word(1, ZUUL, Verified=-1), word(2, REX, Code_Review=-1))[2] == "changes_requested"
    assert stands(upload(0), word(1, REX, Code_Review=-1), word(2, ZUUL, Verified=-1))[2] == "checks_failed"


def test_nobodys_response_yet_outranks_every_other_reason_to_review():
    assert stands(upload(0), upload(1, 2), word(2, ANA)) == ("reviewer", 0, "no_response")


def test_events_of_one_moment_count_in_the_order_they_came():
    assert stands(upload(0), word(2, REX), upload(2, 2))[0] == "reviewer"
    assert stands(upload(0), upload(2, 2), word(2, REX))[0] == "author"


def test_events_out_of_order_are_walked_in_time_order():
    assert stands(word(5, ANA), word(2, REX), upload(0)) == ("reviewer", 5, "author_answered")


# First response


def first_response(*events: RemoteEvent, **values: Any) -> float | None:
    found = wait_state_of(change(*events, **values)).first_response_at
    return (found - START) / timedelta(hours=1) if found else None


def test_the_first_response_is_the_first_word_of_another_human():
    assert first_response(upload(0), word(1, ZUUL), word(2, ANA), word(3, REX), word(4, REX)) == 3


def test_a_merge_or_an_abandon_by_another_human_is_a_response():
    assert first_response(upload(0), event(3, EventKind.MERGE, REX), state=ChangeState.MERGED) == 3
    assert first_response(upload(0), event(3, EventKind.ABANDON, REX), state=ChangeState.ABANDONED) == 3


@pytest.mark.parametrize("by", [ANA, ZUUL, None])
def test_a_merge_by_the_author_a_bot_or_nobody_is_no_response(by):
    assert first_response(upload(0), event(3, EventKind.MERGE, by), state=ChangeState.MERGED) is None


def test_an_upload_or_a_restore_by_another_is_no_response():
    assert first_response(upload(0), upload(1, 2, by=REX), event(2, EventKind.RESTORE, REX)) is None


# Newcomers


def test_a_newcomer_had_fewer_changes_merged_than_the_setting_asks():
    assert [is_newcomer(count, 3) for count in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("merges", "begin", "asked", "until"),
    [
        ([], None, 0, None),
        ([1, 2], None, 0, None),
        ([1, 2, 3, 4], None, 0, 3),
        ([5, 6], 4, 3, 4),
        ([5, 6], 4, 1, 6),
        ([1, 2, 5, 6], 4, 2, 5),
        ([5], 4, 1, None),
        ([4], 4, 2, 4),
        ([1, 2, 3], 4, 3, 3),
    ],
)
def test_an_author_is_a_newcomer_until_enough_is_merged(merges, begin, asked, until):
    found = newcomer_until([at(hour) for hour in merges], None if begin is None else at(begin), asked, 3)
    assert found == (None if until is None else at(until))


# What always holds

accounts = st.sampled_from([ANA, REX, ZUUL, LINT, None])
votes = st.dictionaries(st.sampled_from(["Code-Review", "Verified"]), st.integers(-2, 2), max_size=2)


@st.composite
def remote_events(draw: Any) -> RemoteEvent:
    by = draw(accounts)
    is_bot = by is not None and by.is_bot
    kind = draw(st.sampled_from(list(EventKind)))
    hours, patchset = draw(st.integers(0, 40)), draw(st.integers(1, 4))
    return RemoteEvent(at(hours), kind, by, patchset, is_bot, draw(votes), draw(st.booleans()))


@st.composite
def remote_changes(draw: Any) -> RemoteChange:
    events = sorted(draw(st.lists(remote_events(), max_size=12)), key=lambda one: one.at)
    values = {
        "state": draw(st.sampled_from(list(ChangeState))),
        "work_in_progress": draw(st.booleans()),
        "head_checks_failed": draw(st.sampled_from([None, False, True])),
        "updated_at": at(50),
    }
    return change(*events, **values)


@given(remote_changes())
def test_side_reason_and_state_always_agree(one):
    wait = wait_state_of(one)
    assert (wait.waiting_on is WaitingOn.NOBODY) == (one.state is not ChangeState.OPEN)
    if wait.reason is None:
        assert wait.waiting_on is WaitingOn.NOBODY
    else:
        assert SIDE_OF[wait.reason] is wait.waiting_on
    if wait.reason is Reason.NO_RESPONSE:
        assert wait.first_response_at is None


@given(remote_changes())
def test_since_lies_within_the_life_of_the_change(one):
    assert one.created_at <= wait_state_of(one).since <= one.updated_at


@given(remote_changes())
def test_work_in_progress_never_waits_on_a_reviewer(one):
    assert not (one.work_in_progress and wait_state_of(one).waiting_on is WaitingOn.REVIEWER)


@given(remote_changes(), st.integers(0, 40))
def test_a_bots_plain_comment_never_changes_anything(one, hours):
    with_comment = sorted([*one.events, word(hours, ZUUL, patchset=9)], key=lambda event: event.at)
    assert wait_state_of(one._replace(events=tuple(with_comment))) == wait_state_of(one)


@given(remote_changes())
def test_judging_twice_says_the_same(one):
    first: WaitState = wait_state_of(one)
    assert wait_state_of(one) == first
