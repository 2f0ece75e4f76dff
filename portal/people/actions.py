"""What people do with their accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session, object_session

from portal.core import drafts, security_log, submissions
from portal.core.errors import Conflict, Invalid
from portal.core.i18n import lazy
from portal.core.indexing import reindex, remove_from_index
from portal.core.jobs import Portal, nudge
from portal.core.rows import insert_unless_taken, updated_one_row, updated_rows
from portal.people import passwords, portraits, queries, rules, unnaming
from portal.people.kept_names import NONE_KEPT, KeptNames
from portal.people.locks import lock_person
from portal.people.models import (
    PEOPLE_SEARCH,
    Account,
    KeptUsername,
    Letter,
    Person,
    PersonLanguage,
    PersonSkill,
    Portrait,
    SignInTry,
    UserSession,
)

RESET_LETTER = "people.reset_password"
CONFIRM_LETTER = "people.confirm_email"
EMAIL_TAKEN_LETTER = "people.email_taken"
EMAIL_CHANGES_LETTER = "people.email_changes"
USERNAME_LETTER = "people.username_changed"
TRIAL_LETTER = "people.address_works"
NEW_DEVICE_LETTER = "people.new_device"
ASKED_FOR = {RESET_LETTER: "reset", **dict.fromkeys((CONFIRM_LETTER, EMAIL_TAKEN_LETTER, TRIAL_LETTER), "confirm")}
"""The letters that anybody can have sent to an address, by what they count as."""
NOT_REFUSED: Mapping[str, None] = dict.fromkeys(("refused_email", "refused_because", "refused_at"))
COMPLETE_ERASURES = "people.complete_erasures"
"""The sweep that cleans files after somebody has left."""
PASSWORD_LETTER = "people.password_changed"  # noqa: S105  (the name of a letter)


def create_person(
    session: Session,
    username: str,
    display_name: str,
    password: str | None,
    email: str | None,
    language: str,
    now: datetime,
    *,
    is_email_known: bool = False,
    site_name: str = "",
    kept_names: KeptNames = NONE_KEPT,
    time_zone: str = "",
) -> Person:
    """A new account. An address is used only once its owner has confirmed it, unless `is_email_known`.

    Without a password (None) they come back by what else the site lets people sign in with.
    The password must not be made of what others know: the names, the address and `site_name`. Nobody who signs
    up gets one of `kept_names`. Raises Invalid, naming the field, for what cannot be had: a username, a name, a
    password, or a known address that is somebody else's. A typed address that is somebody else's raises nothing: its
    owner is told by letter.
    """
    username, name = rules.tidy_username(username), rules.tidy_name(display_name)
    _refuse(rules.objection_to_username(username) or kept_names.objection_to(username), "username")
    _refuse(rules.objection_to_name(name) or kept_names.objection_to(name), "display_name")
    password_hash = ""
    if password is not None:
        _refuse(passwords.objection(password, (username, name, email or "", site_name)), "password")
        # The hash takes its time: it is made before the first statement opens a transaction.
        password_hash = passwords.hash_of(password)
    person = Person(
        username=username,
        display_name=name,
        password_hash=password_hash,
        language=language,
        time_zone=time_zone,
        created_at=now,
        session_epoch=0,
    )
    with _username_unless_taken(session, username):
        session.add(person)
    if email and is_email_known:
        with insert_unless_taken(session, Invalid(lazy("Another account here has this address."), "email")):
            person.email, person.email_key = email, email.lower()
    elif email:
        change_email(session, person, email, now)
    return person


def change_username(
    session: Session, person: Person, typed: str, now: datetime, *, kept_names: KeptNames = NONE_KEPT
) -> None:
    """Be called otherwise. The name of before leads here from now on, and nobody else gets it.

    Raises Invalid for one that cannot be had, Conflict when the name was changed not long ago, or at this moment.
    """
    username = rules.tidy_username(typed)
    if username == person.username:
        return
    if refusal := rules.objection_to_new_username(person.username_changed_at, now):
        raise Conflict(refusal)
    _refuse(rules.objection_to_username(username) or kept_names.objection_to(username), "username")
    before, unchanged = person.username, (Person.id == person.id) & (Person.username == person.username)
    fresh = {"username": username, "username_changed_at": now}
    with _username_unless_taken(session, username, person.id):
        is_first = updated_one_row(session, update(Person).where(unchanged).values(fresh))
    if not is_first:
        raise Conflict(lazy("Your username was changed a moment ago."))
    session.execute(delete(KeptUsername).where(KeptUsername.mark == rules.mark_of_username(username)))
    _keep_username(session, before, person.id, now)
    session.refresh(person)
    find_by_words(person)
    write_letter(session, person, USERNAME_LETTER, {"before": before}, now)


def set_password(session: Session, person: Person, password: str, now: datetime, *, site_name: str = "") -> None:
    """Take a new password: every session of this person ends, and a letter tells them.

    Raises Invalid when the password would be easy to guess, Conflict when another new one was taken meanwhile: so a
    link that allows one new password allows one even when it is used twice at once.
    """
    known = (person.username, person.display_name, person.email or "", site_name)
    _refuse(passwords.objection(password, known), "password")
    seen = (Person.id == person.id) & (Person.session_epoch == person.session_epoch)
    fresh = {"password_hash": passwords.hash_of(password), "session_epoch": person.session_epoch + 1}
    if not updated_one_row(session, update(Person).where(seen).values(fresh)):
        raise Conflict(lazy("The password was changed a moment ago. Sign in with the new one."))
    session.refresh(person)
    end_sessions(session, person, now)
    write_letter(session, person, PASSWORD_LETTER, {}, now)


def end_sessions(session: Session, person: Person, now: datetime, *, but: str = "") -> int:
    """Sign this person out wherever they are signed in, but for the session with the mark `but`; how many ended."""
    theirs = (UserSession.person_id == person.id, UserSession.ended_at.is_(None), UserSession.mark != but)
    return updated_rows(session, update(UserSession).where(*theirs).values(ended_at=now))


def renew_hash(person: Person, password: str) -> None:
    """Hash a password that was just given with today's settings, when it was kept with weaker ones."""
    if passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hash_of(password)


