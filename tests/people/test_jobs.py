"""Letters leave once each, in their reader's language, and come again when a mail server was not there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from portal.core.i18n import SHIPPED
from portal.mail.rules import BACK_OFF, LEASE
from portal.people import actions, jobs, letters, rate_limit
from portal.people.models import Letter, Person, SignInTry
from tests import make
from tests.letters import text_of
from tests.make import NOON

TEMPLATES = Path(jobs.__file__).parent.parent / "templates" / "mail"
OTHER_READERS = {"people.invitation"}
"""Written to who has no account: tests/people/test_invitations.py."""
LETTERS = sorted({path.stem for path in TEMPLATES.glob("people.*.txt")} - OTHER_READERS)
SAID = {"people.suspended": {"reason": "Forty letters at once.", "until": "2026-12-01T12:00:00+00:00"}}
"""What some say besides."""


@pytest.fixture
def site(make_site: Any, post: Any) -> Any:
    return make_site(clients=SimpleNamespace(mailer=post))


def write(site: Any, template: str = "people.password_changed", **values: Any) -> int:
    """A letter to Ana that is due at noon."""
    values = {"display_name": "Ana Lima", "email": "ana@example.org", "email_key": "ana@example.org", **values}
    with site.unit_of_work() as session:
        person = make.person(session, "ana", **values)
        actions.write_letter(session, person, template, SAID.get(template, {"secretly": "Bo"}), NOON)
    return int(person.id)


def deliver(site: Any, after: timedelta = timedelta(0)) -> None:
    with time_machine.travel(NOON + after, tick=False):
        site.work("mail.deliver")


def letter(site: Any) -> Letter:
    with site.unit_of_work() as session:
        return session.scalars(select(Letter)).one()


def test_a_letter_is_sent_once(site: Any, post: Any) -> None:
    write(site)
    deliver(site)
    deliver(site, timedelta(days=1))
    [message] = post.sent
    assert message["To"] == "Ana Lima <ana@example.org>"
    assert message["Subject"] == "Your password for Contributor Portal was changed"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "http://127.0.0.1:8000/people/password/forgotten" in text_of(message)
    assert (letter(site).state, letter(site).settled_at) == ("sent", NOON)


def test_the_links_in_a_letter_lead_to_where_the_site_lives(make_site: Any, post: Any) -> None:
    site = make_site('[site]\nurl = "https://portal.example.org/base"', clients=SimpleNamespace(mailer=post))
    write(site)
    deliver(site)
    assert "https://portal.example.org/base/people/password/forgotten\n" in text_of(post.sent[0])


def test_a_sent_letter_keeps_nothing_of_what_it_said(site: Any, post: Any) -> None:
    write(site)
    deliver(site)
    assert letter(site).values == {}


def test_a_second_worker_leaves_a_letter_that_is_on_its_way_alone(site: Any, post: Any) -> None:
    write(site)
    post.meanwhile = lambda: deliver(site, timedelta(minutes=5))
    deliver(site)
    assert len(post.sent) == 1


def test_a_letter_whose_worker_died_goes_out_when_the_lease_ends_under_the_same_id(site: Any, post: Any) -> None:
    write(site)
    deliver(site)
    with site.unit_of_work() as session:
        # Killed between sending and noting it: the lease is all that is left of the first attempt.
        waiting = {"state": "waiting", "settled_at": None, "lease": "killed", "leased_until": NOON + LEASE}
        session.execute(update(Letter).values(**waiting))
    deliver(site, LEASE - timedelta(seconds=1))
    assert len(post.sent) == 1
    deliver(site, LEASE)
    assert len({message["Message-ID"] for message in post.sent}) == 1
    assert len(post.sent) == 2


def test_a_letter_waits_longer_each_time_and_is_given_up_in_the_end(site: Any, post: Any) -> None:
    write(site)
    post.is_broken = True
    after = timedelta(0)
    for attempt in range(1, (BACK_OFF.attempts or 0) + 1):
        deliver(site, after)
        deliver(site, after + timedelta(seconds=59))
        assert letter(site).attempts == attempt
        after += BACK_OFF.wait_after(attempt) or timedelta(0)
    assert (letter(site).state, letter(site).values) == ("given_up", {})
    post.is_broken = False
    deliver(site, timedelta(days=9))
    assert post.sent == []


def test_one_letter_that_cannot_be_written_does_not_stop_the_next(site: Any, post: Any) -> None:
    person_id = write(site, "no.such_letter")
    with site.unit_of_work() as session:
        actions.write_letter(session, session.get(Person, person_id), "people.password_changed", {}, NOON)
    deliver(site)
    assert len(post.sent) == 1


def test_somebody_who_has_left_meanwhile_gets_no_letter(site: Any, post: Any) -> None:
    person_id = write(site)
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get(Person, person_id), NOON)
    deliver(site)
    assert post.sent == []


def test_a_letter_without_an_address_any_more_is_skipped(site: Any, post: Any) -> None:
    person_id = write(site)
    with site.unit_of_work() as session:
        session.get(Person, person_id).email = None
    deliver(site)
    assert post.sent == []
    assert (letter(site).state, letter(site).values) == ("skipped", {})


@pytest.mark.parametrize("language", [code for code, one in SHIPPED.all.items() if one.test != "keys"])
@pytest.mark.parametrize("template", LETTERS)
def test_every_letter_has_a_subject_and_reaches_its_reader(site: Any, post: Any, template: str, language: str) -> None:
    write(site, template, language=language, new_email="new@example.org", display_name="Ana <b> “Łucja” & 李")
    deliver(site)
    [message] = post.sent
    is_theirs = template != "people.confirm_email"
    assert message["To"].addresses[0].addr_spec == ("ana@example.org" if is_theirs else "new@example.org")
    assert message["Subject"].strip()
    assert ("Ana <b> “Łucja” & 李" in text_of(message)) is is_theirs
    assert "%(" not in message.as_string()


def test_no_secret_is_ever_stored(site: Any, post: Any) -> None:
    write(site, "people.reset_password")
    post.is_broken = True
    deliver(site)
    assert "token" not in str(letter(site).values)


def test_what_is_long_done_with_is_forgotten(site: Any, post: Any) -> None:
    write(site)
    deliver(site)
    with site.unit_of_work() as session:
        rate_limit.record_attempt(session, {"subject": 1}, NOON)
    for days, tries, mails in ((1, 1, 1), (3, 0, 1), (31, 0, 0)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            site.work("people.forget_tries", "mail.forget")
        with site.unit_of_work() as session:
            assert len(session.scalars(select(SignInTry)).all()) == tries
            assert len(session.scalars(select(Letter)).all()) == mails


def test_only_what_letters_need_is_made_when_they_leave() -> None:
    assert set(letters.EXTRAS) == {"people.reset_password", "people.confirm_email"}


def test_a_stranger_reads_no_name_that_somebody_made_up_beside_the_strangers_address(site: Any, post: Any) -> None:
    with site.unit_of_work() as session:
        lure = make.person(session, "lure", display_name="You won, go to evil.example", new_email="cleo@example.org")
        actions.write_letter(session, lure, actions.CONFIRM_LETTER, {}, NOON)
    deliver(site)
    [message] = post.sent
    assert message["To"] == "cleo@example.org"
    assert "evil" not in message.as_string()
