"""What is done after somebody has left: their traces go from files, and they stay gone when a backup comes back."""

from __future__ import annotations

from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, select

from portal.core import clock
from portal.core.errors import Conflict
from portal.core.jobs import Portal
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.wiping import wipe
from portal.people import actions, erased_list
from portal.people.erased_list import Erased
from portal.people.models import PEOPLE_SEARCH, Person

log = structlog.get_logger()


def complete_erasures(portal: Portal) -> None:
    """Delete again who came back with a backup, note who has left, and clean the files."""
    erase_again(portal, list_of(portal))
    gone = _accounts(portal, Person.deleted_at.is_not(None))
    erased_list.add(list_of(portal), gone - erased_list.erased_in(list_of(portal)))
    if not wipe(portal.database, PEOPLE_SEARCH):
        log.info("write-ahead log in use", next="it is emptied later")


def list_of(portal: Portal) -> Path:
    """The file that names who has left."""
    return portal.config.site.data_dir / erased_list.FILE


def erase_again(portal: Portal, path: Path) -> tuple[int, list[int]]:
    """Delete those whom this file names and the database does not know as gone: a backup from before brought them back.

    How many, and the ids of those who cannot go, as the last who may appoint people.
    """
    back = sorted(_accounts(portal, Person.deleted_at.is_(None)) & erased_list.erased_in(path))
    refused = [one[0] for one in back if not _erase(portal, one)]
    return len(back) - len(refused), refused


def _accounts(portal: Portal, which: ColumnElement[bool]) -> set[Erased]:
    with portal.database.session(read_only=True) as session:
        rows = session.execute(select(Person.id, Person.created_at).where(which))
        return {(row.id, row.created_at) for row in rows}


def _erase(portal: Portal, erased: Erased) -> bool:
    try:
        with portal.unit_of_work() as session:
            actions.leave(portal, session, session.get_one(Person, erased[0]), clock.now())
            security_event(SecurityEvent.ACCOUNT_DELETED, Outcome.DONE, about=erased[0], whence="restored backup")
    except Conflict:
        log.warning("not erased again", person=erased[0])
        return False
    return True
