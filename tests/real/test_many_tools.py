"""A catalogue of a hundred thousand tools: it comes in within bounds, whole, and its pages stay small."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.app import create_app
from tests.settings import load_config

pytestmark = pytest.mark.real

TOOLS = 100_000
MEGA = 1024 * 1024
ROOT = Path(__file__).parents[2]
TELLING_ITS_PEAK = """
import atexit
import sys
from portal.cli import main
from tests.memory import peak_memory

atexit.register(lambda: print(f"peak: {peak_memory():.0f} MB", file=sys.stderr))
main()
"""


def portal(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as an admin does."""
    command = [sys.executable, "-c", TELLING_ITS_PEAK, *words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=600)


def peak_of(told: subprocess.CompletedProcess[str]) -> int:
    """How much memory the command held at most, in bytes."""
    peak = re.search(r"^peak: (\d+) MB$", told.stderr, re.MULTILINE)
    assert peak, told.stderr
    return int(peak[1]) * MEGA


def write_records(path: Path) -> None:
    """Records with everything that is counted and searched."""
    with path.open("w") as file:
        for number in range(TOOLS):
            name = f"tool-{number}"
            one = {"name": name, "title": f"Tool {number}", "url": f"https://{name}.example.org", "keywords": "a, b, c"}
            one |= {"description": "What it does. " * 8, "license": "MIT", "author": [{"name": "Ana"}]}
            one |= {"available_ui_languages": ["en", "fr"], "for_wikis": ["fr.wikipedia.org", "*.wikisource.org"]}
            file.write(("[" if not number else ",") + json.dumps(one))
        file.write("]")


def test_a_hundred_thousand_tools_come_in_without_being_held_in_memory(tmp_path: Path) -> None:
    # Measured: 45 s and 205 MB on two cores, for a file of 36 MB; the second time 21 s.
    records = tmp_path / "toolinfo.json"
    write_records(records)
    assert portal(tmp_path, "db", "upgrade").returncode == 0
    told = portal(tmp_path, "tools", "import", str(records))
    assert told.returncode == 0, told.stderr
    assert "100000 added" in told.stdout
    # The file as bytes and as text, and what the portal itself needs; the records come and go in batches.
    assert peak_of(told) < 2 * records.stat().st_size + 250 * MEGA
    again = portal(tmp_path, "tools", "import", str(records))
    assert "100000 unchanged" in again.stdout
    config = load_config({})
    data = config.site.model_copy(update={"data_dir": tmp_path / "var"})
    app = create_app(config.model_copy(update={"site": data}), environ=os.environ, in_memory_queue=True)
    page = app.test_client().get("/tools/?wiki=fr.wikipedia.org&language=fr")
    assert page.status_code == 200
    assert len(page.data) < 60_000
    assert "fr.wikipedia.org (100,000)" in page.text
    app.extensions["portal"].database.dispose()
