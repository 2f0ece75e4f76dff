"""What search shows: groups of hits, told by the rooms whose rows and content files they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.core.content import Library
from portal.core.search_text import SearchQuery, title_key_of


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What somebody looks for, and what a room needs to answer it. `language` is the code of the reader's."""

    session: Session
    library: Library
    query: SearchQuery
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """Hits of one kind, which are shown together. Groups of a lower `order` stand first.

    `title` and `hint` say what they are and by which words they are found, `lead` in which order they come. Of groups
    in which something is called just as was typed, one that `leads` stands first.
    `more_endpoint` is a page that finds more of them by its argument `text`, with `more_label` as the link to it.
    """

    slug: str
    title: Any
    hint: Any
    order: int
    lead: Any = ""
    more_endpoint: str = ""
    more_label: Any = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class HitState:
    """Where a thing stands that was found: the shape of the mark (see the macro `status`) and its words."""

    shape: str
    label: Any


@dataclass(frozen=True)
class SearchHit:
    """One thing that was found. It stands at `url`, or on the page `endpoint` with `args`; without both it has no page.

    `context` is a line around what was asked for, `notes` are a few words on where it comes from, `names` what else it
    is called. It `is_meant` when its number or address was typed: nothing stands before it.
    """

    title: str
    endpoint: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    context: str = ""
    notes: Sequence[str] = ()
    names: Sequence[str] = ()
    state: HitState | None = None
    is_meant: bool = False


@dataclass(frozen=True)
class ContentText:
    """One thing that content files tell of, which stands at `endpoint` with `args`.

    A word counts most in the title, then in the summary or other `names`, then in the body. `keys` are those of all
    that it is called.
    """

    title: str
    summary: str
    endpoint: str
    args: Mapping[str, Any]
    names: Sequence[str] = ()
    body: str = ""
    keys: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", frozenset(map(title_key_of, (self.title, *self.names))))


@dataclass(frozen=True, slots=True)
class ContentSearch:
    """A group of texts that come from content files: those in this language where they speak it, else in English."""

    group: SearchGroup
    texts: Callable[[Library, str], Iterable[ContentText]]


@dataclass(frozen=True, slots=True, eq=False)
class RowSearch:
    """Groups of rows of the database that one statement finds.

    `best` gives by group the rows that fit best, each with `id`, `position` and `part` as core/search.py makes them;
    `page` gives a group's rows from a position on (None: all), and one more than the limit where there are more.
    """

    groups: tuple[SearchGroup, ...]
    best: Callable[[SearchRequest], Mapping[str, Sequence[Any]]]
    page: Callable[[SearchRequest, str, int | None, int], Sequence[Any]]
    hit: Callable[[Any, SearchQuery], SearchHit]
