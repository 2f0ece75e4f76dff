"""What is shown of tools. The list and the page of a tool take the same few SQL statements, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased, joinedload, undefer

from portal.core.counting import ListCount, Total, count_page, count_rows
from portal.core.database import UtcDateTime
from portal.core.errors import NotAllowed, NotFound
from portal.core.i18n import lazy
from portal.core.matching_words import has_words
from portal.core.paging import Keyset, Page, page_of
from portal.core.rows import run_prepared
from portal.people.models import Account, Person
from portal.people.queries import OwnAccount
from portal.people.rules import WIKI
from portal.roles.queries import permissions_of
from portal.tools import rules
from portal.tools.access import refuse_speaking
from portal.tools.models import AdoptionOffer, AdoptionOfferState, Facet, Tool, ToolFacet, ToolPerson, ToolTerm

CHOICES = {Facet.TYPE: 20, Facet.LICENSE: 60, Facet.LANGUAGE: 100, Facet.KEYWORD: 60, Facet.WIKI: 40}
"""How many words of each facet the filters offer: those which most tools name."""
WANTED = "wanted"
ALL = "all"
MOST_OWN = 20
"""So many tools of one person are shown."""


@dataclass(frozen=True, slots=True)
class ToolFilters:
    """What the list is narrowed down to. Empty means all."""

    text: str = ""
    tool_type: str = ""
    language: str = ""
    license: str = ""
    keyword: str = ""
    wiki: str = ""
    needs_owner: bool = False


@dataclass(frozen=True, slots=True)
class ToolListing:
    """A page of tools, their keywords by id, and the cursor of those that follow (None: these were the last)."""

    rows: Sequence[Any]
    keywords: dict[int, list[str]]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Maintainer:
    """Somebody whom a record names, and the person here whose account fits; `account` is verified or only claimed."""

    named: ToolPerson
    account: Account | None = None
    person: Person | None = None

    @property
    def is_verified(self) -> bool:
        """Whether we know that it is this person."""
        return self.account is not None and self.account.verified_at is not None


@dataclass(frozen=True, slots=True)
class OwnTool:
    """A tool that somebody looks after. `offers`: how many people could help with it."""

    name: str
    title: str
    wanted_since: datetime | None
    offers: int


@dataclass(frozen=True, slots=True)
class AdoptionOfferItem:
    """A tool that somebody has offered to help with."""

    name: str
    title: str
    created_at: datetime


_SHOWN = (
    Tool.id,
    Tool.name,
    Tool.title,
    Tool.title_key,
    Tool.summary,
    Tool.tool_type,
    Tool.is_deprecated,
    Tool.is_experimental,
    Tool.wanted_since,
)


def tools_page(session: Session, filters: ToolFilters, *, cursor: str = "", limit: int = 50) -> ToolListing:
    """A page of tools by title: at most two statements. Raises Invalid for a cursor that is none of ours."""
    query = _narrowed(select(*_SHOWN), filters)
    shown, more = page_of(session, query, Keyset(Tool.id, by=Tool.title_key), cursor, limit)
    return ToolListing(shown, _keywords(session, [row.id for row in shown]), more)


def count_tools(
    session: Session, filters: ToolFilters, listing: ToolListing, cursor: str, everything: int
) -> ListCount:
    """What this page says of the list of `everything`: at most one statement."""
    page, all_tools = Page(list(listing.rows), listing.next_cursor), Total(everything)
    if filters == ToolFilters():
        return count_page(page, cursor, lambda: all_tools)
    found = _narrowed(select(Tool.id), filters)
    return count_page(page, cursor, lambda: count_rows(session, found), lambda: all_tools)


def tools_for_adoption(session: Session, limit: int) -> Sequence[Tool]:
    """Tools that look for an owner, the latest to do so first, each with who said so. One statement."""
    query = select(Tool).where(Tool.wanted_since.is_not(None)).options(joinedload(Tool.wanted_by))
    return session.scalars(query.order_by(Tool.wanted_since.desc(), Tool.id.desc()).limit(limit)).all()


def words_of_wanted(session: Session, limit: int) -> list[tuple[str, str, list[str]]]:
    """Tools that look for an owner, the latest to do so first: name, title, and the words that say what they are made
    of (keywords, technologies). One statement.
    """
    query = select(Tool.name, Tool.title, Tool.record).where(Tool.wanted_since.is_not(None))
    rows = session.execute(query.order_by(Tool.wanted_since.desc(), Tool.id.desc()).limit(limit)).all()
    return [(row.name, row.title, rules.technologies(row.record)) for row in rows]


def terms(session: Session) -> dict[str, list[tuple[str, int]]]:
    """The words of each facet, each with the number of tools that the filter finds by it, the most first; under
    WANTED the number of tools that look for an owner, and under ALL that of all tools. One statement.
    """
    by_kind: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    looking = select(literal(WANTED), literal(""), func.count()).where(Tool.wanted_since.is_not(None))
    everything = select(literal(ALL), literal(""), func.count()).select_from(Tool)
    rows = session.execute(union_all(select(ToolTerm.kind, ToolTerm.value, ToolTerm.tools), looking, everything))
    for kind, value, number in sorted(rows, key=lambda row: (-row.tools, row.value)):
        by_kind[kind].append((value, number))
    return by_kind


def tool(session: Session, name: str) -> Tool:
    """One tool with its record. Raises NotFound."""
    query = select(Tool).where(Tool.name == name).options(undefer(Tool.record), joinedload(Tool.wanted_by))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(lazy("There is no tool of that name. The list of tools has them all."))
    return row


def maintainers(session: Session, tool_id: int) -> list[Maintainer]:
    """Whom the record names, in its order, each with the person here whose account fits: two statements.

    A verified account goes before one that somebody only says is theirs.
    """
    named = session.scalars(select(ToolPerson).where(ToolPerson.tool_id == tool_id).order_by(ToolPerson.place)).all()
    accounts = _accounts_of(session, named)
    return [_linked(person, accounts) for person in named]


def known_maintainers(session: Session, tool_id: int) -> list[Person]:
    """The people here who maintain a tool, as far as their accounts are verified."""
    all_maintainers = maintainers(session, tool_id)
    return list(
        {
            maintainer.person.id: maintainer.person
            for maintainer in all_maintainers
            if maintainer.person and maintainer.is_verified
        }.values()
    )


def refusal_to_speak(session: Session, tool_id: int, person_id: int, now: datetime) -> NotAllowed | None:
    """Why this person may not say of the tool that it looks for an owner; None for a maintainer or a steward."""
    maintainers_here = [person.id for person in known_maintainers(session, tool_id)]
    return refuse_speaking(person_id, maintainers_here, permissions_of(session, person_id, now))


def open_adoption_offers(session: Session, tool_id: int) -> list[AdoptionOffer]:
    """Who could help with a tool; who waits longest first."""
    waiting = select(AdoptionOffer).where(
        AdoptionOffer.tool_id == tool_id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    return list(session.scalars(waiting.options(joinedload(AdoptionOffer.person)).order_by(AdoptionOffer.id)))


def open_adoption_offer_of(session: Session, tool_id: int, person_id: int) -> AdoptionOffer | None:
    """This person's open offer to help with a tool."""
    return session.scalars(
        select(AdoptionOffer).where(AdoptionOffer.open_key == offer_key(tool_id, person_id))
    ).one_or_none()


