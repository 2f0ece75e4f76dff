"""Files of any kind are read within bounds: a broken entry costs itself and nothing else."""

from __future__ import annotations

import json

import pytest

from portal.tools import reading
from portal.tools.reading import UnreadableFile, entries, text_of


def values(text: str) -> list[object]:
    return [entry.value if not entry.problem else entry.problem for entry in entries(text)]


def test_one_record_and_a_list_are_both_read() -> None:
    assert values('{"a": [1, "]"]}') == [{"a": [1, "]"]}]
    assert values(' [ {"a": "},{"}, 2, "x,\\"]" ] ') == [{"a": "},{"}, 2, 'x,"]']
    assert values("[]") == []


def test_a_broken_entry_leaves_the_others_alone() -> None:
    told = list(entries('[{"name": "a"}, {"name": "b" "url": 1}, {"name": "c"}, ]'))
    assert [entry.value for entry in told] == [{"name": "a"}, None, {"name": "c"}]
    assert told[1].name == "b"
    assert "broken at line 1" in told[1].problem


def test_a_file_that_ends_too_early_gives_what_came_before() -> None:
    told = list(entries('[{"name": "a"}, {"name": "b", "ti'))
    assert told[0].value == {"name": "a"}
    assert (told[1].name, told[1].problem) == ("b", "the file ends in the middle of this entry")


@pytest.mark.parametrize("text", ["", "   ", "<!doctype html>", "null", '"x"', "NaN"])
def test_what_is_no_json_object_or_list_is_told(text: str) -> None:
    with pytest.raises(UnreadableFile, match="no JSON"):
        list(entries(text))


@pytest.mark.parametrize("deep", ["[" * 200_000 + "]" * 200_000, '[{"a":' + "[" * 200_000 + "]" * 200_000 + "}]"])
def test_deep_nesting_is_refused_without_a_crash(deep: str) -> None:
    (entry,) = entries(deep)
    assert entry.problem


def test_a_single_record_nested_too_deeply_is_refused() -> None:
    (entry,) = entries('{"a":' * 100_000 + "1" + "}" * 100_000)
    assert "nested deeper" in entry.problem or "longer than" in entry.problem


def test_an_entry_of_ten_megabytes_is_refused_by_name_and_the_next_is_read() -> None:
    text = json.dumps([{"name": "huge", "description": "\\n" * 5_000_000}, {"name": "small"}])
    huge, small = entries(text)
    assert (huge.name, huge.problem) == ("huge", "the entry is longer than 1,000,000 characters")
    assert small.value == {"name": "small"}


def test_a_number_of_a_million_digits_is_refused() -> None:
    (entry,) = entries('[{"name": ' + "9" * 900_000 + "}]")
    assert entry.problem


def test_only_so_many_entries_are_read_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 3)
    told = list(entries("[1, 2, 3, 4, 5]"))
    assert [entry.value for entry in told] == [1, 2, 3, None]
    assert "only the first 3" in told[3].problem


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(UnreadableFile, match="larger than"):
        text_of(b"[" + b" " * 10)


def test_marks_and_foreign_bytes_are_mended_and_noted() -> None:
    assert text_of(b"\xef\xbb\xbf[]") == ("[]", ["a byte order mark was skipped"])
    assert text_of("[]".encode("utf-16"))[0].lstrip("\ufeff") == "[]"
    text, notes = text_of(b'{"name": "caf\xe9"}')
    assert text == '{"name": "caf\ufffd"}'
    assert "at byte 13" in notes[0]
