"""What roles can permit: named by the rooms that ask for it, granted by the files that define roles."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.core.errors import NotAllowed
from portal.core.i18n import lazy

Grants = Callable[[Session, int, datetime], frozenset[str]]
_GRANTS = "grants"


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role can permit. `name`, "<room>.<what>", stands in role files; `allows` says it in words.

    `is_power`: who may do it decides over others. Whoever gets or loses such a role has to sign in anew.
    """

    name: str
    allows: Any
    is_power: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class PermissionNames:
    """What roles can permit on a site: the names that role files may use, in the order of the rooms."""

    names: tuple[str, ...]


def refuse_without(permission: Permission, granted: Collection[str]) -> NotAllowed | None:
    """Why somebody whose roles grant these permissions may not do what this one permits; None when they may."""
    if permission.name in granted:
        return None
    sentence = lazy("You need another role for this. The page of roles says which, and how to get it.")
    return NotAllowed(sentence, code="needs_role", permission=permission.name)


def grants_info(grants: Grants) -> dict[str, Any]:
    """What a site's sessions carry along, for `granted_to`: how to find out what roles permit somebody."""
    return {_GRANTS: grants}


def granted_to(session: Session, person_id: int, now: datetime) -> frozenset[str]:
    """The permissions of this person, for rooms below that of roles."""
    grants: Grants = session.info[_GRANTS]
    return grants(session, person_id, now)