def adoption_offer(session: Session, offer_id: int) -> AdoptionOffer:
    """One offer with its tool, closed ones too. Raises NotFound."""
    query = select(AdoptionOffer).where(AdoptionOffer.id == offer_id).options(joinedload(AdoptionOffer.tool))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(lazy("There is no such offer."))
    return row


def offer_key(tool_id: int, person_id: int) -> str:
    """The key that lets a person have one open offer a tool."""
    return f"{tool_id}:{person_id}"


def account(session: Session, account_id: int) -> Account:
    """An account that somebody says is theirs. Raises NotFound."""
    row = session.get(Account, account_id)
    if row is None:
        raise NotFound(lazy("There is no such account."))
    return row


def records(session: Session, batch: int = 200) -> Iterator[dict[str, Any]]:
    """Every record by id, read in batches."""
    last = 0
    while True:
        query = select(Tool.id, Tool.record).where(Tool.id > last).order_by(Tool.id).limit(batch)
        rows = session.execute(query).all()
        yield from (row.record for row in rows)
        if len(rows) < batch:
            return
        last = rows[-1].id


def version(session: Session) -> str:
    """A word that is another one whenever a record has come, gone or changed. One statement."""
    count, newest, last = session.execute(select(func.count(), func.max(Tool.changed_at), func.max(Tool.id))).one()
    return f"{count}-{last or 0}-{newest.isoformat() if newest else ''}"


