"""Figures that both the front page and the dashboard show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder
from portal.roles.queries import is_active


def vacancies(session: Session, definitions: RoleDefinitions, now: datetime) -> int:
    """How many seats of all roles are vacant."""
    taken = select(RoleHolder.role, func.count()).where(is_active(now)).group_by(RoleHolder.role)
    seated = {role: number for role, number in session.execute(taken)}  # noqa: C416  (a Result is no mapping for dict())
    return sum(role.vacancies(seated.get(role.slug, 0)) for role in definitions)
