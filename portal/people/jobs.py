"""What is no longer needed of people is forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from portal.core import clock
from portal.core.jobs import Portal
from portal.people.models import SignInTry

KEEP_TRIES = timedelta(days=2)


def forget(portal: Portal) -> None:
    """Delete counted tries that are long done with."""
    with portal.unit_of_work() as session:
        session.execute(delete(SignInTry).where(SignInTry.at < clock.now() - KEEP_TRIES))
