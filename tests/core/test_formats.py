"""Words in a row, times and languages, as a page of each direction writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.core.formats import exact, in_language, listed
from portal.core.i18n import speaking

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", "C++, .NET, R&amp;D"),
        ("fr", "C++, .NET, R&amp;D"),
        ("x-rtl", "<bdi>C++</bdi>, <bdi>.NET</bdi>, <bdi>R&amp;D</bdi>"),
        ("ar", "<bdi>C++</bdi>، <bdi>.NET</bdi>، <bdi>R&amp;D</bdi>"),
    ],
)
def test_a_row_of_words_has_the_comma_and_the_direction_of_its_reader(language: str, row: str) -> None:
    with speaking(language):
        assert listed(["C++", ".NET", "R&D"]) == row
        assert listed([]) == ""


@pytest.mark.parametrize(
    ("language", "time"),
    [
        ("en", "23 November 2026, 12:00 UTC"),
        ("fr", "23 novembre 2026, 12:00 TU"),
        ("ar", "23 نوفمبر 2026، 12:00 UTC"),
    ],
)
def test_an_exact_time_has_the_comma_of_its_reader(language: str, time: str) -> None:
    with speaking(language):
        assert exact(NOON) == time


@pytest.mark.parametrize(
    ("page", "words", "attributes"),
    [
        ("en", "en", ""),
        ("fr", "fr", ""),
        ("fr", "en", ' lang="en" dir="ltr"'),
        ("ar", "en", ' lang="en" dir="ltr"'),
        ("en", "ar", ' lang="ar" dir="rtl"'),
        ("x-rtl", "en", ' lang="en" dir="ltr"'),
        ("qqx", "en", ""),
    ],
)
def test_words_in_another_language_than_the_page_say_which(page: str, words: str, attributes: str) -> None:
    with speaking(page):
        assert in_language(words) == attributes
