"""What is true of mentoring, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Conflict, NotAllowed
from portal.mentoring.models import Mentor, MentorState, Request, RequestState
from portal.mentoring.rules import (
    Fit,
    MentorProfile,
    MentorStanding,
    RequestProfile,
    clock_start,
    due_nudge,
    fit,
    has_expired,
    has_timed_out,
    median_wait,
    rank_key,
    refuse_hold,
    refuse_seat,
    shared_hours,
    standing,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def wish(*musts: str, wants: str = "", languages: str = "en", zone: str = "") -> RequestProfile:
    return RequestProfile(frozenset(musts), frozenset(wants.split()), frozenset(languages.split()), zone)


def offer(languages: str = "en", zone: str = "", **levels: int) -> MentorProfile:
    return MentorProfile(levels, frozenset(languages.split()), zone)


def fits(wish: RequestProfile, offer: MentorProfile) -> Fit:
    found = fit(wish, offer, NOW)
    assert found
    return found


class TestFit:
    def test_it_names_what_is_covered_and_what_is_missing(self) -> None:
        found = fits(wish("python", "sql", wants="css lua"), offer(python=4, css=2))
        assert (found.musts, found.wants) == ((("python", 4),), (("css", 2),))
        assert (found.missing_musts, found.missing_wants) == (("sql",), ("lua",))
        assert (found.covered, found.asked_for) == (2, 4)

    def test_without_a_shared_language_nobody_fits(self) -> None:
        assert fit(wish("python", languages="fr"), offer("en de", python=4), NOW) is None

    def test_a_must_counts_before_all_wants_levels_and_hours_together(self) -> None:
        asked = wish("python", "sql", wants="css lua git", zone="Europe/Paris")
        two_musts = fits(asked, offer(zone="Pacific/Auckland", python=1, sql=1))
        all_else = fits(asked, offer(zone="Europe/Paris", python=4, css=4, lua=4, git=4))
        assert two_musts.score > all_else.score

    def test_wants_count_first_where_nothing_is_a_must(self) -> None:
        asked = wish(wants="css lua")
        assert fits(asked, offer(css=1)).score > fits(asked, offer(python=4)).score + 400
        assert not fits(asked, offer(python=4)).lacks_all_musts

    @pytest.mark.parametrize(
        ("better", "worse"),
        [
            (offer(python=4), offer(python=1)),
            (offer(python=2, css=2), offer(python=2)),
            (offer(zone="Europe/Paris", python=2), offer(zone="Asia/Tokyo", python=2)),
        ],
    )
    def test_levels_wants_and_hours_tell_equals_apart(self, better: MentorProfile, worse: MentorProfile) -> None:
        asked = wish("python", wants="css", zone="Europe/Paris")
        assert fits(asked, better).score > fits(asked, worse).score

    def test_who_lacks_every_must_is_ranked_behind_all_others(self) -> None:
        lacking = fits(wish("sql", wants="python"), offer(python=4))
        partly = fits(wish("python", "sql", "css", "lua", "git", "go", "php", "perl"), offer(python=1))
        assert lacking.lacks_all_musts
        assert rank_key(partly, NOW, 2) < rank_key(lacking, NOW - 90 * DAY, 1)

    def test_who_lacks_every_must_is_ranked_even_behind_who_has_nothing_that_is_only_wanted(self) -> None:
        lacking = fits(wish("sql", wants="python"), offer(python=4))
        useless = fits(wish(wants="lua"), offer(python=4))
        assert lacking.score > useless.score
        assert rank_key(useless, NOW, 2) < rank_key(lacking, NOW, 1)

    def test_the_longest_wait_comes_first_among_equals(self) -> None:
        same = fits(wish("python"), offer(python=2))
        assert rank_key(same, NOW - 9 * DAY, 7) < rank_key(same, NOW - 2 * DAY, 1)

    skills = st.frozensets(st.sampled_from(["python", "sql", "css", "lua", "git", "go", "php", "perl"]), max_size=8)
    levels = st.dictionaries(st.sampled_from(["python", "sql", "css", "lua", "git"]), st.integers(1, 4))

    @given(musts=skills, wants=skills, levels=levels, more=st.sampled_from(["python", "sql", "css"]))
    def test_one_skill_more_never_lowers_the_rank(
        self, musts: frozenset[str], wants: frozenset[str], levels: dict[str, int], more: str
    ) -> None:
        asked = RequestProfile(musts, wants - musts, frozenset({"en"}))
        before = fits(asked, MentorProfile(levels, frozenset({"en"})))
        after = fits(asked, MentorProfile({more: 4, **levels}, frozenset({"en"})))
        assert rank_key(after, NOW, 1) <= rank_key(before, NOW, 1)
        assert 0 <= before.score <= 1100
        assert before.asked_for == len(musts | wants)


class TestSharedHours:
    @pytest.mark.parametrize(
        ("one", "other", "hours"),
        [
            ("Europe/Paris", "Europe/Paris", 12),
            ("Europe/Paris", "Europe/London", 11),
            ("Europe/Paris", "Asia/Kolkata", 7),
            ("Pacific/Auckland", "Pacific/Honolulu", 11),
            ("Europe/London", "Pacific/Fiji", 0),
        ],
    )
    def test_hours_between_nine_and_twenty_one_in_both_places(self, one: str, other: str, hours: int) -> None:
        assert shared_hours(one, other, NOW) == shared_hours(other, one, NOW) == hours

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus"])
    def test_they_are_unknown_where_a_zone_is(self, zone: str) -> None:
        assert shared_hours(zone, "Europe/Paris", NOW) is None


def request(**values: Any) -> Request:
    known = {"id": 1, "person_id": 1, "state": RequestState.OPEN, "expires_at": NOW + DAY}
    return Request(**{**known, **values})


def mentor(**values: Any) -> Mentor:
    return Mentor(**{"person_id": 9, "state": MentorState.APPROVED, "capacity": 2, "taken": 0, **values})


class TestRefusals:
    def test_an_open_request_may_be_taken(self) -> None:
        assert refuse_hold(request(), 9, NOW) is None

    def test_nobody_takes_their_own_request(self) -> None:
        assert isinstance(refuse_hold(request(person_id=9), 9, NOW), NotAllowed)

    @pytest.mark.parametrize(
        ("values", "word"),
        [
            ({"state": RequestState.PAIRED}, "claimed"),
            ({"state": RequestState.WITHDRAWN}, "withdrawn"),
            ({"state": RequestState.EXPIRED}, "expired"),
            ({"expires_at": NOW}, "expired"),
            ({"held_by": 8, "held_until": NOW + timedelta(minutes=5)}, "looking"),
        ],
    )
    def test_each_refusal_says_what_happened(self, values: dict[str, Any], word: str) -> None:
        refusal = refuse_hold(request(**values), 9, NOW)
        assert isinstance(refusal, Conflict)
        assert word in str(refusal.message)

    def test_a_hold_of_ones_own_or_one_that_ran_out_is_no_hindrance(self) -> None:
        assert refuse_hold(request(held_by=9, held_until=NOW + DAY), 9, NOW) is None
        assert refuse_hold(request(held_by=8, held_until=NOW), 9, NOW) is None

    def test_a_seat_must_be_free(self) -> None:
        assert refuse_seat(mentor(taken=1)) is None
        assert isinstance(refuse_seat(mentor(taken=2)), Conflict)
        assert isinstance(refuse_seat(mentor(taken=3)), Conflict)
        assert isinstance(refuse_seat(mentor(state=MentorState.RETIRED)), NotAllowed)

    def test_a_request_past_its_day_has_expired_before_the_sweep_says_so(self) -> None:
        assert has_expired(request(expires_at=NOW), NOW)
        assert not has_expired(request(expires_at=NOW, state=RequestState.PAIRED), NOW)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, MentorStanding.AVAILABLE),
        ({"taken": 2}, MentorStanding.FULL),
        ({"away_until": NOW + DAY}, MentorStanding.AWAY),
        ({"away_until": NOW}, MentorStanding.AVAILABLE),
        ({"state": MentorState.RETIRED, "away_until": NOW + DAY}, MentorStanding.RETIRED),
    ],
)
def test_where_a_mentor_stands(values: dict[str, Any], expected: MentorStanding) -> None:
    assert standing(mentor(**values), NOW) is expected


class TestTurns:
    @pytest.mark.parametrize(
        ("days", "nudged", "due"),
        [(6.9, 0, None), (7, 0, 7), (13, 7, None), (14, 7, 14), (40, 0, 14), (40, 14, None)],
    )
    def test_a_nudge_missed_by_a_sleeping_worker_is_made_up_for_once(
        self, days: float, nudged: int, due: int | None
    ) -> None:
        assert due_nudge(timedelta(days=days), nudged) == due

    def test_silence_ends_a_pairing_only_a_week_after_the_last_reminder(self) -> None:
        assert has_timed_out(28 * DAY, 14, NOW - 7 * DAY, NOW)
        assert not has_timed_out(27 * DAY, 14, NOW - 13 * DAY, NOW)
        assert not has_timed_out(60 * DAY, 14, NOW - DAY, NOW)
        assert not has_timed_out(60 * DAY, 0, None, NOW)

    def test_the_mentors_clock_stands_still_while_they_are_away(self) -> None:
        assert clock_start("mentor", NOW - 9 * DAY, NOW + DAY) == NOW + DAY
        assert clock_start("mentor", NOW - 9 * DAY, NOW - 20 * DAY) == NOW - 9 * DAY
        assert clock_start("mentee", NOW - 9 * DAY, NOW + DAY) == NOW - 9 * DAY


class TestMedianWait:
    def test_it_is_the_middle_where_everybody_was_answered(self) -> None:
        assert median_wait([(days * DAY, True) for days in (1, 2, 9)]) == 2 * DAY

    def test_those_who_still_wait_count(self) -> None:
        answered = [(DAY, True), (2 * DAY, True)]
        assert median_wait(answered) == DAY
        assert median_wait([*answered, (30 * DAY, False), (40 * DAY, False)]) == 2 * DAY
        assert median_wait([*answered, *[(30 * DAY, False)] * 3]) is None

    def test_it_is_unknown_without_requests(self) -> None:
        assert median_wait([]) is None

    @given(st.lists(st.tuples(st.integers(0, 90), st.booleans())))
    def test_one_more_who_waits_long_never_makes_it_look_shorter(self, waits: list[tuple[int, bool]]) -> None:
        known = [(days * DAY, found) for days, found in waits]
        before, after = median_wait(known), median_wait([*known, (91 * DAY, False)])
        assert after is None or (before is not None and after >= before)
