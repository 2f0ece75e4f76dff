"""The invitation by which somebody has come: kept in the cookie of their browser until they have signed up."""

from __future__ import annotations

from flask import session as cookie
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import NotAllowed
from portal.core.i18n import lazy
from portal.core.web import reading, settings
from portal.people.invitations import actions, queries
from portal.people.invitations.rules import Invited
from portal.people.models import Person

_TOKEN = "invitation"  # noqa: S105  # the name under which it is kept


def keep_token(token: str) -> None:
    """This browser has come by the link with this token."""
    cookie[_TOKEN] = token


def invitation_here() -> Invited | None:
    """The invitation by which this browser came; None for none, or one by which nobody can sign up any more."""
    token = str(cookie.get(_TOKEN) or "")
    if not token:
        return None
    with reading() as looking:
        found = queries.invited_by(looking, token, clock.now())
    return found if found and found.is_open else None


def needs_invitation() -> bool:
    """Whether nobody signs up here without an invitation."""
    return settings().sign_in_rules.sign_up == "invitation"


def require_invitation(invited: Invited | None) -> None:
    """Raises NotAllowed where somebody needs an invitation to sign up, and has none that is good."""
    if invited is None and needs_invitation():
        sentence = lazy("New accounts are made here only by invitation, and you have none that is still good.")
        raise NotAllowed(sentence, code="needs_invitation")


def come_in(session: Session, invited: Invited | None, person: Person) -> None:
    """Note that this person has signed up by the invitation by which they came, if by one. Raises Conflict."""
    if invited:
        actions.use_invitation(session, invited.mark, person, clock.now())
        cookie.pop(_TOKEN, None)
