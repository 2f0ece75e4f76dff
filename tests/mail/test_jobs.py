"""One sweep carries the mail of every room, and what hinders one kind hinders no other."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.core.due import counts
from portal.mail import queries
from portal.mail.kinds import Guarantee, mail_kinds
from portal.people.actions import PASSWORD_LETTER, write_letter
from portal.people.models import Letter, Person
from tests.activity.conftest import MailSite
from tests.make import NOON
from tests.people.conftest import Postbox


@pytest.fixture
def mail(make_site: Any) -> MailSite:
    post = Postbox()
    return MailSite(make_site(clients=SimpleNamespace(mailer=post)), post)


def both(mail: MailSite) -> None:
    """A notice, and a letter about an account that is written after it."""
    ana = mail.person("ana")
    mail.tell(ana)
    with mail.site.unit_of_work() as session:
        write_letter(session, session.get(Person, ana), PASSWORD_LETTER, {}, NOON)


def test_who_waits_at_the_door_is_served_before_notices(mail: MailSite) -> None:
    both(mail)
    mail.work()
    assert [str(one["Subject"])[:13] for one in mail.post.sent] == ["Your password", "Bo is your me"]


def test_mail_of_all_rooms_is_counted_together(mail: MailSite) -> None:
    both(mail)
    mail.post.is_broken = True
    mail.work()
    with mail.site.unit_of_work() as session:
        assert queries.counts(session, mail_kinds(mail.site.portal), NOON) == {"waiting": 2}
        assert counts(session, Letter, NOON) == {"waiting": 1}


def test_each_kind_says_what_holds_when_a_worker_is_killed(site: Any) -> None:
    said = {kind.name: kind.guarantee for kind in mail_kinds(site.portal)}
    assert said == {
        "people.letters": Guarantee.AT_LEAST_ONCE,
        "people.invitations": Guarantee.AT_LEAST_ONCE,
        "activity.notices": Guarantee.AT_MOST_ONCE,
    }


def test_a_mail_that_nobody_can_write_is_put_off_and_logged_for_what_it_is(mail: MailSite, capsys: Any) -> None:
    ana = mail.person("ana")
    with mail.site.unit_of_work() as session:
        write_letter(session, session.get(Person, ana), "people.no_such_letter", {}, NOON)
    mail.work()
    with mail.site.unit_of_work() as session:
        assert counts(session, Letter, NOON) == {"waiting": 1}
    assert "mail not sent" in capsys.readouterr().err
    mail.work(NOON + timedelta(days=3))
    assert mail.post.sent == []
