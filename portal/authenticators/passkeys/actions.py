"""What people do with passkeys: add one, use it, give it another name, remove it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.authenticators.models import Passkey
from portal.authenticators.passkeys import queries, rules
from portal.core.errors import Conflict, NotFound, raise_if
from portal.core.feature import features_of
from portal.core.i18n import lazy
from portal.core.rows import insert_unless_taken, updated_one_row
from portal.people.actions import write_letter
from portal.people.locks import lock_person
from portal.people.models import Person

WAY = "passkey"
ADDED_LETTER = "authenticators.passkey_added"
REMOVED_LETTER = "authenticators.passkey_removed"


def add_passkey(session: Session, person: Person, passkey: Passkey, now: datetime) -> None:
    """From now on this passkey signs this person in. A letter tells them.

    Raises Conflict when it is somebody's already, or they have as many as one can have.
    """
    lock_person(session, person.id)
    if len(queries.passkeys_of(session, person.id)) >= rules.MOST:
        raise Conflict(lazy("You have as many passkeys as one can have. Remove one that you do not use any more."))
    passkey.person_id, passkey.added_at = person.id, now
    with insert_unless_taken(session, Conflict(lazy("This passkey is here already."))):
        session.add(passkey)
    write_letter(session, person, ADDED_LETTER, {"passkey": passkey.name}, now)


def note_use(session: Session, passkey: Passkey, sign_count: int, begun_at: datetime, now: datetime) -> bool:
    """Note that it was used just now; False when it has been used since `begun_at`: an answer is good only once, even
    for who has kept the cookie that it belongs to.
    """
    unused = Passkey.last_used_at.is_(None) | (Passkey.last_used_at < begun_at)
    same = update(Passkey).where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count, unused)
    return updated_one_row(session, same.values(sign_count=sign_count, last_used_at=now))


def rename_passkey(session: Session, person: Person, passkey_id: int, name: str) -> None:
    """Call a passkey of theirs so. Raises NotFound."""
    found = queries.passkey_of(session, person.id, passkey_id)
    if found is None:
        raise no_such_passkey()
    found.name = name


def remove_passkey(session: Session, person: Person, passkey_id: int, now: datetime) -> bool:
    """Take a passkey of theirs away; False when it was gone already. A letter tells them.

    Raises Conflict when it is the only way in that they have.
    """
    lock_person(session, person.id)
    passkeys = queries.passkeys_of(session, person.id)
    gone = next((one for one in passkeys if one.id == passkey_id), None)
    if gone is None:
        return False
    ways = (way for way in features_of(session).sign_in_ways if way.name != WAY)
    has_other_way = any(way.can_prove(session, person) for way in ways)
    others = len(passkeys) - 1
    raise_if(
        rules.refuse_last_way(has_password=person.has_password, other_passkeys=others, has_other_way=has_other_way)
    )
    session.execute(delete(Passkey).where(Passkey.id == gone.id))
    write_letter(session, person, REMOVED_LETTER, {"passkey": gone.name}, now)
    return True


def take_away_passkeys(session: Session, person: Person, now: datetime, *, only: int | None = None) -> int:
    """Take all passkeys of somebody away, or that one, although they may have no other way in: for admins, who help
    them to another. A letter tells them of each; how many there were.
    """
    lock_person(session, person.id)
    gone = [one for one in queries.passkeys_of(session, person.id) if only in (None, one.id)]
    session.execute(delete(Passkey).where(Passkey.id.in_([one.id for one in gone])))
    for one in gone:
        write_letter(session, person, REMOVED_LETTER, {"passkey": one.name}, now)
    return len(gone)


def no_such_passkey() -> NotFound:
    """That they have none by this number."""
    return NotFound(lazy("You have no such passkey."))
