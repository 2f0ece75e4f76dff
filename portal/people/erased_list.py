"""Who has left, in a small file beside the database: a backup that is restored knows nothing of it.

A line has the number of an account and the moment at which it was made, which tells it from another that got the same
number after a restore. No name stands there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from portal.core.private_files import private_file

FILE = "erased-people.txt"
Erased = tuple[int, datetime]
"""The id of an account, and when it was made."""


def erased_in(path: Path) -> set[Erased]:
    """Those whom this file names; none where there is no file. A line that was cut, as by a full disk, is left out."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {erased for line in lines if (erased := _read(line))}


def add(path: Path, people: Iterable[Erased]) -> None:
    """Write these behind those that stand there."""
    lines = "".join(f"{person_id} {made_at.isoformat()}\n" for person_id, made_at in sorted(people))
    if lines:
        with private_file(path).open("a") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def _read(line: str) -> Erased | None:
    number, _, moment = line.partition(" ")
    try:
        made_at = datetime.fromisoformat(moment)
        return (int(number), made_at) if made_at.tzinfo else None
    except ValueError:
        return None
