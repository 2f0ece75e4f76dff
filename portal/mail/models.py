"""What is stored of a mail. Each room has its own table, with the columns of core/due.py, and a kind for it."""

from __future__ import annotations

from enum import StrEnum


class MailState(StrEnum):
    """Where a row of mail is on its way to a mailbox."""

    WAITING = "waiting"
    SENDING = "sending"
    """Given to the mail server at this moment (at most once only); after the lease nobody knows whether it arrived."""
    SENT = "sent"
    SKIPPED = "skipped"
    """Not wanted any more when its time came: read on the site, turned off, or without an address."""
    UNCERTAIN = "uncertain"
    """The worker or the mail server broke off while it was handed over. It is not sent again."""
    GIVEN_UP = "given_up"
    REFUSED = "refused"
    """The mail server said no for good, to the address or to the letter: it was not tried again."""
    SENDER_REFUSED = "sender_refused"
    """The same, because of who sends: the settings or the records of the sender's domain must be mended."""


OPEN = (MailState.WAITING, MailState.SENDING)
