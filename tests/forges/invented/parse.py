"""A proposal of an invented server in the portal's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.forges.shapes import ChangeState, EventKind, RemoteAccount, RemoteChange, RemoteEvent
from tests.forges.invented.addresses import proposal_page


def parse_proposal(raw: Mapping[str, Any], server: str) -> RemoteChange:
    """Read one proposal. Raises KeyError or ValueError when something is absent or is something else."""
    author = RemoteAccount(raw["by"], raw["by"].title())
    born, moved = datetime.fromisoformat(raw["born"]), datetime.fromisoformat(raw["moved"])
    is_open = raw["state"] == "open"
    events = [RemoteEvent(born, EventKind.UPLOAD, author, 1)]
    if not is_open:
        events.append(RemoteEvent(moved, EventKind.MERGE, None, 1))
    return RemoteChange(
        key=f"p{raw['number']}",
        number=raw["number"],
        project=raw["shelf"],
        url=proposal_page(server, raw["number"]),
        title=raw["topic"],
        author=author,
        state=ChangeState.OPEN if is_open else ChangeState.MERGED,
        created_at=born,
        updated_at=moved,
        patchsets=1,
        work_in_progress=False,
        events=tuple(events),
        closed_at=None if is_open else moved,
    )
