"""Tables as CSV: whole, bounded, and never a formula."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import tables
from portal.core.access import anyone, guard
from portal.core.i18n import speaking
from portal.core.tables import FORMULA, SEPARATORS, SIGNS, cell, download
from tests import make


@pytest.fixture
def serve(make_site: Any) -> Any:
    """A site that answers with a table of these rows at /test."""

    def run(rows: Any, toml: str = "", heads: tuple[str, ...] = ("Name", "Number")) -> Any:
        site = make_site(toml)
        site.app.add_url_rule("/test", view_func=guard(anyone)(lambda: download("test", heads, rows)), endpoint="test")
        return site

    return run


def read(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (-7, "-7"),
        (datetime(2026, 11, 20, 13, 0, 5, 99, tzinfo=timezone(timedelta(hours=1))), "2026-11-20T12:00:05Z"),
        (date(2026, 11, 20), "2026-11-20"),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
    ],
)
def test_a_cell_is_plain_text_whatever_it_holds(value: Any, expected: str) -> None:
    assert cell(value) == expected


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not cell(text).lstrip(" ").startswith(FORMULA)


UNSEEN = (" ", "\xa0", "\u200b", "\ufeff", "\u3000", "\x0b", "\x0c", "\0", "\u2028", " \xa0\u200b ")


@pytest.mark.parametrize("before", UNSEEN, ids=ascii)
def test_a_formula_that_begins_behind_something_unseen_is_none_either(before: str) -> None:
    for sign in SIGNS:
        assert cell(f"{before}{sign}1+1").startswith("'")


@pytest.mark.parametrize("text", ["a=1", " spaced", "\u200babc", "Zoë – 1", "x-rtl", "3 + 4"])
def test_text_that_is_no_formula_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2))
def test_every_cell_comes_back_as_it_was_but_for_the_apostrophe(cells: list[str]) -> None:
    for separator in SEPARATORS.values():
        rows = read_with(written(cells, separator), separator)
        assert rows == [[cell(one, separator) for one in cells]] * 2


def written(cells: list[str], separator: str) -> str:
    file = io.BytesIO()
    tables._write(file, cells, [cells], 10, separator)
    return file.getvalue().decode("utf-8-sig")


def read_with(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@given(st.lists(st.text(alphabet='=+@-;,"\n\t a\u3164\u200b', max_size=12), min_size=2, max_size=4))
def test_no_cell_is_a_formula_to_a_program_that_takes_the_other_separator(cells: list[str]) -> None:
    for own, other in ((",", ";"), (";", ","), (",", "\t"), (";", "\t")):
        for row in read_with(written(cells, own), other):
            for one in row:
                assert tables._first_seen(one) not in SIGNS


@pytest.mark.parametrize("text", ["fast; =1+1", 'now;"=A1"', "two\n=B2", "x;\u200b@SUM(A1)", "and\t+49"])
def test_a_formula_behind_what_could_end_a_cell_is_none(text: str) -> None:
    assert "'" in cell(text, ",")


def test_sentences_with_signs_stay_as_they_are() -> None:
    for text in ("a = b; c", "1 + 1; 2", "yes, no - or maybe", "me@example.net; you@example.net"):
        assert cell(text, ",") == text


@pytest.mark.parametrize("unseen", ["\u3164", "\u115f", "\ufe0f", "\u034f", "\U000e0041", "\uffa0"], ids=ascii)
def test_letters_that_nobody_sees_hide_no_formula(unseen: str) -> None:
    assert cell(f"{unseen}=1+1").startswith("'")
    assert cell(f"ok;{unseen}=1+1").endswith("'" + unseen + "=1+1")


def test_the_asker_chooses_the_separator(serve: Any) -> None:
    client = serve([("Zoë; x", 1)]).client()
    assert client.get("/test?separator=semicolon").data == '\ufeffName;Number\r\n"Zoë; x";1\r\n'.encode()
    assert client.get("/test?separator=comma").data == client.get("/test").data
    refused = client.get("/test?separator=pipe")
    assert refused.status_code == 422
    assert "comma or semicolon" in refused.text


def test_it_is_a_file_in_utf_8_with_a_mark_for_spreadsheets(serve: Any) -> None:
    answer = serve([("Zoë, “x”", 1)]).client().get("/test")
    assert answer.data == '\ufeffName,Number\r\n"Zoë, “x”",1\r\n'.encode()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="test-20')
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_what_the_asker_has_is_not_sent_again(serve: Any) -> None:
    rows = [("Ana", 1)]
    client = serve(rows).client()
    first = client.get("/test")
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/test", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    rows.append(("Ben", 2))
    assert read(client.get("/test", headers=known))[-1] == ["Ben", "2"]
    assert client.head("/test").status_code == 200


def test_nothing_is_kept_of_what_somebody_signed_in_was_sent(serve: Any) -> None:
    site = serve([])
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    answer = make.sign_in(site.client(), ana).get("/test")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(("number", "is_cut"), [(99, False), (100, False), (101, True), (5000, True)])
def test_a_table_is_bounded_and_says_so_in_its_last_line(serve: Any, number: int, is_cut: bool) -> None:
    rows = read(serve([("x", n) for n in range(number)], "[limits]\ncsv_rows = 100").client().get("/test"))
    assert len(rows) == 1 + min(number, 100) + is_cut
    told = "There is more: only the first 100 rows are here. Use the filters of the page to get the rest."
    assert (rows[-1] == [told]) == is_cut


def test_the_last_line_speaks_the_readers_language(serve: Any) -> None:
    with speaking("fr"):
        assert "100" in tables._more(100)
        assert not tables._more(100).startswith("There")


def test_no_more_rows_are_read_than_are_sent(serve: Any) -> None:
    read_so_far = []

    def endless() -> Iterator[tuple[str, int]]:
        while True:
            read_so_far.append(1)
            yield ("x", 1)

    serve(endless(), "[limits]\ncsv_rows = 100").client().get("/test")
    assert len(read_so_far) == 101


def test_a_large_table_needs_no_memory(serve: Any) -> None:
    site = serve((("x" * 100, n) for n in range(200_000)), "[limits]\ncsv_rows = 200000")
    client = site.client()
    tracemalloc.start()
    answer = client.get("/test", buffered=False)
    size = sum(len(chunk) for chunk in answer.response)
    answer.close()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 20_000_000
    assert peak < 6_000_000


def test_a_failure_half_way_is_an_error_and_never_half_a_table(serve: Any) -> None:
    def breaking() -> Iterator[tuple[str, int]]:
        yield ("x", 1)
        raise RuntimeError("secret detail")

    answer = serve(breaking()).client().get("/test")
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    assert cell(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
