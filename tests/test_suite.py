"""The suite itself: a test that hangs must not hold up the others without a name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LIMIT_WITH_SERVERS

SETTINGS = Path(__file__).parents[1] / "pyproject.toml"
HANGING = """
import threading

def test_that_waits_for_ever():
    threading.Event().wait()

def test_that_comes_after_it():
    assert threading.main_thread().is_alive()
"""


def test_a_test_that_hangs_fails_by_its_name_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING)
    words = ["-c", str(SETTINGS), f"--rootdir={tmp_path}", "-o", "timeout=1", "-p", "no:cacheprovider", "-n", "1"]
    told = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "test_hanging.py"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=dict(os.environ), timeout=120,
    )  # fmt: skip
    assert told.returncode == 1, told.stdout + told.stderr
    assert "FAILED test_hanging.py::test_that_waits_for_ever" in told.stdout
    assert "1 failed, 1 passed" in told.stdout


def test_every_test_has_a_limit(pytestconfig: pytest.Config) -> None:
    assert 0 < float(pytestconfig.getini("timeout")) < LIMIT_WITH_SERVERS
