"""Who may act on other people's accounts, and on what the site does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from portal.core.errors import Conflict, Invalid
from portal.core.i18n import lazy
from portal.core.permissions import Permission

MANAGE_PEOPLE = Permission(
    "admin.people",
    lazy("See accounts and what happened at their doors, end their sessions, and suspend them."),
    is_power=True,
)
SEE_SITE = Permission(
    "admin.site", lazy("See how the site runs, and have what was given up tried again."), is_power=True
)


LONGEST_SUSPENSION = timedelta(days=366)
"""Whoever is to stay away for longer is suspended anew, by somebody who looks at it again."""


def refuse_end(until: datetime, now: datetime) -> Invalid | None:
    """Why a suspension may not end at this moment."""
    if until <= now:
        return Invalid(lazy("Choose a day to come."), "until")
    if until > now + LONGEST_SUSPENSION:
        return Invalid(lazy("Choose a day within a year."), "until")
    return None


def refuse_own_account(person_id: int, by_id: int) -> Invalid | None:
    """Why somebody may not suspend this person: it is themselves."""
    if person_id != by_id:
        return None
    return Invalid(lazy("This is your own account. Ask another steward."), code="own_account")


def refuse_last_appointer(person_id: int, appointers: Collection[int]) -> Conflict | None:
    """Why nobody may suspend this person: nobody would be left who may appoint people."""
    if set(appointers) != {person_id}:
        return None
    return Conflict(lazy("Nobody else here may appoint people. Appoint somebody first, then suspend this account."))
