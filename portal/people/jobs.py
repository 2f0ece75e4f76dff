"""What is no longer needed of people is forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from portal.core import clock, drafts, submissions
from portal.core.jobs import Portal
from portal.people.models import SignInTry

KEEP_TRIES = timedelta(days=2)


def forget(portal: Portal) -> None:
    """Delete counted tries that are long done with."""
    with portal.unit_of_work() as session:
        session.execute(delete(SignInTry).where(SignInTry.at < clock.now() - KEEP_TRIES))


def forget_forms(portal: Portal) -> None:
    """Delete what people typed while they were signed out, and by what a repeated form is known, after a day."""
    with portal.unit_of_work() as session:
        drafts.forget(session, clock.now() - drafts.KEPT)
        submissions.forget(session, clock.now() - submissions.KEPT)
