"""Real changes of a real community, recorded in 2012 and moved in time; recorded-changes.md says where they come from.

Every recorded change is closed by now. How things stood at a moment of 2012 follows from the dates: what came later is
left out, and a change is open when it was closed later. Then everything is moved so that this moment is now.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

RECORDING = Path(__file__).parent / "recorded-changes.jsonl.xz"
STOPPED_AT = datetime(2012, 4, 23, 15, 43, tzinfo=UTC)
CLOSINGS = {"Change has been successfully merged": "MERGED", "Abandoned": "ABANDONED"}
# The accounts that were automatons then: the recording names them "Service N".
BOTS = frozenset({"user14", "user75", "user192"})

RawChange = dict[str, Any]


def changes_as_of(now: datetime) -> Iterator[RawChange]:
    """Every change that existed when the recording is stopped, as it stood then, moved to `now`."""
    later_by = now.replace(microsecond=0) - STOPPED_AT
    with lzma.open(RECORDING, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = _as_it_stood(json.loads(line))
            if raw:
                yield _moved(raw, later_by)


def _as_it_stood(raw: RawChange) -> RawChange | None:
    if _moment(raw["created"]) > STOPPED_AT:
        return None
    messages = [message for message in raw["messages"] if _moment(message["date"]) <= STOPPED_AT]
    revisions = {
        sha: revision for sha, revision in raw["revisions"].items() if _moment(revision["created"]) <= STOPPED_AT
    }
    dates = [message["date"] for message in messages] + [revision["created"] for revision in revisions.values()]
    updated = max([raw["created"], *dates])
    return raw | {"messages": messages, "revisions": revisions, "updated": updated, "status": _status(messages)}


def _status(messages: list[RawChange]) -> str:
    for message in sorted(messages, key=lambda entry: str(entry["date"]), reverse=True):
        for words, status in CLOSINGS.items():
            if message["message"].startswith(words):
                return status
    return "NEW"


def _moved(raw: RawChange, later_by: timedelta) -> RawChange:
    def move(text: str) -> str:
        return _later(text, later_by)

    messages = [message | {"date": move(message["date"])} for message in raw["messages"]]
    revisions = {sha: revision | {"created": move(revision["created"])} for sha, revision in raw["revisions"].items()}
    times = {"created": move(raw["created"]), "updated": move(raw["updated"])}
    return raw | times | {"messages": messages, "revisions": revisions}


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    # Gerrit writes nanoseconds and no zone: UTC is meant.
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def _later(text: str, by: timedelta) -> str:
    return f"{_moment(text) + by:%Y-%m-%d %H:%M:%S}.000000000"