def ask_for_reset(session: Session, typed: str, now: datetime) -> Person | None:
    """Write a letter with a reset link to whom the typed username or address belongs, if to anybody: to them."""
    person = queries.by_name_or_email(session, typed)
    if person:
        # Many who ask at once ask one after the other, so that each sees what the others had sent.
        session.refresh(person, with_for_update=True)
    if person and not queries.letter_waits(session, person, RESET_LETTER):
        write_letter(session, person, RESET_LETTER, {}, now)
    return person


def change_email(session: Session, person: Person, email: str | None, now: datetime) -> None:
    """Use another address once its owner has confirmed it, or (None) none at all.

    Nothing here tells whether somebody else has the address: its owner gets a letter instead of the confirmation.
    """
    person.new_email = email
    if person.refused_email == email:
        # Whoever gives it again may have mended what was wrong with it.
        _forget_refusal(person)
    if not email:
        person.email = person.email_key = None
        _forget_refusal(person)
        return
    if email.lower() != person.email_key:  # else it is only confirmed, such as one that was given on the command line
        write_letter(session, person, EMAIL_CHANGES_LETTER, {}, now)
    ask_to_confirm(session, person, now)


def ask_to_confirm(session: Session, person: Person, now: datetime) -> None:
    """Send the link by which the owner of the address that waits confirms it."""
    owner = queries.by_name_or_email(session, person.new_email or "")
    if owner and owner is not person:
        write_letter(session, owner, EMAIL_TAKEN_LETTER, {}, now)
    else:
        write_letter(session, person, CONFIRM_LETTER, {}, now)


def confirm_email(session: Session, person: Person, now: datetime, *, but: str = "") -> None:
    """The address that waited is theirs. Where it takes the place of another, every session ends, but for the one with
    the mark `but`. Raises Conflict when somebody else confirmed it first.
    """
    address = person.new_email
    if not address:
        return
    if person.email and person.email_key != address.lower():
        end_sessions(session, person, now, but=but)
    taken = Conflict(lazy("This address now belongs to another account here. Use another."))
    with insert_unless_taken(session, taken):
        person.email, person.email_key, person.new_email = address, address.lower(), None
        _forget_refusal(person)


def note_refused_address(session: Session, address: str, said: str, now: datetime) -> None:
    """A mail server takes no mail for this address, for good: whoever gave it is told so on the site."""
    has_it = or_(Person.email == address, Person.new_email == address)
    mark = {"refused_email": address, "refused_because": said[: rules.LONGEST_REFUSAL], "refused_at": now}
    session.execute(update(Person).where(has_it).values(mark))


def note_working_address(session: Session, address: str) -> None:
    """A mail server took a letter to this address: what another one said before no longer holds."""
    session.execute(update(Person).where(Person.refused_email == address).values(NOT_REFUSED))


