"""What is true of roles: terms, reasons and who may offer to take one."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from portal.core.i18n import lazy
from portal.roles.content import RoleDefinition

HEADS_UP = timedelta(days=14)
PROLONGED = timedelta(days=30)
LONGEST_TERM = timedelta(days=3653)
REASON_LENGTH = 1000


def usual_end(definition: RoleDefinition, today: date) -> date | None:
    """The last day of a term that begins today; None for a role without a fixed term."""
    return after_months(today, definition.term_months) if definition.term_months else None


def after_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def objection_to_reason(reason: str) -> Any:
    """Why this reason cannot stand, or None."""
    if not reason.strip():
        return lazy("Write the reason: it stands in the history of the role.")
    if len(reason) > REASON_LENGTH:
        return lazy("Keep the reason under %(limit)s characters.", limit=REASON_LENGTH)
    return None


def objection_to_until(until: date | None, today: date) -> Any:
    """Why a term cannot end on this day, or None."""
    if until is None:
        return None
    if until <= today:
        return lazy("The last day lies in the past. Choose a day from tomorrow on.")
    if until > today + LONGEST_TERM:
        return lazy("That is more than ten years ahead. Choose an earlier day.")
    return None


def objection_to_offer(definition: RoleDefinition, holder_count: int, *, is_holder: bool) -> Any:
    """Why somebody cannot offer to take this role, or None."""
    if is_holder:
        return lazy("You hold this role already.")
    if definition.apply_url:
        return lazy("This role has a page of its own on which you apply. The page of the role leads there.")
    if definition.is_full(holder_count):
        return lazy("Every seat of this role is taken at present.")
    return None


def appointments(roles: Iterable[RoleDefinition]) -> list[tuple[RoleDefinition, int]]:
    """The roles as a tree: each below the one that appoints to it, with how deep it stands there, from 0.

    On top stand those that appoint to themselves, and one of those that appoint each other in a circle.
    """
    left = {role.slug: role for role in roles}
    placed: list[tuple[RoleDefinition, int]] = []
    tops = [role for role in left.values() if role.appointed_by == role.slug or role.appointed_by not in left]
    for top in (*tops, *left.values()):
        placed.extend(_with_those_below(top, left, {role.slug for role, _depth in placed}, 0))
    return placed


def _with_those_below(
    role: RoleDefinition, roles: dict[str, RoleDefinition], seen: set[str], depth: int
) -> Iterator[tuple[RoleDefinition, int]]:
    if role.slug in seen:
        return
    seen.add(role.slug)
    yield role, depth
    for other in roles.values():
        if other.appointed_by == role.slug:
            yield from _with_those_below(other, roles, seen, depth + 1)
