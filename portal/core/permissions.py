"""What roles can permit: named by the rooms that ask for it, granted by the files that define roles."""

from __future__ import annotations

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
class PermissionNames:
    """What roles can permit on a site: the names that role files may use, in the order of the rooms."""

    names: tuple[str, ...]
