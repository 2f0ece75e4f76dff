"""Terms end by themselves, and those concerned hear of it before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import Conflict
from portal.core.jobs import Portal
from portal.roles import actions, queries, rules
from portal.roles.models import RoleHolder

Step = Callable[[Session, RoleHolder, datetime], None]


def end_terms(portal: Portal) -> None:
    """End what is past its last day, and announce two weeks ahead what will be."""
    now = clock.now()
    with portal.database.session(read_only=True) as session:
        over = [held.id for held in queries.due_terms(session, now.date())]
        soon = [held.id for held in queries.terms_to_announce(session, now.date(), now.date() + rules.HEADS_UP)]
    _each(portal, over, actions.end_term, now)
    _each(portal, soon, actions.announce_end, now)


def _each(portal: Portal, holding_ids: list[int], step: Step, now: datetime) -> None:
    for holding_id in holding_ids:
        # Somebody may have ended it by hand since we looked: then nothing is left to do.
        with suppress(Conflict), portal.unit_of_work() as session:
            step(session, queries.holding(session, holding_id), now)
