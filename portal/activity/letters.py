"""What a letter about notices says: one notice in full, or the lines of a day."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session, contains_eager

from portal.activity import queries, tokens
from portal.activity.models import Mailing, Notice
from portal.activity.queries import ShownNotice
from portal.activity.rules import words_in
from portal.activity.sentences import sentence
from portal.core.feature import features_of
from portal.core.i18n import _
from portal.core.jobs import Portal
from portal.core.notices import Cadence, NoticeKind
from portal.mail.composing import Content, Envelope, Recipient, compose, host_of, url_of
from portal.mail.kinds import Guarantee, MailKind, Outgoing
from portal.people.actions import note_refused_address
from portal.people.models import Person

DIGEST = "activity.digest"
MOST_LINES = 60
"""So many notices stand in one daily letter; the newest. It says how many more there are."""


def write(portal: Portal, session: Session, rows: ColumnElement[bool]) -> Outgoing:
    """The letter for the mailings of `rows`: one notice in full, or what comes daily to a person in lines.

    Whether somebody still wants it is looked at now, not when it was queued: who has left, has no address any more or
    one that takes no mail, has read the notice on the site or turned its kind off gets none.
    """
    mailings = _mailings(session, rows)
    person = session.get(Person, mailings[0].person_id)
    wanted = _wanted(session, person, mailings) if person and person.gets_mail else []
    unwanted = [row.notice_id for row in mailings if row not in wanted]
    if person is None or not wanted:
        return Outgoing(unwanted=unwanted)
    with portal.rendering(person.language or portal.config.site.default_language):
        shown = queries.shown_notices(session, [row.notice for row in wanted])
    make = _digest if mailings[0].cadence == Cadence.DAILY else _single
    wanted_ids = [row.notice_id for row in wanted]
    return Outgoing(make(portal, person, shown), person.email or "", wanted_ids, unwanted)


def _mailings(session: Session, rows: ColumnElement[bool]) -> Sequence[Mailing]:
    """These with their notices and events, the oldest first."""
    joined = select(Mailing).join(Mailing.notice).join(Notice.event).where(rows)
    whole = joined.options(contains_eager(Mailing.notice).contains_eager(Notice.event))
    return session.scalars(whole.order_by(Mailing.notice_id)).all()


def _wanted(session: Session, person: Person, rows: Sequence[Mailing]) -> list[Mailing]:
    chosen, kinds = queries.cadences_of(session, person.id), features_of(session).notices
    unread = (row for row in rows if row.notice.read_at is None)
    return [row for row in unread if chosen[kinds[row.notice.event.verb].slug] is not Cadence.NEVER]


def _single(portal: Portal, person: Person, shown: list[ShownNotice]) -> EmailMessage:
    [notice] = shown
    kind = portal.features.notices[notice.verb]
    values = {**notice.values, "actor": notice.actor, "letter_kind": kind}
    return _letter(portal, person, kind.slug, notice.verb, values, f"notice-{notice.id}", notice)


def _digest(portal: Portal, person: Person, shown: list[ShownNotice]) -> EmailMessage:
    with portal.rendering(person.language or portal.config.site.default_language, person.time_zone or "UTC"):
        sections = _sections(portal, person, shown[-MOST_LINES:])
    values = {"sections": sections, "count": len(shown), "more": max(0, len(shown) - MOST_LINES), "letter_kind": None}
    return _letter(portal, person, tokens.DAILY, DIGEST, values, f"daily-{shown[-1].id}", shown[-1])


def _sections(
    portal: Portal, person: Person, shown: list[ShownNotice]
) -> list[tuple[NoticeKind, list[tuple[str, str]]]]:
    """The notices of each kind, in the order of the kinds, each as its sentence and its address."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for notice in shown:
        url = url_of(portal, notice.values.get("link"))
        line = (_with_words(sentence(portal, notice, person, url), notice), url)
        by_kind.setdefault(portal.features.notices[notice.verb].slug, []).append(line)
    return [(kind, by_kind[slug]) for slug, kind in portal.features.notice_kinds.items() if slug in by_kind]


def _with_words(line: str, notice: ShownNotice) -> str:
    """The line of a notice, with the beginning of what was written there."""
    written = words_in(notice.values)
    # No address in it becomes a link: only what stands alone does, and these words stand within quotation marks.
    words = _("“%(words)s”", words=written)
    return _("%(label)s: %(text)s", label=line, text=words) if written else line


def _letter(
    portal: Portal, person: Person, what: str, template: str, values: dict[str, Any], name: str, newest: ShownNotice
) -> EmailMessage:
    token = tokens.make(person, what, portal.app.config["SECRET_KEY"])
    stop = portal.app.url_for("activity.unsubscribe", token=token, _external=True)
    headers = {"List-Id": f"<{what}.notices.{host_of(portal)}>", "List-Unsubscribe": f"<{stop}>"}
    if stop.startswith("https://"):
        # RFC 8058 allows one click only where the link is encrypted.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    to = Recipient(person.email or "", person.display_name, person.language, person.time_zone)
    content = Content(template, "notice", {**values, "person": person, "unsubscribe_url": stop})
    return compose(portal, content, Envelope(to, name, newest.at, headers))


NOTICE_MAIL = MailKind(
    "activity.notices",
    table=Mailing,
    row_id=Mailing.notice_id,
    together=(Mailing.person_id, case((Mailing.cadence == Cadence.DAILY, 0), else_=Mailing.notice_id)),
    # A notice stands on the site in any case, and nobody wants to be told twice.
    guarantee=Guarantee.AT_MOST_ONCE,
    write=write,
    on_refused=note_refused_address,
)
