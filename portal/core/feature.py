"""What a room of the house says of itself. The application holds one list of features and loops over what each brings.

A `Feature` is a value: importing it registers nothing, and a site has its own `Features`, which its sessions carry
along. So two sites in one process share nothing but code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy.orm import Session

from portal.core.act_limits import ActLimit
from portal.core.notices import NoticeKind
from portal.core.permissions import Permission

if TYPE_CHECKING:
    from portal.core.api_access import ApiScope
    from portal.core.content import Library, Problems
    from portal.core.content_files import ContentFiles
    from portal.core.dashboard import (
        DashboardCard,
        DashboardRequest,
        DashboardSection,
        NextStep,
        NextStepRule,
        SetupCheck,
        WayIn,
    )
    from portal.core.indexing import SearchIndex
    from portal.core.jobs import Portal
    from portal.core.mentions import FindMentions
    from portal.core.opportunities import FindOpportunities
    from portal.core.schedule import Sweep
    from portal.core.search_groups import ContentSearch, RowSearch, SearchGroup

_FEATURES = "features"

LoadContent = Callable[["ContentFiles", "Problems", "Library"], None]
"""Reads its part of the content files into the library, and notes every problem there."""

Export = Callable[[Session, Any], Any]
"""What a room holds about a person, as plain JSON."""

Erase = Callable[["Portal", Session, Any, datetime], None]
"""Ends what a person who deletes their account has going on in a room, and forgets what nobody else needs."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A place in the menu of every page. Those of a lower `order` stand first."""

    endpoint: str
    label: Any
    order: int

    @property
    def room(self) -> str:
        """The blueprint to which the place belongs."""
        return self.endpoint.partition(".")[0]


@dataclass(frozen=True)
class EventListener:
    """That a room hears of it whenever `verb` was recorded, whichever room records it.

    `react` is given the recorded event (of activity, a floor above) in a unit of work that commits when it returns. It
    may come again when it failed or its worker was killed, and later than the deed: it looks at what is true now. Of
    each subject it hears in the order in which things happened. `name`, "<feature>.<what it does>", is stored.
    """

    verb: str
    name: str
    react: Callable[[Session, Any], None]


@dataclass(frozen=True)
class PersonSection:
    """What the page of a person says of them in one room: its template shows what `load` gives it, as `section`.

    `load` is given the id of the person and the time, and answers None where there is nothing to say: one statement.
    """

    template: str
    load: Callable[[Session, int, datetime], Any]


@dataclass(frozen=True)
class SignInWay:
    """A way to show who one is beside the password. The pages that ask for it show each: `template`, which is given it
    as `way`, or a button that leads to `endpoint`. The address to go on to stands in `next`.

    `is_offered` says whether the site has it; `can_prove` whether this person could show by it that it is them.
    """

    name: str
    label: Any
    endpoint: str
    order: int
    is_offered: Callable[[], bool]
    can_prove: Callable[[Session, Any], bool]
    template: str = ""


@dataclass(frozen=True)
class SecondFactor:
    """What else must be shown by somebody of whom it is `needed_by`, on the page of `endpoint`."""

    name: str
    endpoint: str
    needed_by: Callable[[Session, Any], bool]