def try_address_again(session: Session, person: Person, now: datetime) -> None:
    """Send a letter to the address that was refused: its server may think otherwise by now."""
    address = person.refused_address
    if address:
        _forget_refusal(person)
        write_letter(session, person, CONFIRM_LETTER if address == person.new_email else TRIAL_LETTER, {}, now)


def describe(
    person: Person,
    display_name: str,
    about: str,
    time_zone: str,
    weekly_hours: int | None,
    *,
    kept_names: KeptNames = NONE_KEPT,
) -> None:
    """Say who one is. Raises Invalid for a name that cannot be shown, or is one of `kept_names` and not theirs yet."""
    name = rules.tidy_name(display_name)
    objection = rules.objection_to_name(name)
    _refuse(objection if name == person.display_name else objection or kept_names.objection_to(name), "display_name")
    person.display_name, person.about = name, about
    person.time_zone, person.weekly_hours = time_zone, weekly_hours
    find_by_words(person)


def let_be_found(person: Person, agrees: bool) -> None:
    """Agree that search finds this person, or no longer: then nothing finds them from now on."""
    person.is_findable = agrees
    find_by_words(person)


def find_by_words(person: Person) -> None:
    """What this person says of themselves has changed: search looks at it again."""
    if session := object_session(person):
        reindex(session, unnaming.PEOPLE, [person.id])


def set_picture(session: Session, person: Person, body: bytes) -> None:
    """Show this picture beside the person's name: its middle, made small. Raises Invalid for what is no picture."""
    small = portraits.small_square(body)
    person.picture = portraits.mark_of(small)
    session.merge(Portrait(person_id=person.id, mark=person.picture, body=small))


def remove_picture(session: Session, person: Person) -> None:
    """Show their initials again."""
    session.execute(delete(Portrait).where(Portrait.person_id == person.id))
    person.picture = ""


def set_skill(person: Person, skill: str, level: int) -> None:
    """Have this skill at this level (1 to 4), in place of the level it had. Raises Invalid when the list is full."""
    _lock_list(person, "skills")
    known = next((row for row in person.skills if row.skill == skill), None)
    if known:
        known.level = level
        return
    _refuse_full(person.skills, "skill")
    person.skills.append(PersonSkill(skill=skill, level=level))
    find_by_words(person)


def remove_skill(person: Person, skill: str) -> None:
    """No longer have this skill."""
    person.skills = [row for row in person.skills if row.skill != skill]
    find_by_words(person)


def add_language(person: Person, code: str) -> None:
    """Speak this language (a BCP 47 code). Raises Invalid when the list is full."""
    _lock_list(person, "languages")
    if all(row.code != code for row in person.languages):
        _refuse_full(person.languages, "spoken")
        person.languages.append(PersonLanguage(code=code))


def remove_language(person: Person, code: str) -> None:
    """No longer speak this language here."""
    person.languages = [row for row in person.languages if row.code != code]


def add_account(person: Person, service: str, username: str, now: datetime) -> None:
    """Say which account elsewhere is theirs; kept as said until verified. Raises Invalid when the list is full."""
    _lock_list(person, "accounts")
    if all((row.service, row.username) != (service, username) for row in person.accounts):
        _refuse_full(person.accounts, "account")
        person.accounts.append(Account(service=service, username=username, added_at=now))


def prove_account(
    session: Session, person: Person, service: str, username: str, now: datetime, *, former: str = ""
) -> None:
    """They have just signed in with this account elsewhere, so it is theirs and nobody else's: listed, and verified.

    `former` is what it was called when they last came. That name is not theirs any more: after a rename anybody may
    take it there.
    """
    if former != username:
        person.accounts = [row for row in person.accounts if (row.service, row.username) != (service, former)]
    is_it = (Account.service == service) & (Account.username == username)
    of_others = update(Account).where(is_it, Account.person_id != person.id, Account.verified_at.is_not(None))
    session.execute(of_others.values(verified_at=None))
    known = next((row for row in person.accounts if (row.service, row.username) == (service, username)), None)
    if known is None:
        known = Account(service=service, username=username, added_at=now)
        person.accounts.append(known)
    known.verified_at = known.verified_at or now


def remove_account(person: Person, account_id: int) -> None:
    """Take an account of theirs off the list; one of somebody else's stays."""
    person.accounts = [row for row in person.accounts if row.id != account_id]


