"""Recorded answers of real servers; README.md says where they come from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TOOLINFO = FOLDER / "toolinfo"


def gerrit_changes() -> list[dict[str, Any]]:
    """Real changes of 2011 and 2012, as ChangeInfo."""
    with gzip.open(FOLDER / "wikimedia-gerrit-2012.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def gitlab(name: str) -> Any:
    """A real answer of GitLab's API."""
    return json.loads((FOLDER / f"gitlab-{name}.json").read_text())


def toolinfo_schema() -> Any:
    """The JSON Schema of toolinfo 1.2.2."""
    return json.loads((FOLDER / "toolinfo-1.2.2.json").read_text())
