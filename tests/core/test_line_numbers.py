"""A problem is told with the line on which the value stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import Document
from portal.core.line_numbers import KeyPath, toml_lines

TOML = """title = "x"

[[modules]]
name = "first"

[[modules]]
name = "second"
"""


@pytest.mark.parametrize(
    ("key_path", "line"),
    [
        (("title",), 1),
        (("modules",), 3),
        (("modules", 0, "name"), 4),
        (("modules", 1, "name"), 7),
        (("modules", 1, "missing"), 6),
        (("nothing",), 1),
    ],
)
def test_the_line_of_a_value_in_toml_or_of_what_is_around_it(key_path: KeyPath, line: int) -> None:
    assert toml_lines(TOML).of(key_path) == line


@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_the_line_of_a_front_matter_key_whatever_mark_the_file_begins_with(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"{begin}---\ntitle: x\nskills:\n  - python\n---\norder: 3\n", encoding="utf-8")
    document = Document(path, {}, "", 6)
    assert [document.line_of(key) for key in ("title", "skills", "order")] == [2, 3, 1]
