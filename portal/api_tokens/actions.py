"""What people do with their tokens, and what the site notes of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from portal.api_tokens import queries, rules
from portal.api_tokens.models import ApiToken
from portal.core.errors import Conflict, Invalid
from portal.core.feature import features_of
from portal.core.i18n import lazy
from portal.core.rows import updated_one_row
from portal.people.actions import write_letter
from portal.people.locks import lock_person
from portal.people.models import Person

MADE_LETTER = "api_tokens.made"
ENDS_LETTER = "api_tokens.ends_soon"


def make_token(
    session: Session, person: Person, name: str, scopes: Collection[str], last_day: date, now: datetime
) -> str:
    """A new token of this person, good for these scopes until the end of the day (UTC): told this once. A letter tells
    them that there is one.

    Raises Invalid for a day that is gone or too far away, or a scope that is none; Conflict when they have too many.
    """
    if not rules.is_possible_end(last_day, now.date()):
        raise Invalid(lazy("Choose a day from today on, at most a year away."), "last_day")
    if not scopes or not set(scopes) <= features_of(session).api_scopes.keys():
        raise Invalid(lazy("Choose what the token is for."), "scopes")
    lock_person(session, person.id)
    if queries.count_living(session, person.id, now) >= rules.MOST_TOKENS:
        raise Conflict(lazy("You have as many tokens as one person can have. End one that you do not need first."))
    token = rules.new_token()
    made = ApiToken(person_id=person.id, name=name, mark=rules.mark_of(token), scopes=" ".join(sorted(scopes)))
    made.made_at, made.ends_at = now, datetime.combine(last_day + timedelta(days=1), time(), now.tzinfo)
    session.add(made)
    write_letter(session, person, MADE_LETTER, {"name": name, "last_day": last_day.isoformat()}, now)
    return token


def end_token(session: Session, person: Person, token_id: int) -> bool:
    """This token of theirs is good for nothing from now on, and forgotten; False when it was before."""
    lock_person(session, person.id)
    if queries.token_of(session, person.id, token_id) is None:
        return False
    session.execute(delete(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person.id))
    return True


def end_tokens_of(session: Session, person_id: int) -> None:
    """Every token of this person is good for nothing from now on, and forgotten."""
    session.execute(delete(ApiToken).where(ApiToken.person_id == person_id))


def note_use(session: Session, token_id: int, now: datetime, *, network: str) -> None:
    """The token is used now, from this network."""
    unnoted = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now)
    this = update(ApiToken).where(ApiToken.id == token_id, unnoted)
    session.execute(this.values(last_used_at=now, last_network=network))


def announce_end(session: Session, token_id: int, now: datetime) -> None:
    """Tell the owner by letter that the token ends soon, once."""
    untold = update(ApiToken).where(ApiToken.id == token_id, ApiToken.told_at.is_(None))
    if not updated_one_row(session, untold.values(told_at=now)):
        return
    token = session.get_one(ApiToken, token_id)
    last_day = (token.ends_at - timedelta(days=1)).date().isoformat()
    values = {"name": token.name, "last_day": last_day}
    write_letter(session, session.get_one(Person, token.person_id), ENDS_LETTER, values, now)


def forget(session: Session, before: datetime) -> None:
    """Delete tokens that ended before then."""
    session.execute(delete(ApiToken).where(ApiToken.ends_at < before))
