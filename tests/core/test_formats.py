"""Words in a row, times and languages, as a page of each direction writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.core.formats import content, duration, exact, in_language, listed, moment
from portal.core.i18n import speaking
from portal.core.markdown import render_markdown

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


def test_a_wide_table_of_a_content_file_scrolls_in_a_frame_with_a_name() -> None:
    with speaking("fr"):
        shown = content(render_markdown("| A |\n|---|\n| [x](/help/x) |\n\n`<table>`\n"), "/portal")
    assert shown.count('<div class="table-frame" role="group" tabindex="0" aria-label="Tableau"><table>') == 1
    assert shown.count("</table></div>") == 1
    assert 'href="/portal/help/x"' in shown
    assert "<code>&lt;table&gt;</code>" in shown


@pytest.mark.parametrize(
    ("label", "told"),
    [("Name", "Name: Write it."), ("What is next?", "What is next? Write it."), ("ما التالي؟", "ما التالي؟ Write it.")],
)
def test_a_label_that_ends_like_a_sentence_takes_no_colon(site: Any, label: str, told: str) -> None:
    macro = site.app.jinja_env.get_template("macros/forms.html").module.labelled
    assert macro(label, "Write it.").strip() == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-4, "just now"),
        (0, "just now"),
        (1, "just now"),
        (59, "just now"),
        (61, "1 minute ago"),
        (-40, "in 40 seconds"),
    ],
)
def test_what_happened_within_a_minute_happened_just_now(seconds: int, told: str) -> None:
    with time_machine.travel(NOON, tick=False), speaking("en"):
        assert f">{told}</time>" in moment(NOON - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("language", "told"), [("en", "less than a minute"), ("fr", "moins d’une minute"), ("es", "menos de un minuto")]
)
@pytest.mark.parametrize("seconds", [-5, 0, 1, 59])
def test_a_wait_below_a_minute_counts_no_seconds(language: str, told: str, seconds: int) -> None:
    with speaking(language):
        assert duration(timedelta(seconds=seconds)) == told


DAY = 24 * 60 * 60


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (61, "1 minute"),
        (89, "1 minute"),
        (90, "2 minutes"),
        (150, "3 minutes"),
        (59.4 * 60, "59 minutes"),
        (59.6 * 60, "1 hour"),
        (61 * 60, "1 hour"),
        (89 * 60, "1 hour"),
        (100 * 60, "2 hours"),
        (23.4 * 3600, "23 hours"),
        (23.9 * 3600, "1 day"),
        (35 * 3600, "1 day"),
        (6.9 * DAY, "7 days"),
        (10 * DAY, "10 days"),
        (11 * DAY, "2 weeks"),
        (44 * DAY, "6 weeks"),
        (46 * DAY, "2 months"),
        (360 * DAY, "12 months"),
        (500 * DAY, "17 months"),
        (550 * DAY, "2 years"),
        (4000 * DAY, "11 years"),
    ],
)
def test_a_length_is_told_in_one_unit_that_has_not_become_the_next(seconds: float, told: str) -> None:
    length = timedelta(seconds=seconds)
    with time_machine.travel(NOON, tick=False), speaking("en"):
        assert duration(length) == told
        assert f">{told} ago</time>" in moment(NOON - length)
        assert f">in {told}</time>" in moment(NOON + length)


def test_no_length_counts_more_than_59_of_a_unit_that_has_a_next_one() -> None:
    lengths = [timedelta(seconds=1.07**step) for step in range(60, 270)]
    with speaking("en"):
        counts = {duration(length) for length in lengths} - {"less than a minute"}
    assert max(int(told.split()[0]) for told in counts if "year" not in told) <= 59


@pytest.mark.parametrize(("seconds", "told"), [(59.4, "in 59 seconds"), (59.6, "in 1 minute"), (61, "in 1 minute")])
def test_what_is_to_come_within_a_minute_is_counted(seconds: float, told: str) -> None:
    with time_machine.travel(NOON, tick=False), speaking("en"):
        assert f">{told}</time>" in moment(NOON + timedelta(seconds=seconds))
