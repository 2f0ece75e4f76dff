"""What is no longer needed of people is forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update

from portal.core import clock, drafts, security_log, submissions
from portal.core.jobs import Portal
from portal.people.models import SignInTry, UserSession

KEEP_TRIES = timedelta(days=2)
KEEP_SESSIONS = timedelta(days=30)
"""So long it is known where somebody was signed in: what else they do from there is no stranger's doing."""


def forget(portal: Portal) -> None:
    """Delete counted tries that are long done with."""
    with portal.unit_of_work() as session:
        session.execute(delete(SignInTry).where(SignInTry.at < clock.now() - KEEP_TRIES))


def forget_sessions(portal: Portal) -> None:
    """Delete sessions that ended, by themselves or by somebody, some time ago. The newest of each person stays, without
    what it tells of them: by it a sign-in is known not to be their first.
    """
    now, limits = clock.now(), portal.config.sessions
    is_over = or_(
        UserSession.ended_at < now - KEEP_SESSIONS,
        UserSession.last_seen_at < now - KEEP_SESSIONS - limits.idle,
        UserSession.created_at < now - KEEP_SESSIONS - limits.absolute,
    )
    with portal.unit_of_work() as session:
        session.execute(update(UserSession).where(is_over).values(device="", network=""))
        newest = select(func.max(UserSession.id)).group_by(UserSession.person_id)
        session.execute(delete(UserSession).where(is_over, UserSession.id.not_in(newest)))


def forget_security(portal: Portal) -> None:
    """Delete security events that are older than [limits] security_days."""
    with portal.unit_of_work() as session:
        security_log.forget(session, clock.now() - timedelta(days=portal.config.limits.security_days))


def forget_forms(portal: Portal) -> None:
    """Delete what people typed while they were signed out, and by what a repeated form is known, after a day."""
    with portal.unit_of_work() as session:
        drafts.forget(session, clock.now() - drafts.KEPT)
        submissions.forget(session, clock.now() - submissions.KEPT)
