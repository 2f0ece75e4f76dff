"""What a real mail server says no to over SMTP: what ends at once, what comes again, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.activity.models import Mailing
from portal.clients.mail import SmtpMailer
from portal.people.actions import CONFIRM_LETTER, PASSWORD_LETTER, change_email, leave, write_letter
from portal.people.models import Letter, Person
from tests import make
from tests.activity.conftest import DAILY, MORNING, MailSite
from tests.make import NOON
from tests.people.conftest import Postbox
from tests.servers.postman import Postman, running_postman

DAY = timedelta(days=1)


@pytest.fixture
def postman() -> Iterator[Postman]:
    with running_postman() as running:
        yield running


@pytest.fixture
def mail(make_site: Any, postman: Postman) -> MailSite:
    """A site that hands its letters to the postman over a socket."""
    mailer = SmtpMailer("127.0.0.1", postman.port, "none", timeout=5)
    return MailSite(make_site(clients=SimpleNamespace(mailer=mailer)), Postbox())


def person(mail: MailSite, person_id: int) -> Person:
    with mail.site.unit_of_work() as session:
        return session.get_one(Person, person_id)


def write(mail: MailSite, person_id: int, template: str = PASSWORD_LETTER, at: datetime = NOON) -> None:
    with mail.site.unit_of_work() as session:
        write_letter(session, session.get_one(Person, person_id), template, {}, at)


def letters(mail: MailSite) -> list[str]:
    with mail.site.unit_of_work() as session:
        return list(session.scalars(select(Letter.state).order_by(Letter.id)))


@pytest.mark.parametrize(
    "answer",
    [
        "550 no such user here",
        "550 5.1.1 The email account that you tried to reach does not exist",
        "551 user not local; please try elsewhere",
        "552 5.2.2 mailbox full",
        "553 mailbox name not allowed",
        "554 delivery error: this mailbox is disabled",
        "501 5.1.3 bad recipient address syntax",
        "556 5.1.10 the domain takes no mail",
    ],
)
def test_no_for_good_to_an_address_ends_at_once_and_its_owner_is_told(
    mail: MailSite, postman: Postman, answer: str
) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    postman.to_receiver = answer
    mail.work()
    mail.work(NOON + DAY)
    assert postman.asked == ["ana@example.org"]
    assert mail.states() == ["refused"]
    page = make.sign_in(mail.site.client(), person(mail, ana)).get("/people/me").text
    assert "Our e-mails do not reach you" in page
    assert answer in page


@pytest.mark.parametrize(
    "answer", ["450 4.2.1 greylisted", "451 4.3.0 try later", "452 4.2.2 mailbox full", "421 busy"]
)
def test_not_now_is_asked_again_with_longer_pauses(mail: MailSite, postman: Postman, answer: str) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    postman.to_receiver = answer
    for minutes in (0, 0.5, 1, 5, 6):
        mail.work(NOON + timedelta(minutes=minutes))
    assert len(postman.asked) == 3
    assert mail.states() == ["waiting"]
    assert person(mail, ana).refused_address == ""
    postman.to_receiver = "250 OK"
    mail.work(NOON + DAY)
    assert len(postman.letters) == 1
    assert mail.states() == ["sent"]


@pytest.mark.parametrize(
    "answer",
    [
        "554 5.7.1 relay access denied",
        "530 sign in first",
        "550 5.7.26 the sender is not allowed to",
        "550 relay not permitted",
        "551 we do not relay",
        "553 sorry, that domain isn't in my list of allowed rcpthosts; no relaying",
    ],
)
def test_no_to_whoever_sends_ends_the_letter_and_blames_no_address(
    mail: MailSite, postman: Postman, answer: str
) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    postman.to_receiver = answer
    mail.work()
    mail.work(NOON + DAY)
    assert len(postman.asked) == 1
    assert mail.states() == ["sender_refused"]
    assert person(mail, ana).refused_address == ""


@pytest.mark.parametrize(
    ("answer", "is_marked"),
    [("550 5.1.1 unknown user", True), ("550 no such mailbox", True), ("554 looks like spam", False)],
)
def test_no_to_the_text_ends_the_letter_too(mail: MailSite, postman: Postman, answer: str, is_marked: bool) -> None:
    ana = mail.person("ana")
    write(mail, ana)
    postman.to_text = answer
    mail.work()
    mail.work(NOON + DAY)
    assert len(postman.letters) == 1
    assert letters(mail) == ["refused"]
    assert bool(person(mail, ana).refused_address) is is_marked


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.7.26 this message fails DMARC", "sender_refused"),
        ("550 5.7.23 SPF validation failed", "sender_refused"),
        ("554 5.7.1 looks like spam", "refused"),
        ("554 5.6.0 broken text", "refused"),
    ],
)
def test_no_to_the_text_because_of_who_sends_is_told_apart(
    mail: MailSite, postman: Postman, answer: str, state: str
) -> None:
    mail.tell(mail.person("ana"))
    postman.to_text = answer
    mail.work()
    assert mail.states() == [state]


def test_not_now_to_the_text_is_asked_again(mail: MailSite, postman: Postman) -> None:
    mail.tell(mail.person("ana"))
    postman.to_text = "451 4.7.0 wait a little"
    mail.work()
    assert mail.states() == ["waiting"]
    postman.to_text = "250 OK"
    mail.work(NOON + timedelta(minutes=1))
    assert mail.states() == ["sent"]


def refused(mail: MailSite, postman: Postman) -> Any:
    """Ana’s browser, once her address was refused."""
    ana = mail.person("ana", password_hash="x")
    mail.tell(ana)
    postman.to_receiver = "550 5.1.1 unknown user"
    mail.work()
    return make.sign_in(mail.site.client(), person(mail, ana))


@pytest.mark.parametrize("address", ["/dashboard", "/people/me", "/notices/letters"])
def test_the_pages_where_somebody_looks_say_it_with_the_acts(mail: MailSite, postman: Postman, address: str) -> None:
    page = refused(mail, postman).get(address).text
    assert 'href="/people/me/email"' in page.partition('id="refused-address"')[2]
    assert 'action="/people/me/email/again"' in page
    assert "550 5.1.1 unknown user" in page


def test_what_the_mail_server_says_is_shown_as_text(mail: MailSite, postman: Postman) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    postman.to_receiver = "550 <script>alert(1)</script> " + "x" * 300
    mail.work()
    page = make.sign_in(mail.site.client(), person(mail, ana)).get("/people/me").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_notices_do_not_go_to_an_address_that_takes_none_but_stand_on_the_site(
    mail: MailSite, postman: Postman
) -> None:
    ana = mail.person("ana")
    mail.tell(ana, DAILY)
    mail.tell(ana)
    postman.to_receiver = "550 unknown"
    mail.work()
    mail.tell(ana)
    postman.to_receiver = "250 OK"
    mail.work(MORNING)
    assert postman.letters == []
    assert mail.states() == ["skipped", "refused"]
    page = make.sign_in(mail.site.client(), person(mail, ana)).get("/notices").text
    assert page.count("Bo is your mentor now") == 2


def test_trying_again_sends_a_letter_and_what_then_works_is_forgiven(mail: MailSite, postman: Postman) -> None:
    browser = refused(mail, postman)
    assert browser.post("/people/me/email/again").status_code == 303
    mail.work(datetime.now(UTC) + timedelta(minutes=1))
    assert "Our e-mails do not reach you" in browser.get("/people/me").text
    postman.to_receiver = "250 OK"
    browser.post("/people/me/email/again")
    mail.work(datetime.now(UTC) + timedelta(minutes=2))
    assert "reach you again" in postman.letters[-1]["Subject"]
    assert "Our e-mails do not reach you" not in browser.get("/people/me").text


def test_a_letter_that_comes_through_is_proof_enough(mail: MailSite, postman: Postman) -> None:
    browser = refused(mail, postman)
    postman.to_receiver = "250 OK"
    with mail.site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
        write_letter(session, ana, PASSWORD_LETTER, {}, NOON + DAY)
    mail.work(NOON + DAY)
    assert "Our e-mails do not reach you" not in browser.get("/people/me").text


def test_an_address_that_waits_to_be_confirmed_is_marked_too(mail: MailSite, postman: Postman) -> None:
    with mail.site.unit_of_work() as session:
        ben = make.person(session, "ben", new_email="bne@example.org")
        write_letter(session, ben, CONFIRM_LETTER, {}, NOON)
    postman.to_receiver = "550 no mailbox"
    mail.work()
    browser = make.sign_in(mail.site.client(), ben)
    assert "bne@example.org" in browser.get("/dashboard").text.partition('id="refused-address"')[2]
    postman.to_receiver = "250 OK"
    browser.post("/people/me/email/again")
    mail.work(datetime.now(UTC) + timedelta(minutes=1))
    assert postman.letters[-1]["Subject"].startswith("Confirm your address")


@pytest.mark.parametrize("fresh", ["new@example.org", "ana@example.org", None])
def test_another_address_or_none_takes_the_mark_away(mail: MailSite, postman: Postman, fresh: str | None) -> None:
    browser = refused(mail, postman)
    with mail.site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
        change_email(session, ana, fresh, NOON + DAY)
        if fresh == "new@example.org":
            ana.email, ana.new_email = fresh, None
    assert "Our e-mails do not reach you" not in browser.get("/people/me").text


def test_who_leaves_takes_the_mark_along(mail: MailSite, postman: Postman) -> None:
    refused(mail, postman)
    with mail.site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
        leave(mail.site.portal, session, ana, NOON)
        session.flush()
        assert (ana.refused_email, ana.refused_because, ana.refused_at) == (None, None, None)
        assert session.scalars(select(Mailing)).all() == []


def test_the_log_says_what_was_refused_and_names_no_address(mail: MailSite, postman: Postman, capsys: Any) -> None:
    mail.tell(mail.person("ana"))
    postman.to_receiver = "550 5.1.1 ana@example.org: unknown"
    mail.work()
    logged = capsys.readouterr().err
    assert "mail refused" in logged
    assert "5.1.1" in logged
    assert "ana@example.org" not in logged
