"""What people do with invitations: make one, send it again, revoke it, sign up by it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from portal.core.errors import Conflict, TooMany, raise_if
from portal.core.i18n import lazy, ngettext
from portal.core.jobs import nudge
from portal.core.permissions import granted_to, refuse_without
from portal.core.rows import updated_one_row
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.people import queries as people
from portal.people.invitations import queries
from portal.people.invitations.access import INVITE, no_such_invitation, refuse_others
from portal.people.invitations.models import Invitation, InvitationLetter, InvitationUse
from portal.people.invitations.rules import DAY, InvitationDraft, InvitationState, mark_of_token, token_of
from portal.people.locks import lock_person
from portal.people.models import Person, SignInTry
from portal.people.rules import LETTER_DAY, LETTERS_A_DAY, mark_of_address


def invite(
    session: Session, by: Person, draft: InvitationDraft, secret_key: str, most_a_day: int, now: datetime
) -> Invitation:
    """Invite somebody: an e-mail goes to the address, if there is one. Whether it has an account here makes no
    difference. Raises NotAllowed, TooMany when `most_a_day` were made in the last day, or the address had enough.
    """
    _require(session, by, now)
    lock_person(session, by.id)
    if queries.made_lately(session, by.id, now) >= most_a_day:
        raise TooMany(_so_many_a_day(most_a_day), int(DAY.total_seconds()))
    seed = secrets.token_hex(16)
    made = Invitation(inviter_id=by.id, seed=seed, mark=mark_of_token(token_of(seed, secret_key)), uses=0)
    made.email, made.language, made.note = draft.email, draft.language, draft.note
    made.most_uses = 1 if draft.email else draft.most_uses
    made.made_at, made.ends_at = now, now + timedelta(days=draft.days)
    session.add(made)
    session.flush()
    if draft.email:
        _send(session, made, draft.email, now)
    security_event(SecurityEvent.INVITATION_MADE, Outcome.DONE, who=by.id, invitation=made.id, uses=made.most_uses)
    return made


def send_again(session: Session, invitation_id: int, by: Person, now: datetime) -> None:
    """Send the e-mail of an invitation of theirs once more.

    Raises NotFound, NotAllowed, Conflict when it is not open or has no address, TooMany when the address had enough.
    """
    _require(session, by, now)
    lock_person(session, by.id)
    found = _theirs(session, invitation_id, by)
    if not found.email or queries.standing(session, found, now) is not InvitationState.OPEN:
        raise Conflict(lazy("This invitation is not open any more, or has no address. Make a new one."))
    _send(session, found, found.email, now)


def revoke(session: Session, invitation_id: int, by: Person, now: datetime) -> bool:
    """Nobody signs up by this invitation of theirs any more; False when nobody could already. Who has signed up stays.

    Raises NotFound, NotAllowed.
    """
    _require(session, by, now)
    found = _theirs(session, invitation_id, by)
    is_open = (Invitation.revoked_at.is_(None), Invitation.uses < Invitation.most_uses, Invitation.ends_at > now)
    theirs = update(Invitation).where(Invitation.id == found.id, *is_open)
    if not updated_one_row(session, theirs.values(revoked_at=now, email=None)):
        return False
    security_event(SecurityEvent.INVITATION_REVOKED, Outcome.DONE, who=by.id, invitation=found.id)
    return True


def use_invitation(session: Session, mark: str, person: Person, now: datetime) -> None:
    """Note that this person has signed up by it: of two who come for the last use at once one is let in.

    Its address is forgotten with the last use: it is theirs now, or was never needed. Raises Conflict.
    """
    is_open = (Invitation.revoked_at.is_(None), Invitation.uses < Invitation.most_uses, Invitation.ends_at > now)
    email = case((Invitation.uses + 1 < Invitation.most_uses, Invitation.email), else_=None)
    taking = update(Invitation).where(Invitation.mark == mark, *is_open)
    if not updated_one_row(session, taking.values(uses=Invitation.uses + 1, email=email)):
        raise used_up()
    found = queries.by_mark(session, mark)
    session.add(InvitationUse(person_id=person.id, invitation_id=found.id, used_at=now))
    event = SecurityEvent.INVITATION_USED
    security_event(event, Outcome.DONE, who=person.id, about=found.inviter_id, invitation=found.id)


def used_up() -> Conflict:
    """That somebody else was faster, or it was revoked."""
    sentence = lazy("This invitation was used up or revoked at this moment. Ask whoever invited you for another.")
    return Conflict(sentence, code="invitation_used")


def _send(session: Session, invitation: Invitation, email: str, now: datetime) -> None:
    subject = mark_of_address("invite", email)
    if len(people.tries_since(session, subject, now - LETTER_DAY, LETTERS_A_DAY)) >= LETTERS_A_DAY:
        sentence = lazy("Three invitations went to this address in a day. Wait until tomorrow, or pass on a link.")
        raise TooMany(sentence, int(LETTER_DAY.total_seconds()))
    session.add(SignInTry(subject=subject, at=now))
    session.add(InvitationLetter(invitation_id=invitation.id, due_at=now))
    nudge(session, "mail.deliver")


def _theirs(session: Session, invitation_id: int, by: Person) -> Invitation:
    found = queries.invitation(session, invitation_id)
    if found is None:
        raise no_such_invitation()
    raise_if(refuse_others(found.inviter_id, by.id))
    return found


def _require(session: Session, by: Person, now: datetime) -> None:
    raise_if(refuse_without(INVITE, granted_to(session, by.id, now)))


def _so_many_a_day(number: int) -> object:
    return ngettext(
        "You can make %(num)s invitation a day. For many people make one link that several can use.",
        "You can make %(num)s invitations a day. For many people make one link that several can use.",
        number,
    )
