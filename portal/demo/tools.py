"""The demo's catalogue: recorded records, brought in by the real import; two of the tools look for an owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.jobs import Portal
from portal.people.models import Account, Person
from portal.people.queries import by_username
from portal.tools import actions
from portal.tools.jobs import ImportProgress, import_toolinfo
from portal.tools.queries import catalogue

RECORDS = Path(__file__).parent / "toolinfo" / "records.json"
MAINTAINED, QUIET = "heritage-api", "wikidata-timeline"


def load(portal: Portal) -> str:
    """Bring the tools in; tells how many there are."""
    (result,) = import_toolinfo(portal, [str(RECORDS)], ImportProgress())
    return f"{sum(result.counts.values())} recorded tools"


def offer_adoption(session: Session, now: datetime) -> None:
    """Let the people of the demo, who are there by now, look for owners and offer to help."""
    admin, maintainer, mentor = (_person(session, name) for name in ("admin", "maintainer", "mentor"))
    maintained, quiet = catalogue.tool(session, MAINTAINED), catalogue.tool(session, QUIET)
    account = session.scalars(select(Account).where(Account.person_id == maintainer.id)).one()
    actions.verify_account(session, maintained, account, admin, now - timedelta(days=30))
    session.refresh(account)
    reason = "I have no time for it any more. It needs somebody who knows PHP, a few hours a month."
    actions.open_adoption(session, maintained, maintainer, reason, now - timedelta(days=12))
    reason = "Reports have had no answer for a year, and nobody could be reached."
    actions.open_adoption(session, quiet, admin, reason, now - timedelta(days=5))
    session.refresh(maintained)
    note = "I have kept similar services running and could take the deployment over. Write to me on my talk page."
    actions.offer_to_adopt(session, maintained, mentor, note, now - timedelta(days=2))


def _person(session: Session, username: str) -> Person:
    person = by_username(session, username)
    if person is None:
        raise LookupError(f"the demo has nobody called {username}")
    return person
