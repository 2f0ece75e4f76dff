"""What happens later in mentoring: holds and requests run out, reminders go out, silence and lost roles end pairings.

Each row is a unit of work of its own, and takes its condition along: a sweep may run twice without harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portal.activity.models import Event
from portal.core import clock
from portal.core.errors import PortalError
from portal.core.jobs import Portal
from portal.mentoring.actions import pairings, requests
from portal.mentoring.content import MENTOR
from portal.mentoring.models import EndReason, Pairing, PairingState, Request, RequestState
from portal.mentoring.queries.matching import is_open
from portal.mentoring.queries.proposals import REQUEST, WAITS_LONG
from portal.mentoring.rules import NUDGE_DAYS, TIME_OUT_DAYS
from portal.roles.models import RoleHolder
from portal.roles.queries import is_active

JUST_LATE = timedelta(days=7)
"""So much longer than patience lasts a request may have waited for coordinators to be told of it."""


def expire_requests(portal: Portal) -> None:
    """Close requests whose days are over, and forget holds that have run out."""
    now = clock.now()
    with portal.unit_of_work() as session:
        requests.release_stale_holds(session, now)
    overdue = select(Request.id).where(Request.state == RequestState.OPEN, Request.expires_at <= now)
    _for_each(portal, overdue, lambda session, row: requests.expire(session, row, now))


def tell_of_long_waits(portal: Portal) -> None:
    """Tell coordinators of requests that have found no mentor for as long as patience lasts: of each once.

    What has waited for far longer stands on their dashboard: a site that begins to tell sends no shower of notices.
    """
    now = clock.now()
    late = now - timedelta(days=portal.config.limits.patience_days)
    told = exists().where(Event.subject_kind == REQUEST, Event.subject_id == Request.id, Event.verb == WAITS_LONG)
    due = select(Request.id).where(is_open(now), Request.asked_at.between(late - JUST_LATE, late), ~told)
    _for_each(portal, due, lambda session, row: requests.tell_of_long_wait(session, row, now))


def nudge_owing_sides(portal: Portal) -> None:
    """Remind those who owe a word, and end pairings in which one side has been silent for too long."""
    now = clock.now()
    limits = portal.config.limits
    _for_each(portal, _silent(now, TIME_OUT_DAYS), lambda session, row: pairings.time_out(session, row, limits, now))
    _for_each(portal, _silent(now, NUDGE_DAYS[0]), lambda session, row: pairings.nudge_owing_side(session, row, now))


def end_without_mentor(portal: Portal) -> None:
    """End pairings whose mentor no longer holds the role; the mentees' requests are open again."""
    now = clock.now()
    limits = portal.config.limits
    has_role = exists().where(RoleHolder.person_id == Pairing.mentor_id, RoleHolder.role == MENTOR, is_active(now))
    orphaned = select(Pairing.id).where(Pairing.state == PairingState.ACTIVE, ~has_role)
    _for_each(
        portal,
        orphaned,
        lambda session, row: pairings.end_for_them(session, row, None, EndReason.ROLE_ENDED, "", limits, now),
    )


def _silent(now: datetime, days: int) -> Select[int]:
    since = now - timedelta(days=days)
    return select(Pairing.id).where(Pairing.state == PairingState.ACTIVE, Pairing.turn_since <= since)


def _for_each(portal: Portal, due: Select[int], do: Callable[[Session, int], object]) -> None:
    with portal.database.session(read_only=True) as session:
        rows = list(session.scalars(due))
    for row in rows:
        _do_for_row(portal, row, do)


def _do_for_row(portal: Portal, row: int, do: Callable[[Session, int], object]) -> None:
    with contextlib.suppress(PortalError), portal.unit_of_work() as session:
        # Somebody may have been faster since the rows were listed: then there is nothing left to do here.
        do(session, row)
