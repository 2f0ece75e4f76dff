"""docs/security.md: every requirement of the standard stands there once, and all that it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "security.md").read_text()
NUMBERS = (ROOT / "tests" / "data" / "asvs-4.0.3-numbers.txt").read_text().split()
STATES = {"met", "does not apply", "whoever installs", "open"}
ROW = re.compile(r"^\| (\d[\d., ]*) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:tests|content|deploy|portal|docs)/[^`]+|CONTRIBUTING\.md|CHANGELOG\.md|Makefile)`")


def test_every_requirement_stands_there_once() -> None:
    told = Counter(number for row in ROW.findall(GUIDE) for number in row[0].split(", "))
    assert [number for number, times in told.items() if times > 1] == []
    assert sorted(set(NUMBERS) ^ told.keys()) == []


def test_each_has_a_state_and_what_is_met_names_what_shows_it() -> None:
    for numbers, _about, state, shown in ROW.findall(GUIDE):
        assert state in STATES, numbers
        assert state != "met" or NAMED.search(shown), f"{numbers}: say which test or file shows it"
        assert state == "met" or len(shown) > 1, f"{numbers}: say why"


def test_all_that_it_names_exists() -> None:
    for name in set(NAMED.findall(GUIDE)):
        path, _, function = name.partition("::")
        assert (ROOT / path).exists(), name
        assert not function or f"def {function}(" in (ROOT / path).read_text(), name
