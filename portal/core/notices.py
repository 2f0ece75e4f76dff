"""Notices as people choose them: kinds that are wanted together, and how often each comes by mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Cadence(StrEnum):
    """How often notices of a kind come by mail."""

    NOW = "now"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """Notices that somebody wants, or does not want, together. `cadence` holds until they choose another.

    Kinds of a lower `order` stand first where all are listed.
    """

    slug: str
    name: Any
    about: Any
    cadence: Cadence
    order: int
