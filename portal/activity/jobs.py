"""Notices leave by mail: at once, or together in one daily letter.

What holds: a notice comes by mail **at most once**, whatever is killed and whenever.

- A worker leases what is due, reads it, writes the letter and talks with the mail server. Only at the last moment, when
  the server waits for the text, it commits that the notices are `sending`; and when the server has answered, that they
  are `sent`, or that they wait again because it said no.
- Killed before that commit, nothing has left: when the lease ends another worker takes them, and they come once.
- Killed after it, or cut off before the server's answer, nobody can know. They are not sent again but settled as
  `uncertain`, with a line in the log that names them, and counted by `portal doctor`. They stay on the site.

Whether somebody still wants the letter is looked at when it leaves, not when it was queued: who has left, has no
address any more, has read the notice on the site or turned its kind off gets none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from portal.activity import delivery
from portal.activity.delivery import Hold, Parcel
from portal.activity.letters import Outgoing, write
from portal.activity.models import MailState
from portal.clients.mail import MailError, MailUncertainError
from portal.core import clock
from portal.core.jobs import Portal

log = structlog.get_logger()
BATCH = 100
"""So many letters at most in one run; the next run follows within a minute."""
KEEP = timedelta(days=30)


def deliver_notices(portal: Portal) -> None:
    """Send the notices that are due, each at most once."""
    now = clock.now()
    with portal.database.session(read_only=True) as session:
        broken_off, due = delivery.broken_off(session, now), delivery.due(session, now, BATCH)
    if broken_off:
        _settle(portal, broken_off, MailState.UNCERTAIN)
        log.warning("notices perhaps sent: a worker ended while it sent them", notices=broken_off)
    for parcel in due:
        _deliver(portal, parcel)


def forget(portal: Portal) -> None:
    """Delete the notes of what was sent long ago; the notices themselves stay."""
    with portal.unit_of_work() as session:
        delivery.forget(session, clock.now() - KEEP)


def _deliver(portal: Portal, parcel: Parcel) -> None:
    with portal.unit_of_work() as session:
        hold = delivery.lease(session, parcel, clock.now())
    if hold is None:
        return
    try:
        letter = write(portal, hold)
    except Exception as error:
        _put_off(portal, hold, error)
    else:
        _hand_over(portal, hold, letter)


def _hand_over(portal: Portal, hold: Hold, letter: Outgoing) -> None:
    if letter.message is None:
        _settle(portal, letter.unwanted, MailState.SKIPPED)
        return
    begun = False

    def begin() -> None:
        nonlocal begun
        with portal.unit_of_work() as session:
            delivery.begin(session, hold, letter.wanted, letter.unwanted, clock.now())
        begun = True

    try:
        # No transaction is open here: the mail server may be slow.
        portal.clients.mailer.send(letter.message, begin)
    except MailUncertainError as error:
        _doubt(portal, letter, error)
    except Exception as error:
        # Only MailError says for sure that the letter was not taken.
        if begun and not isinstance(error, MailError):
            _doubt(portal, letter, error)
        else:
            _put_off(portal, hold, error)
    else:
        _settle(portal, letter.wanted, MailState.SENT)


def _doubt(portal: Portal, letter: Outgoing, error: Exception) -> None:
    log.warning("notices perhaps sent", notices=letter.wanted, error=type(error).__name__, detail=str(error)[:200])
    _settle(portal, letter.wanted, MailState.UNCERTAIN)


def _put_off(portal: Portal, hold: Hold, error: Exception) -> None:
    log.warning("notices not sent", person=hold.parcel.person_id, error=type(error).__name__, detail=str(error)[:200])
    _do(portal, lambda session, now: delivery.put_off(session, hold, now))


def _settle(portal: Portal, notice_ids: list[int], state: MailState) -> None:
    _do(portal, lambda session, now: delivery.settle(session, notice_ids, state, now))


def _do(portal: Portal, change: Callable[[Session, datetime], None]) -> None:
    with portal.unit_of_work() as session:
        change(session, clock.now())