def leave(portal: Portal, session: Session, person: Person, now: datetime) -> None:
    """Delete the account for good. What others need stays, under a name that tells nothing.

    Every session ends. First each room ends what the person still has going on there. Of what they wrote nothing stays,
    and what others wrote calls them by "@" no longer.
    """
    for erase in portal.features.erasures:
        erase(portal, session, person, now)
    unnaming.forget_mentions(session, person)
    session.execute(delete(Letter).where(Letter.person_id == person.id))
    remove_picture(session, person)
    session.execute(delete(UserSession).where(UserSession.person_id == person.id))
    drafts.forget_person(session, person.id)
    submissions.forget_person(session, person.id, (person.username, person.display_name))
    security_log.forget_person(session, person.id)
    _keep_username(session, person.username, None, now)
    session.execute(update(KeptUsername).where(KeptUsername.person_id == person.id).values(person_id=None))
    person.username_changed_at = None
    person.skills, person.languages, person.accounts = [], [], []
    person.username, person.display_name = f"{rules.LEFT_PREFIX}{person.id}", ""
    person.email = person.email_key = person.new_email = person.weekly_hours = None
    _forget_refusal(person)
    person.about = person.time_zone = person.language = person.password_hash = ""
    person.is_findable = False
    remove_from_index(session, PEOPLE_SEARCH, [person.id])
    person.session_epoch += 1
    person.suspended_at = person.suspended_until = None
    person.suspended_because = ""
    person.deleted_at = now
    nudge(session, COMPLETE_ERASURES)


def write_letter(session: Session, person: Person, template: str, values: Mapping[str, Any], now: datetime) -> None:
    """Have a mail sent right after the commit: `templates/mail/<template>.txt` with these values (plain JSON).

    People without a confirmed address get none; only the letter that asks for the confirmation goes to the new one.
    Of letters that anybody can have sent to an address few leave on one day; whoever asks for more is not told.
    """
    address = person.new_email if template == CONFIRM_LETTER else person.email
    if not address or _has_had_enough(session, template, address, now):
        return
    session.add(Letter(person_id=person.id, template=template, values=dict(values), due_at=now))
    nudge(session, "mail.deliver")


def is_first_today(session: Session, person: Person, template: str, now: datetime) -> bool:
    """Whether nothing has led to this letter to this person today; from now on something has."""
    subject = rules.mark_of_address(template, str(person.id))
    if queries.tries_since(session, subject, now - rules.LETTER_DAY, 1):
        return False
    session.add(SignInTry(subject=subject, at=now))
    session.flush()
    return True


def _has_had_enough(session: Session, template: str, address: str, now: datetime) -> bool:
    """Whether so many letters of this kind were asked for to this address today; else one more is counted."""
    kind = ASKED_FOR.get(template)
    if kind is None:
        return False
    subject = rules.mark_of_address(kind, address)
    if len(queries.tries_since(session, subject, now - rules.LETTER_DAY, rules.LETTERS_A_DAY)) >= rules.LETTERS_A_DAY:
        return True
    session.add(SignInTry(subject=subject, at=now))
    session.flush()
    return False


@contextmanager
def _username_unless_taken(session: Session, username: str, person_id: int | None = None) -> Iterator[None]:
    """The block gives somebody this username. Raises Invalid, with nothing done, when another has it or had it."""
    taken = Invalid(rules.TAKEN, "username")
    with insert_unless_taken(session, taken):
        yield
        session.flush()
        # Looked at behind the row: who gives the name up at this moment has either kept it by now, or has it still.
        if queries.is_kept_from(session, username, person_id):
            raise taken


def _keep_username(session: Session, username: str, person_id: int | None, now: datetime) -> None:
    session.add(KeptUsername(mark=rules.mark_of_username(username), person_id=person_id, kept_since=now))


def _forget_refusal(person: Person) -> None:
    for field, value in NOT_REFUSED.items():
        setattr(person, field, value)


def _lock_list(person: Person, name: str) -> None:
    """Wait for other browsers that change it, and see it as they left it: only so holds what a list may have."""
    session = object_session(person)
    if session is not None and person in session and person.id:
        lock_person(session, person.id)
        session.refresh(person, [name])


def _refuse_full(rows: Sized, field: str) -> None:
    if len(rows) >= rules.MOST_ROWS:
        raise Invalid(lazy("The list is full. Remove something first."), field)


def _refuse(objection: Any, field: str) -> None:
    if objection is not None:
        raise Invalid(objection, field)
