"""What happened is handed over to the rooms that want to hear of it."""

from __future__ import annotations

import structlog

from portal.activity import hearing, limits
from portal.activity.models import Reaction
from portal.core import clock, due
from portal.core.jobs import Portal

log = structlog.get_logger()
BATCH = 500
"""So many events at most in one run; the next run follows within a minute."""


def hand_over(portal: Portal) -> None:
    """Hand over what is due, one event after the other, each in a unit of work of its own."""
    for _ in range(BATCH):
        now = clock.now()
        with portal.database.session(read_only=True) as session:
            reaction_id = hearing.next_due(session, now)
        if reaction_id is None:
            return
        with portal.unit_of_work() as session:
            lease = hearing.lease(session, reaction_id, now)
        if lease:
            _hand_over(portal, reaction_id, lease)


def forget(portal: Portal) -> None:
    """Delete what was handed over long ago, and who ran into limits then; the events stay."""
    with portal.unit_of_work() as session:
        due.forget(session, Reaction, clock.now() - hearing.KEEP)
        limits.forget_hits(session, clock.now())


def _hand_over(portal: Portal, reaction_id: int, lease: str) -> None:
    try:
        with portal.unit_of_work() as session:
            hearing.hand_over(session, lease, clock.now())
    except Exception:
        log.exception("event not heard", reaction=reaction_id)
        with portal.unit_of_work() as session:
            is_given_up = hearing.put_off(session, lease, clock.now())
        if is_given_up:
            log.error("event given up: nobody hears of it any more", reaction=reaction_id)
