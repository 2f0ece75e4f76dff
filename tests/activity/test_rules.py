"""When the daily letter leaves: at eight by the clock of its reader, whatever that clock does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.activity.rules import due_at, next_morning
from portal.core.notices import Cadence


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "morning"),
    [
        ("", "2026-11-20 07:59", "2026-11-20 08:00"),
        ("", "2026-11-20 08:00", "2026-11-21 08:00"),
        ("Europe/Paris", "2026-03-28 12:00", "2026-03-29 06:00"),
        ("Europe/Paris", "2026-10-24 12:00", "2026-10-25 07:00"),
        ("Asia/Kolkata", "2026-11-20 02:00", "2026-11-20 02:30"),
        ("America/New_York", "2026-11-20 01:00", "2026-11-20 13:00"),
        ("Pacific/Kiritimati", "2026-11-20 18:00", "2026-11-21 18:00"),
        ("Pacific/Kiritimati", "2026-11-20 17:59", "2026-11-20 18:00"),
        ("no/such/zone", "2026-12-31 09:00", "2027-01-01 08:00"),
    ],
)
def test_the_next_morning(zone: str, now: str, morning: str) -> None:
    assert next_morning(zone, at(now)) == at(morning)


def test_what_comes_at_once_is_due_at_once() -> None:
    now = at("2026-11-20 12:00")
    assert due_at(Cadence.NOW, "Europe/Paris", now) == now
    assert due_at(Cadence.DAILY, "Europe/Paris", now) == at("2026-11-21 07:00")
