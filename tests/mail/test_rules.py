"""How long a mail is held, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

from portal.core.config import MailConfig
from portal.mail.rules import BACK_OFF, LEASE


def test_a_lease_outlasts_the_mail_server() -> None:
    longest = MailConfig.model_fields["timeout"].metadata
    assert all(timedelta(seconds=getattr(limit, "le", 0)) < LEASE for limit in longest)


def test_a_mail_waits_from_a_minute_to_half_a_day_and_is_given_up_after_six_attempts() -> None:
    waits = [BACK_OFF.wait_after(attempt) for attempt in range(1, 7)]
    assert waits == [*(timedelta(minutes=minutes) for minutes in (1, 5, 25, 125, 625)), None]
