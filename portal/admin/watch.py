"""An alarm when unusually much happens at the doors: failed sign-ins, refused requests, limits reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.rules import link
from portal.admin import queries
from portal.admin.access import MANAGE_PEOPLE
from portal.core import clock
from portal.core.jobs import Portal
from portal.core.security_log import Outcome, SecurityEvent, SecurityRow, security_event
from portal.roles import queries as roles

WATCH = "admin.watch_doors"
"""The sweep that looks whether it is unusual."""
AN_HOUR = timedelta(hours=1)
BETWEEN_ALARMS = timedelta(hours=6)
"""One flood is told of once; what still goes on after this is told again."""
WATCHED = ("sign_ins", "limits", "refused")
"""What is counted, by the slugs of `queries.KINDS`."""


def watch_doors(portal: Portal) -> None:
    """Tell those who look after accounts of what happened more often within an hour than the settings say."""
    most, now = portal.config.limits.alarm_an_hour, clock.now()
    if not most:
        return
    with portal.unit_of_work() as session:
        for kind in WATCHED:
            number = _lately(session, kind, now)
            if number >= most and not _is_told(session, kind, now):
                _tell(session, kind, number, now)


def _lately(session: Session, kind: str, now: datetime) -> int:
    within = select(func.count()).where(queries.KINDS[kind], SecurityRow.at > now - AN_HOUR)
    return session.scalar(within) or 0


def _is_told(session: Session, kind: str, now: datetime) -> bool:
    alarms = (SecurityRow.event == SecurityEvent.ALARM_RAISED, SecurityRow.at > now - BETWEEN_ALARMS)
    return any(facts.get("watched") == kind for facts in session.scalars(select(SecurityRow.facts).where(*alarms)))


def _tell(session: Session, kind: str, number: int, now: datetime) -> None:
    tell = roles.people_who_may(session, MANAGE_PEOPLE, now)
    values = {"what": kind, "number": number, "link": link("admin.events", kind=kind)}
    record(session, "admin.alarm", actor=None, values=values, tell=tell, now=now)
    security_event(SecurityEvent.ALARM_RAISED, Outcome.DONE, watched=kind, number=number)
