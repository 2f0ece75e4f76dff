"""How long a mail is held by a worker, tried again, and remembered."""

from __future__ import annotations

from datetime import timedelta

from portal.core.due import BackOff

LEASE = timedelta(minutes=15)
"""Longer than any mail server is waited for, so that no second worker takes the same mail."""
BACK_OFF = BackOff(first=timedelta(minutes=1), factor=5, longest=timedelta(days=1), attempts=6)
"""A mail waits 1, 5, 25, 125, 625 minutes, then it is given up."""
KEEP = timedelta(days=30)
"""How long it is remembered that a mail was sent, or why not."""
