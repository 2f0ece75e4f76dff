"""What rooms give to a person's dashboard: cards and sections, and one next step. Home only arranges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from portal.core.jobs import Portal

Facts = TypeVar("Facts")


class DashboardRequest:
    """Whose dashboard is shown, and when. What rooms read for it is read once, whoever asks for it."""

    def __init__(self, portal: Portal, session: Session, person: Any, now: datetime) -> None:
        self.portal = portal
        self.session = session
        self.person = person
        self.now = now
        self._read: dict[Callable[..., Any], Any] = {}

    def once(self, read: Callable[[DashboardRequest], Facts]) -> Facts:
        """What `read` makes of this request; the second who asks gets what the first one got."""
        if read not in self._read:
            self._read[read] = read(self)
        facts: Facts = self._read[read]
        return facts

    @cached_property
    def person_ids(self) -> frozenset[int]:
        """Whose work is shown: this person's, and that of people whom a room says they accompany."""
        rooms = [room.companions for room in self.portal.features if room.companions]
        return frozenset({self.person.id}).union(*(companions(self) for companions in rooms))

    @cached_property
    def is_new(self) -> bool:
        """Whether this person has begun nothing in any room."""
        return not any(room.has_begun(self) for room in self.portal.features if room.has_begun)

    @cached_property
    def helps_others(self) -> bool:
        """Whether this person helps others in any room: nobody offers them a mentor."""
        return any(room.helps_others(self) for room in self.portal.features if room.helps_others)


PEOPLE_WAIT = 60
"""Next steps of a lower order are what somebody waits for: a dashboard shows all of them."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence, and the one button or link beside it: its words and where it leads.

    `url` is an address elsewhere, where the button leads off the site.
    """

    sentence: str
    action: str
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class NextStepRule:
    """When something is what a person should do next. Of all that apply the one of the lowest `order` is shown.

    People who wait come first (below PEOPLE_WAIT), then what was begun and who is new here (below 90), then what would
    help.
    """

    order: int
    propose: Callable[[DashboardRequest], NextStep | None]


@dataclass(frozen=True, slots=True)
class WayIn:
    """A few words that lead to where a person can begin something they have nothing of yet."""

    words: str
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetupStanding:
    """How it stands with something that a new site needs: whether it is done, one sentence, and what else to do.

    `guide` is the heading of the help page for admins that tells how; `setting` or `command` what an admin types.
    """

    is_done: bool
    sentence: str
    guide: str
    act: WayIn | None = None
    setting: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """Something that a new site needs before people come. `look` tells it from what is set and stored."""

    order: int
    look: Callable[[DashboardRequest], SetupStanding]


@dataclass(frozen=True, slots=True)
class DashboardCard:
    """A card: its title leads to a page, the template shows what `load` gives it, as `card`; none if empty."""

    title: Any
    endpoint: str
    template: str
    order: int
    load: Callable[[DashboardRequest], Any]


@dataclass(frozen=True, slots=True)
class DashboardSection:
    """A section below the cards: its template shows what `load` gives it, as `section`; nothing for None."""

    template: str
    order: int
    load: Callable[[DashboardRequest], Any]
