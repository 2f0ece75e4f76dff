"""The e-mail that invites somebody: it is written when it leaves, so that no table holds its link."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.jobs import Portal
from portal.mail.composing import Content, Envelope, Recipient, compose
from portal.mail.kinds import Guarantee, MailKind, Outgoing
from portal.people.invitations import queries, rules
from portal.people.invitations.models import InvitationLetter

INVITATION_LETTER = "people.invitation"


def write(portal: Portal, session: Session, rows: ColumnElement[bool]) -> Outgoing:
    """The one letter of `rows`; without a message when the invitation is not open any more."""
    letter = session.scalars(select(InvitationLetter).where(rows)).one()
    found = queries.invitation(session, letter.invitation_id)
    is_open = found and queries.standing(session, found, clock.now()) is rules.InvitationState.OPEN
    if found is None or not found.email or not is_open:
        return Outgoing(unwanted=[letter.id])
    token = rules.token_of(found.seed, portal.app.config["SECRET_KEY"])
    values = {"inviter": found.inviter, "note": found.note, "ends_at": found.ends_at, "token": token}
    to = Recipient(found.email, "", found.language)
    envelope = Envelope(to, f"invitation-{letter.id}-{letter.due_at:%Y%m%d}", letter.due_at)
    return Outgoing(compose(portal, Content(INVITATION_LETTER, "stranger", values), envelope), found.email, [letter.id])


INVITATION_MAIL = MailKind(
    "people.invitations",
    table=InvitationLetter,
    row_id=InvitationLetter.id,
    together=(InvitationLetter.id,),
    # Somebody may wait for it to come in at all: better twice than not.
    guarantee=Guarantee.AT_LEAST_ONCE,
    write=write,
)
