"""The plain rules about people, as tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from babel import Locale

from portal.people import rules
from tests.make import NOON

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("username", ["ab", "ana", "ana.lima", "a-b_c.d", "0x", "a" * 39])
def test_a_plain_username_can_be_had(username: str) -> None:
    assert rules.objection_to_username(username) is None


@pytest.mark.parametrize("name", ["Ana", "李", "علی\u200cرضا", "O’Neil 3rd", "Łucja-Maria"])
def test_a_name_can_be_what_people_are_called(name: str) -> None:
    assert rules.objection_to_name(rules.tidy_name(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "...",
        "\u200d",
        "Ana\u202eamil",
        "Ana\x00",
        "Ana\u2066",
        "\ue000Ana",
        "\u3164",
        "An\u3164a",
        "Ana\ufe0f",
        "A\u200dna",
        "Za\u0316\u0317\u0318\u0319\u031clgo",
    ],
)
def test_a_name_that_misleads_the_eye_is_refused(name: str) -> None:
    assert rules.objection_to_name(rules.tidy_name(name)) is not None


def test_a_name_is_one_line_with_single_spaces() -> None:
    assert rules.tidy_name(" Ana\r\nBcc: x \t Lima ") == "Ana Bcc: x Lima"


def test_each_viewer_sees_at_least_what_wider_circles_see() -> None:
    everyone, signed_in, you = (rules.fields_shown_to(viewer) for viewer in rules.Audience)
    assert everyone < signed_in < you == rules.AUDIENCE.keys()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_household_counts_as_one(address: str, network: str) -> None:
    assert rules.network_of(address) == network


@pytest.mark.parametrize(
    ("minutes_ago", "wait"),
    [([], 0), ([1], 0), ([1, 2], 13), ([14, 15], 0), ([1, 20], 0), ([3, 2, 1], 13)],
)
def test_the_wait_ends_when_an_old_try_leaves_the_window(minutes_ago: list[int], wait: int) -> None:
    tries = [NOON - minute * MINUTE for minute in minutes_ago]
    assert rules.wait_for_tries(tries, 2, 15 * MINUTE, NOON) == wait * MINUTE


def test_languages_are_named_in_the_readers_language() -> None:
    assert rules.language_names(Locale("en"))["ckb"] == "Central Kurdish"
    assert rules.language_names(Locale("fr"))["de"] == "allemand"
    assert max(map(len, rules.language_names(Locale("en")))) <= 16
