"""What the stories about letters share: a site whose letters arrive in a box, and people who are told things."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.activity.actions import record
from portal.activity.models import Mailing, Notice
from portal.activity.rules import link
from portal.people.models import Person
from tests import make
from tests.people.conftest import Postbox

ONCE = "mentoring.claimed"
DAILY = "tools.owner_not_wanted"


class MailSite:
    """A site, its letters, and how time passes on it. It begins at noon."""

    def __init__(self, site: Any, post: Postbox) -> None:
        self.site, self.post = site, post

    def person(self, username: str, **values: Any) -> int:
        """Somebody with a confirmed address."""
        address = f"{username}@example.org"
        with self.site.unit_of_work() as session:
            made = make.person(session, username, **{"email": address, "email_key": address, **values})
            return int(made.id)

    def tell(self, person_id: int, verb: str = ONCE, at: datetime = make.NOON, **values: Any) -> int:
        """Tell this person something; the id of the notice."""
        told = {"title": "Mapper", "link": link("tools.index"), **values}
        with self.site.unit_of_work() as session:
            actor = session.get(Person, values.pop("actor_id", None) or self.actor(session))
            event = record(session, verb, actor=actor, values=told, tell=[person_id], now=at)
            session.flush()
            return int(session.scalars(select(Notice.id).where(Notice.event_id == event.id)).one())

    def actor(self, session: Any) -> int:
        """Bo, who does everything here."""
        bo = session.scalars(select(Person).where(Person.username == "bo")).first()
        return int((bo or make.person(session, "bo")).id)

    def work(self, at: datetime = make.NOON) -> None:
        """The sweep runs at this moment."""
        with time_machine.travel(at, tick=False):
            self.site.work("mail.deliver")

    def change(self, kind: type[Any], key: Any, **values: Any) -> None:
        """Change a row."""
        with self.site.unit_of_work() as session:
            row = session.get(kind, key)
            for name, value in values.items():
                setattr(row, name, value)

    def states(self) -> list[str]:
        """Where each notice is on its way, in the order in which they were told."""
        with self.site.unit_of_work() as session:
            return list(session.scalars(select(Mailing.state).order_by(Mailing.notice_id)))


@pytest.fixture
def post() -> Postbox:
    """The mail server."""
    return Postbox()


@pytest.fixture
def mail(make_site: Any, post: Postbox) -> MailSite:
    """A site that sends letters."""
    return MailSite(make_site('[site]\nurl = "https://portal.example.org"', clients=SimpleNamespace(mailer=post)), post)


MORNING = datetime.combine(make.NOON.date() + timedelta(days=1), datetime.min.time(), make.NOON.tzinfo).replace(hour=8)
