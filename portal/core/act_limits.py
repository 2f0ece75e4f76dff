"""How often a person may do what reaches others: each room says it of its verbs, as data.

`activity.actions.record` asks for the limit of every verb that a person does and others are told of, so that no act is
without one: what a room has said nothing of falls under `UNDECLARED`, and a test of the house finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.core.config import Config
from portal.core.i18n import lazy

_SETTINGS = "act_settings"


@dataclass(frozen=True, slots=True)
class ActLimit:
    """How many acts of one kind a person may do within an hour; verbs that share a limit count together.

    `name` says in words what it bounds. `an_hour` None: bounded by something else, such as by what had to be begun
    under a limit before it can be ended; nobody is kept from it. `at_first` holds while the account is new; None: as
    many as later. Of an act that says the same of the same thing within a day, unanswered, nobody gets another notice,
    unless `tells_each`. Where every act makes a thing of its own (`is_anew`), it need not be the same thing.
    """

    slug: str
    name: Any
    an_hour: int | None
    at_first: int | None = None
    tells_each: bool = False
    is_anew: bool = False


UNBOUNDED = ActLimit("unbounded", "", None)
"""Ends or takes back what was begun under a limit, or can be done only so often by itself."""
UNDECLARED = ActLimit("other", lazy("What you did last"), an_hour=60, at_first=20, tells_each=True)
"""Holds of each verb by itself whose room says nothing."""


@dataclass(frozen=True, slots=True)
class ActSettings:
    """What the settings of a site make of the limits of its rooms. `percent` scales them all."""

    percent: int = 100
    new_account_days: int = 7
    times_with_role: int = 3
    confirm_address_first: bool = False


def act_info(config: Config) -> dict[str, Any]:
    """What a site's sessions carry along, for `act_settings`. Without mail nobody can confirm an address."""
    limits = config.limits
    needs_address = config.sign_in_rules.confirm_address_first and bool(config.mail.host)
    return {
        _SETTINGS: ActSettings(
            limits.acts_percent, limits.new_account_days, limits.times_with_role, confirm_address_first=needs_address
        )
    }


def act_settings(session: Session) -> ActSettings:
    """The settings of the site that this session belongs to."""
    settings: ActSettings = session.info.get(_SETTINGS, ActSettings())
    return settings