@dataclass(frozen=True)
class Feature:
    """One room. Whatever it does not bring is left out."""

    name: str
    blueprints: Sequence[Blueprint] = ()
    load_content: LoadContent | None = None
    sweeps: Sequence[Sweep] = ()
    permissions: Sequence[Permission] = ()
    notice_kinds: Sequence[NoticeKind] = ()
    notices: Mapping[str, NoticeKind] = field(default_factory=dict)
    """What people are told of by this room: each verb, "<room>.<what>", and the kind it belongs to."""
    notices_need: Mapping[str, Permission] = field(default_factory=dict)
    """Of these verbs people are told because of what a role permits them. They wait for nobody who lost it."""
    act_limits: Mapping[str, ActLimit] = field(default_factory=dict)
    """How often a person may do what reaches others: for each verb of this room that people, not the site, do."""
    has_power: Callable[[Session, int, datetime], bool] | None = None
    """Whether a person (by their id) has been trusted with something here, and so may do more at once than others."""
    menu: Sequence[MenuEntry] = ()
    search_indexes: Sequence[SearchIndex] = ()
    content_search: Sequence[ContentSearch] = ()
    row_search: Sequence[RowSearch] = ()
    mentions: Sequence[FindMentions] = ()
    dashboard_cards: Sequence[DashboardCard] = ()
    dashboard_sections: Sequence[DashboardSection] = ()
    next_steps: Sequence[NextStepRule] = ()
    awaited: Sequence[Callable[[DashboardRequest], Iterable[NextStep]]] = ()
    """What a person waits for themselves, such as an answer to an application: how it stands, and where to see it."""
    ways_in: Sequence[Callable[[DashboardRequest], WayIn | None]] = ()
    """Where a person can begin what they have nothing of yet."""
    setup_checks: Sequence[SetupCheck] = ()
    """What a new site needs, as whoever runs it reads on the dashboard until it is done."""
    has_begun: Callable[[DashboardRequest], bool] | None = None
    """Whether a person has begun something in this room, so that they are not new here."""
    helps_others: Callable[[DashboardRequest], bool] | None = None
    """Whether a person helps others in this room, as those who review do."""
    companions: Callable[[DashboardRequest], Iterable[int]] | None = None
    """The ids of those whom a person accompanies, whose work their dashboard shows, too."""
    person_sections: Sequence[PersonSection] = ()
    opportunities: FindOpportunities | None = None
    """What a person could do here with skills they have just learnt."""
    mail_kinds: Sequence[Any] = ()  # Of MailKind, which the room of mail defines on its floor.
    reacts_to: Sequence[EventListener] = ()
    api_scopes: Sequence[ApiScope] = ()
    """What a token for programs can be for in this room."""
    sign_in_ways: Sequence[SignInWay] = ()
    second_factors: Sequence[SecondFactor] = ()
    export: Export | None = None
    erase: Erase | None = None