def count_terms(session: Session) -> None:
    """Count anew how many tools are found by each word; of each facet the CHOICES which most tools name are kept."""
    session.execute(delete(ToolTerm))
    for kind in Facet:
        counted = [
            {"kind": kind.value, "value": value, "tools": _count_found(session, kind, value, number)}
            for value, number in _most_named(session, kind)
        ]
        if counted:
            session.execute(insert(ToolTerm), counted)


def _most_named(session: Session, kind: Facet) -> list[tuple[str, int]]:
    number = func.count()
    query = select(ToolFacet.value, number).where(ToolFacet.kind == kind).group_by(ToolFacet.value)
    rows = session.execute(query.order_by(number.desc(), ToolFacet.value).limit(CHOICES[kind]))
    return [(value, count) for value, count in rows]


def _count_found(session: Session, kind: Facet, value: str, named: int) -> int:
    """How many tools the filter finds by this word: by some, more than those that name it."""
    values = rules.MATCHING[kind](value)
    if len(set(values)) == 1:
        return named
    having = select(func.count(ToolFacet.tool_id.distinct()))
    return session.scalar(having.where(ToolFacet.kind == kind, ToolFacet.value.in_(values))) or 0


def _narrowed(query: Any, filters: ToolFilters) -> Any:
    words = {
        Facet.TYPE: filters.tool_type,
        Facet.LICENSE: filters.license,
        Facet.KEYWORD: filters.keyword,
        Facet.LANGUAGE: filters.language,
        Facet.WIKI: filters.wiki,
    }
    for kind, word in words.items():
        if word:
            query = query.where(Tool.id.in_(_named_by(kind, word)))
    if filters.needs_owner:
        query = query.where(Tool.wanted_since.is_not(None))
    return query.where(has_words(filters.text.casefold(), Tool.title_key, Tool.name)) if filters.text else query


def _named_by(kind: Facet, word: str) -> Select[int]:
    """Tools that name this word. Of keywords and wikis a part is enough, where no tool names the very word."""
    having = select(ToolFacet.tool_id).where(ToolFacet.kind == kind)
    very, values = rules.MATCHING[kind](word)[0], rules.MATCHING[kind](word)
    if kind not in {Facet.KEYWORD, Facet.WIKI}:
        return having.where(ToolFacet.value.in_(values))
    other = aliased(ToolFacet)
    is_named = exists().where(other.kind == kind, other.value == very)
    return having.where(or_(ToolFacet.value.in_(values), and_(~is_named, has_words(very, ToolFacet.value))))


