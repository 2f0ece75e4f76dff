"""Mail that is due leaves, and what was sent long ago is forgotten."""

from __future__ import annotations

from portal.core import clock, due
from portal.core.jobs import Portal
from portal.mail import delivery
from portal.mail.kinds import mail_kinds
from portal.mail.rules import KEEP

BATCH = 100
"""So many mails of a kind at most in one run; the next run follows within a minute."""


def deliver(portal: Portal) -> None:
    """Send the mail of every room that is due. A second worker meanwhile takes what this one has not leased."""
    for kind in mail_kinds(portal):
        delivery.settle_broken_off(portal, kind)
        with portal.database.session(read_only=True) as session:
            mails = delivery.due_mails(session, kind, clock.now(), BATCH)
        for rows in mails:
            delivery.deliver(portal, kind, rows)


def forget(portal: Portal) -> None:
    """Delete the rows of mail that was settled long ago."""
    for kind in mail_kinds(portal):
        with portal.unit_of_work() as session:
            due.forget(session, kind.table, clock.now() - KEEP)
