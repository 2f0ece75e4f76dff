"""What roles can permit: named by the rooms that ask for it, granted by the files that define roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role can permit. `name`, "<room>.<what>", stands in role files; `allows` says it in words."""

    name: str
    allows: Any

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Permissions:
    """Everything that roles can permit on a site, by name."""

    by_name: Mapping[str, Permission]
