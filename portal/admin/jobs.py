"""What this site depends on is asked behind the pages, which only show the dated answers."""

from __future__ import annotations

from sqlalchemy import delete

from portal.admin.checks import outside_checks
from portal.admin.models import LONGEST_FINDING, SiteCheck
from portal.core import clock
from portal.core.jobs import Portal


def check_outside(portal: Portal) -> None:
    """Ask every server that this site depends on, and keep what was found. No transaction is open meanwhile."""
    found = {result.name: result for result in outside_checks(portal)}
    now = clock.now()
    with portal.unit_of_work() as session:
        session.execute(delete(SiteCheck))
        for name, result in found.items():
            texts = {"detail": result.detail[:LONGEST_FINDING], "mend": result.mend[:LONGEST_FINDING]}
            session.add(SiteCheck(name=name[:80], ok=result.ok, checked_at=now, **texts))