def _keywords(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    by_tool: defaultdict[int, list[str]] = defaultdict(list)
    if not ids:
        return by_tool
    query = select(ToolFacet.tool_id, ToolFacet.value).where(ToolFacet.tool_id.in_(ids))
    query = query.where(ToolFacet.kind == Facet.KEYWORD).order_by(ToolFacet.value)
    for tool_id, word in session.execute(query):
        by_tool[tool_id].append(word)
    return by_tool


def _accounts_of(session: Session, named: Collection[ToolPerson]) -> list[tuple[Account, Person]]:
    on_wiki = [
        name
        for maintainer in named
        if maintainer.wiki_username
        for name in rules.account_names(maintainer.wiki_username)
    ]
    elsewhere = [maintainer.developer_username for maintainer in named if maintainer.developer_username]
    if not on_wiki and not elsewhere:
        return []
    is_named = or_(
        (Account.service == WIKI) & Account.username.in_(on_wiki),
        (Account.service != WIKI) & Account.username.in_(elsewhere),
    )
    query = select(Account, Person).join(Person, Person.id == Account.person_id).where(is_named)
    query = query.where(Person.deleted_at.is_(None)).order_by(Account.verified_at.is_(None), Account.id)
    return [(account, person) for account, person in session.execute(query)]


def _linked(named: ToolPerson, accounts: Collection[tuple[Account, Person]]) -> Maintainer:
    for account, person in accounts:
        on_wiki = account.service == WIKI and rules.same_wiki_name(named.wiki_username, account.username)
        if on_wiki or (account.service != WIKI and named.developer_username == account.username):
            return Maintainer(named, account, person)
    return Maintainer(named)


def tools_around(
    session: Session, person_id: int, accounts: Collection[OwnAccount]
) -> tuple[list[OwnTool], list[AdoptionOfferItem]]:
    """The tools that name one of these accounts, which must be verified, those with offers first; and those that this
    person has offered to help with and that still look for somebody, the newest offer first. One statement.
    """
    own = _tools_naming(accounts)
    both: Any = _OFFERS_OF if own is None else union_all(own, _OFFERS_OF)
    rows = run_prepared(session, both, {"person": person_id}).all()
    tools = [OwnTool(row.name, row.title, row.wanted_since, row.offers) for row in rows if row.is_own]
    offered = [AdoptionOfferItem(row.name, row.title, row.offered_at) for row in rows if not row.is_own]
    offered.sort(key=lambda item: item.created_at, reverse=True)
    return sorted(tools, key=lambda item: (-item.offers, item.title.casefold())), offered


def _tools_naming(accounts: Collection[OwnAccount]) -> Any | None:
    if not accounts:
        return None
    offers = select(func.count()).where(
        AdoptionOffer.tool_id == Tool.id, AdoptionOffer.state == AdoptionOfferState.OPEN
    )
    counted = offers.correlate(Tool).scalar_subquery().label("offers")
    named = Tool.id.in_(select(ToolPerson.tool_id).where(or_(*map(_names, accounts))))
    columns: list[Any] = [Tool.name, Tool.title, Tool.wanted_since, counted]
    nothing: Any = literal(None, UtcDateTime())
    shown: Any = select(literal(1).label("is_own"), *columns, nothing.label("offered_at"))
    shown = shown.where(named)
    # A part of a union is cut only inside a table of its own.
    return select(shown.order_by(counted.desc(), Tool.title_key, Tool.id).limit(MOST_OWN).subquery())


def _offers_of_a_person() -> Any:
    columns: list[Any] = [Tool.name, Tool.title, Tool.wanted_since, literal(0).label("offers")]
    mine: Any = select(literal(0).label("is_own"), *columns, AdoptionOffer.created_at.label("offered_at"))
    mine = mine.join(Tool, Tool.id == AdoptionOffer.tool_id)
    mine = mine.where(AdoptionOffer.person_id == bindparam("person"), AdoptionOffer.state == AdoptionOfferState.OPEN)
    return select(mine.order_by(AdoptionOffer.id.desc()).limit(MOST_OWN).subquery())


# Every dashboard asks it: it is built once.
_OFFERS_OF = _offers_of_a_person()


def _names(account: OwnAccount) -> ColumnElement[bool]:
    if account.service == WIKI:
        return ToolPerson.wiki_username.in_(rules.account_names(account.username))
    return and_(ToolPerson.developer_username == account.username, ToolPerson.developer_username != "")
