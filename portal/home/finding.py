"""What one search box finds: in the database one statement for people, one for tools and one for changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from portal.core.content import Library, render_user_text
from portal.core.errors import Invalid
from portal.core.i18n import lazy
from portal.core.paging import cut, read_cursor
from portal.core.search import MOST_COUNTED
from portal.core.words import Question, excerpt, key_of
from portal.home.shelf import Text, says, shelf_of, skills_meant
from portal.mentoring import finding as people
from portal.reviews import finding as changes
from portal.tools import finding as tools

SHOWN = 5
PAGE = 50
EXCERPT = 160


class Kind(StrEnum):
    """The groups of what is found, in the order in which they are shown."""

    TRACKS = "tracks"
    HELP = "help"
    SKILLS = "skills"
    ROLES = "roles"
    MENTORS = "mentors"
    TOOLS = "tools"
    CHANGES = "changes"
    PEOPLE = "people"


WRITTEN = (Kind.TRACKS, Kind.HELP, Kind.SKILLS, Kind.ROLES)
"""The kinds that content files tell of; all others are rows of the database."""


@dataclass(frozen=True)
class Hit:
    """One thing that was found. It stands at `url`, or on the page `endpoint` with `args`; without both it has no page.

    `context` is a line around what was asked for, `notes` are a few words on where it comes from, `state` where it
    stands.
    """

    title: str
    endpoint: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    context: str = ""
    notes: Sequence[str] = ()
    state: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind. `count` is how much there is in all, at most MOST_COUNTED, then with `is_more`."""

    kind: Kind
    hits: Sequence[Hit]
    count: int
    is_more: bool = False
    has_title: bool = False
    next_cursor: str | None = None


def overview(session: Session, library: Library, asked: Question, language: str, now: datetime) -> list[Group]:
    """The best of each kind that has any; a kind in which something is called just so goes first. Three statements."""
    mentors, others = people.best(session, asked, skills_meant(library, asked), now)
    rows = {
        Kind.MENTORS: mentors,
        Kind.TOOLS: tools.best(session, asked),
        Kind.CHANGES: changes.best(session, asked),
        Kind.PEOPLE: others,
    }
    groups = [_of_texts(kind, library, asked, language) for kind in WRITTEN]
    groups += [_of_rows(kind, found, asked) for kind, found in rows.items()]
    order = list(Kind)
    return sorted(
        (group for group in groups if group.hits), key=lambda group: (not group.has_title, order.index(group.kind))
    )


def all_of(
    session: Session, library: Library, asked: Question, kind: Kind, language: str, now: datetime, cursor: str
) -> Group:
    """A page of everything of one kind: at most one statement. Raises Invalid for a cursor that is none of ours."""
    if kind in WRITTEN:
        return _of_texts(kind, library, asked, language, shown=None)
    before = _place(cursor) if cursor else None
    skilled = skills_meant(library, asked)
    page: Callable[[], Sequence[Any]] = {
        Kind.MENTORS: lambda: people.mentors_page(session, asked, skilled, now, before, PAGE),
        Kind.PEOPLE: lambda: people.others_page(session, asked, skilled, now, before, PAGE),
        Kind.TOOLS: lambda: tools.page(session, asked, before, PAGE),
        Kind.CHANGES: lambda: changes.page(session, asked, before, PAGE),
    }[kind]
    rows, more = cut(page(), PAGE, lambda row: (row.place, row.id))
    hits = [HIT_OF[kind](row, asked) for row in rows]
    return Group(kind, hits, len(hits), next_cursor=more)


def _of_texts(kind: Kind, library: Library, asked: Question, language: str, shown: int | None = SHOWN) -> Group:
    texts = [text for text in shelf_of(library, language).find(asked) if text.kind == kind]
    hits = [_text_hit(text, asked) for text in texts[:shown]]
    return Group(kind, hits, len(texts), has_title=bool(texts) and texts[0].key == key_of(asked.text))


def _of_rows(kind: Kind, rows: Iterable[Any], asked: Question) -> Group:
    first = {row.id: row for row in sorted(rows, key=lambda row: row.part, reverse=True)}
    best = sorted(first.values(), key=lambda row: (row.part, -row.place))
    hits = [HIT_OF[kind](row, asked) for row in best[:SHOWN]]
    has_title = any(key_of(hit.title) == key_of(asked.text) for hit in hits)
    return Group(kind, hits, min(len(best), MOST_COUNTED), len(best) > MOST_COUNTED, has_title)


def _place(cursor: str) -> int:
    place, _row_id = read_cursor(cursor, int)
    if not isinstance(place, int) or not 0 <= place < 2**63:
        raise Invalid(lazy("The cursor is not one of ours. Start again from the first page."), "cursor")
    return place


def _text_hit(text: Text, asked: Question) -> Hit:
    return Hit(text.title, text.endpoint, text.args, context=excerpt(says(text, asked), asked, EXCERPT))


def _person_hit(row: Any, asked: Question) -> Hit:
    said = excerpt(render_user_text(row.said).striptags(), asked, EXCERPT)
    return Hit(row.display_name, "people.show", {"username": row.username}, context=said, notes=[row.username])


def _tool_hit(row: Any, _asked: Question) -> Hit:
    state = "wanted" if row.wanted_since else "deprecated" if row.is_deprecated else ""
    return Hit(row.title, "tools.show", {"name": row.name}, context=row.summary, notes=[row.name], state=state)


def _change_hit(row: Any, _asked: Question) -> Hit:
    notes = [row.project, row.number, row.author, row.source]
    return Hit(row.title, url=row.url, notes=notes, state=row.state)


HIT_OF: dict[Kind, Callable[[Any, Question], Hit]] = {
    Kind.MENTORS: _person_hit,
    Kind.PEOPLE: _person_hit,
    Kind.TOOLS: _tool_hit,
    Kind.CHANGES: _change_hit,
}
