"""What a letter about notices says: one notice in full, or the lines of a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from portal.activity import delivery, queries, tokens
from portal.activity.delivery import Hold
from portal.activity.models import Mailing
from portal.activity.queries import Told
from portal.activity.words import sentence
from portal.core.feature import features_of
from portal.core.jobs import Portal
from portal.core.notices import Cadence, NoticeKind
from portal.people.letters import Content, Envelope, compose, host_of, url_of
from portal.people.models import Person

DIGEST = "activity.digest"
MOST_LINES = 60
"""So many notices stand in one daily letter; the newest. It says how many more there are."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that can leave, the notices it tells of, and those that nobody wants by mail any more."""

    message: EmailMessage | None = None
    wanted: list[int] = field(default_factory=list)
    unwanted: list[int] = field(default_factory=list)


def write(portal: Portal, hold: Hold) -> Outgoing:
    """The letter for what we hold; without a message when nothing of it is wanted any more."""
    with portal.database.session(read_only=True) as session:
        rows = delivery.held(session, hold)
        person = session.get(Person, hold.parcel.person_id)
        wanted = _wanted(session, person, rows) if person and person.is_active and person.email else []
        unwanted = [row.notice_id for row in rows if row not in wanted]
        if person is None or not wanted:
            return Outgoing(unwanted=unwanted)
        with portal.rendering(person.language or portal.config.site.default_language):
            told = queries.told_of(session, [row.notice for row in wanted])
        make = _single if hold.parcel.notice_id else _digest
        return Outgoing(make(portal, person, told), [row.notice_id for row in wanted], unwanted)


def _wanted(session: Session, person: Person, rows: list[Mailing]) -> list[Mailing]:
    chosen, kinds = queries.cadences_of(session, person.id), features_of(session).notices
    unread = (row for row in rows if row.notice.read_at is None)
    return [row for row in unread if chosen[kinds[row.notice.event.verb].slug] is not Cadence.NEVER]


def _single(portal: Portal, person: Person, told: list[Told]) -> EmailMessage:
    [one] = told
    kind = portal.features.notices[one.verb]
    values = {**one.values, "actor": one.actor, "letter_kind": kind}
    return _letter(portal, person, kind.slug, one.verb, values, f"notice-{one.id}", one)


def _digest(portal: Portal, person: Person, told: list[Told]) -> EmailMessage:
    with portal.rendering(person.language or portal.config.site.default_language, person.time_zone or "UTC"):
        sections = _sections(portal, person, told[-MOST_LINES:])
    values = {"sections": sections, "count": len(told), "more": max(0, len(told) - MOST_LINES), "letter_kind": None}
    return _letter(portal, person, tokens.DAILY, DIGEST, values, f"daily-{told[-1].id}", told[-1])


def _sections(portal: Portal, person: Person, told: list[Told]) -> list[tuple[NoticeKind, list[tuple[str, str]]]]:
    """The notices of each kind, in the order of the kinds, each as its sentence and its address."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for one in told:
        url = url_of(portal, one.values.get("link"))
        by_kind.setdefault(portal.features.notices[one.verb].slug, []).append((sentence(portal, one, person, url), url))
    return [(kind, by_kind[slug]) for slug, kind in portal.features.notice_kinds.items() if slug in by_kind]


def _letter(
    portal: Portal, person: Person, what: str, template: str, values: dict[str, Any], name: str, newest: Told
) -> EmailMessage:
    token = tokens.make(person, what, portal.app.config["SECRET_KEY"])
    stop = portal.app.url_for("activity.unsubscribe", token=token, _external=True)
    headers = {"List-Id": f"<{what}.notices.{host_of(portal)}>", "List-Unsubscribe": f"<{stop}>"}
    if stop.startswith("https://"):
        # RFC 8058 allows one click only where the link is encrypted.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    envelope = Envelope(person.email or "", person.display_name, name, newest.at, headers)
    return compose(portal, person, Content(template, "notice", {**values, "unsubscribe_url": stop}), envelope)
