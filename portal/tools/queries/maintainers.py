"""Who looks after a tool: whom its record names, and the people here whose accounts fit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    or_,
    select,
)
from sqlalchemy.orm import Session

from portal.core.errors import NotAllowed, NotFound
from portal.core.i18n import lazy
from portal.people.models import Account, Person
from portal.people.rules import WIKI
from portal.roles.queries import permissions_of
from portal.tools import rules
from portal.tools.access import refuse_speaking
from portal.tools.models import ToolPerson


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


def maintainers_of(session: Session, tool_id: int) -> list[Maintainer]:
    """Whom the record names, in its order, each with the person here whose account fits: two statements.

    A verified account goes before one that somebody only says is theirs.
    """
    named = session.scalars(select(ToolPerson).where(ToolPerson.tool_id == tool_id).order_by(ToolPerson.place)).all()
    accounts = _accounts_of(session, named)
    return [_linked(person, accounts) for person in named]


def known_maintainers(session: Session, tool_id: int) -> list[Person]:
    """The people here who maintain a tool, as far as their accounts are verified."""
    all_maintainers = maintainers_of(session, tool_id)
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


def account(session: Session, account_id: int) -> Account:
    """An account that somebody says is theirs. Raises NotFound."""
    row = session.get(Account, account_id)
    if row is None:
        raise NotFound(lazy("There is no such account."))
    return row


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