class Features:
    """The rooms of one site, from the lowest floor to the highest, and what they bring together.

    Raises ValueError when two bring something of the same name.
    """

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features = tuple(features)
        _by_name("feature", self._features, lambda feature: feature.name)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._features)

    @cached_property
    def sweeps(self) -> Mapping[str, Sweep]:
        """Every sweep by its name."""
        return _by_name("sweep", _all(self, "sweeps"), lambda sweep: sweep.name)

    @cached_property
    def permissions(self) -> Mapping[str, Permission]:
        """Everything that roles can permit, by name."""
        return _by_name("permission", _all(self, "permissions"), lambda permission: permission.name)

    @cached_property
    def powers(self) -> frozenset[str]:
        """The names of the permissions that give power over others."""
        return frozenset(name for name, permission in self.permissions.items() if permission.is_power)

    @cached_property
    def notice_kinds(self) -> Mapping[str, NoticeKind]:
        """The kinds of notices by slug, in the order in which they are listed."""
        kinds = sorted(_all(self, "notice_kinds"), key=lambda kind: kind.order)
        return _by_name("notice kind", kinds, lambda kind: kind.slug)

    @cached_property
    def notices(self) -> Mapping[str, NoticeKind]:
        """The kind that each verb belongs to of which people are told."""
        return MappingProxyType({verb: kind for feature in self for verb, kind in feature.notices.items()})

    @cached_property
    def notices_need(self) -> Mapping[str, Permission]:
        """What it takes to do something about it, for each verb that is told to people because of a permission."""
        return MappingProxyType({verb: needed for feature in self for verb, needed in feature.notices_need.items()})

    @cached_property
    def act_limits(self) -> Mapping[str, ActLimit]:
        """How often a person may do what each verb stands for."""
        return MappingProxyType({verb: limit for feature in self for verb, limit in feature.act_limits.items()})

    def has_power(self, session: Session, person_id: int, now: datetime) -> bool:
        """Whether a room has trusted this person with something."""
        return any(feature.has_power(session, person_id, now) for feature in self if feature.has_power)

    @cached_property
    def menu(self) -> Sequence[MenuEntry]:
        """The places in the menu of every page."""
        return sorted(_all(self, "menu"), key=lambda entry: entry.order)

    @cached_property
    def search_indexes(self) -> Mapping[str, SearchIndex]:
        """Every kind of rows that search knows, by the kind."""
        return _by_name("search index", _all(self, "search_indexes"), lambda index: index.kind)

    @cached_property
    def content_search(self) -> Mapping[str, ContentSearch]:
        """How texts of content files are found, by the slug of their group."""
        return _by_name("search group", _all(self, "content_search"), lambda search: search.group.slug)

    @cached_property
    def row_search(self) -> Mapping[str, RowSearch]:
        """How rows are found, by the slug of their group."""
        return MappingProxyType({group.slug: search for search in _all(self, "row_search") for group in search.groups})

    @cached_property
    def search_groups(self) -> Mapping[str, SearchGroup]:
        """Every group of what search shows by its slug, in the order in which they are shown."""
        of_rows = (group for search in _all(self, "row_search") for group in search.groups)
        groups = [*(search.group for search in self.content_search.values()), *of_rows]
        return _by_name("search group", sorted(groups, key=lambda group: group.order), lambda group: group.slug)

    @cached_property
    def mentions(self) -> Sequence[FindMentions]:
        """What finds out what people mention in their texts."""
        return _all(self, "mentions")

    @cached_property
    def dashboard_cards(self) -> Sequence[DashboardCard]:
        """The cards of every dashboard, in the order in which they are shown."""
        return sorted(_all(self, "dashboard_cards"), key=lambda card: card.order)

    @cached_property
    def dashboard_sections(self) -> Sequence[DashboardSection]:
        """What may stand below the cards, in this order."""
        return sorted(_all(self, "dashboard_sections"), key=lambda section: section.order)

    @cached_property
    def next_steps(self) -> Sequence[NextStepRule]:
        """What may be next for a person, the most urgent first."""
        return sorted(_all(self, "next_steps"), key=lambda rule: rule.order)

    @cached_property
    def awaited(self) -> Sequence[Callable[[DashboardRequest], Iterable[NextStep]]]:
        """What tells a person how things stand that they wait for."""
        return _all(self, "awaited")

    @cached_property
    def ways_in(self) -> Sequence[Callable[[DashboardRequest], WayIn | None]]:
        """What tells a person where they can begin something."""
        return _all(self, "ways_in")

    @cached_property
    def person_sections(self) -> Sequence[PersonSection]:
        """What the page of a person says of them in each room."""
        return _all(self, "person_sections")

    @cached_property
    def setup_checks(self) -> Sequence[SetupCheck]:
        """What a new site needs, in the order in which it is done."""
        return sorted(_all(self, "setup_checks"), key=lambda check: check.order)

    @cached_property
    def mail_kinds(self) -> Mapping[str, Any]:
        """Every kind of mail by its name."""
        return _by_name("kind of mail", _all(self, "mail_kinds"), lambda kind: kind.name)

    @cached_property
    def api_scopes(self) -> Mapping[str, ApiScope]:
        """Everything that a token can be for, by name."""
        return _by_name("scope", _all(self, "api_scopes"), lambda scope: scope.name)

    @cached_property
    def sign_in_ways(self) -> Sequence[SignInWay]:
        """The ways to sign in beside the password, in the order in which they are shown."""
        return sorted(_all(self, "sign_in_ways"), key=lambda way: way.order)

    @cached_property
    def second_factors(self) -> Sequence[SecondFactor]:
        """What may be asked for besides."""
        return _all(self, "second_factors")

    @cached_property
    def listeners(self) -> Mapping[str, EventListener]:
        """Whoever hears of what happened, by their name."""
        return _by_name("listener", _all(self, "reacts_to"), lambda listener: listener.name)

    def listeners_to(self, verb: str) -> list[EventListener]:
        """Whoever wants to hear of this verb."""
        return [listener for listener in self.listeners.values() if listener.verb == verb]

    @cached_property
    def exports(self) -> Mapping[str, Export]:
        """How each room tells what it holds about a person, by the room's name."""
        return MappingProxyType({feature.name: feature.export for feature in self._features if feature.export})

    @cached_property
    def erasures(self) -> Sequence[Erase]:
        """What each room does when somebody leaves: upper rooms first, so that what they tell is forgotten below."""
        return [feature.erase for feature in reversed(self._features) if feature.erase]


def features_of(session: Session) -> Features:
    """The features of the site that this session belongs to."""
    features: Features = session.info[_FEATURES]
    return features


def session_info(features: Features) -> dict[str, Any]:
    """What a site's sessions carry along, for `features_of`."""
    return {_FEATURES: features}


def _all(features: Features, field: str) -> list[Any]:
    return [brought for feature in features for brought in getattr(feature, field)]


def _by_name(what: str, things: Sequence[Any], name_of: Callable[[Any], str]) -> Mapping[str, Any]:
    by_name: dict[str, Any] = {}
    for thing in things:
        if by_name.setdefault(name_of(thing), thing) is not thing:
            raise ValueError(f"two features bring a {what} called {name_of(thing)}")
    return MappingProxyType(by_name)
