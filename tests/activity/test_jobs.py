"""Notices leave by mail: at once or in one daily letter, only to those who still want them, and never twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from structlog.testing import capture_logs

from portal.activity.actions import choose_letters
from portal.activity.letters import MOST_LINES
from portal.activity.models import Mailing, Notice
from portal.clients.mail import MailError, MailUncertainError
from portal.core.notices import Cadence
from portal.mail.rules import BACK_OFF, LEASE
from portal.people.actions import leave
from portal.people.models import Person
from tests.activity.conftest import DAILY, MORNING, ONCE, MailSite
from tests.letters import html_of, text_of
from tests.make import NOON
from tests.people.conftest import Postbox


class Killed(BaseException):
    """The end of a worker, which nothing in it can catch."""


def subjects(mail: MailSite) -> list[str]:
    return [str(message["Subject"]) for message in mail.post.sent]


def test_what_comes_at_once_leaves_at_once_and_not_again(mail: MailSite) -> None:
    mail.tell(mail.person("ana"))
    mail.work()
    mail.work(NOON + timedelta(days=2))
    [message] = mail.post.sent
    assert message["To"] == "Ana <ana@example.org>"
    assert message["Subject"] == "Bo is your mentor now"
    assert mail.states() == ["sent"]


def test_what_comes_daily_waits_for_the_morning_and_comes_in_one_letter_by_kind(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana, DAILY, title="Mapper")
    mail.tell(ana, "roles.term_ended", NOON + timedelta(hours=3), role="mentor", holder="Cleo")
    mail.tell(ana, DAILY, NOON + timedelta(hours=5), title="Quarry")
    mail.work(MORNING - timedelta(minutes=1))
    assert mail.post.sent == []
    mail.work(MORNING)
    mail.work(MORNING + timedelta(days=1))
    [message] = mail.post.sent
    assert message["Subject"] == "3 notices from Contributor Portal"
    text = text_of(message)
    assert text.index("Roles\n-----") < text.index("- The term of Cleo") < text.index("Tools\n-----")
    assert text.index("- “Mapper” is no longer") < text.index("- “Quarry” is no longer")
    assert mail.states() == ["sent"] * 3


@pytest.mark.parametrize(
    ("zone", "hour"), [("Europe/Paris", 7), ("Asia/Kolkata", 2.5), ("America/New_York", 13), ("", 8), ("Mars/Base", 8)]
)
def test_the_daily_letter_comes_at_eight_where_its_reader_lives(mail: MailSite, zone: str, hour: float) -> None:
    ana = mail.person("ana", time_zone=zone)
    mail.tell(ana, DAILY, NOON + timedelta(hours=2))
    morning = NOON.replace(hour=0) + timedelta(days=1, hours=hour)
    mail.work(morning - timedelta(minutes=1))
    assert mail.post.sent == []
    mail.work(morning)
    assert len(mail.post.sent) == 1


def test_what_was_read_on_the_site_is_not_in_the_daily_letter(mail: MailSite) -> None:
    ana = mail.person("ana")
    read, _unread = mail.tell(ana, DAILY, title="Mapper"), mail.tell(ana, DAILY, title="Quarry")
    mail.change(Notice, read, read_at=NOON)
    mail.work(MORNING)
    [message] = mail.post.sent
    assert "Mapper" not in text_of(message)
    assert "Quarry" in text_of(message)
    assert mail.states() == ["skipped", "sent"]


def test_no_letter_leaves_when_nothing_is_left_to_say(mail: MailSite) -> None:
    ana = mail.person("ana")
    for notice in [mail.tell(ana, DAILY), mail.tell(ana, ONCE)]:
        mail.change(Notice, notice, read_at=NOON)
    mail.work(MORNING)
    mail.work(MORNING + timedelta(days=1))
    assert mail.post.sent == []
    assert mail.states() == ["skipped", "skipped"]


def test_a_kind_turned_off_meanwhile_is_left_out(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana, DAILY)
    mail.tell(ana, "roles.term_ended", role="mentor", holder="Cleo")
    mail.tell(ana, ONCE)
    with mail.site.unit_of_work() as session:
        choose_letters(session, ana, {"tools": Cadence.NEVER, "mentoring": Cadence.NEVER})
    mail.work(MORNING)
    [message] = mail.post.sent
    assert message["Subject"] == "1 notice from Contributor Portal"
    assert "Cleo" in text_of(message)
    assert mail.states() == ["skipped", "sent", "skipped"]


def choose(mail: MailSite, person_id: int, **wanted: Cadence) -> None:
    with mail.site.unit_of_work() as session:
        choose_letters(session, person_id, wanted)


@pytest.mark.parametrize(
    ("verb", "kind", "values"),
    [
        (DAILY, "tools", {}),
        ("roles.term_ended", "roles", {"role": "mentor", "holder": "Cleo"}),
        ("roles.holder_left", "roles", {"role": "mentor"}),
    ],
)
def test_what_waits_for_the_morning_comes_at_once_when_its_kind_does(
    mail: MailSite, verb: str, kind: str, values: dict[str, str]
) -> None:
    ana = mail.person("ana")
    mail.tell(ana, verb, **values)
    mail.work()
    assert mail.post.sent == []
    choose(mail, ana, **{kind: Cadence.NOW})
    mail.work(NOON + timedelta(minutes=1))
    [message] = mail.post.sent
    assert message["List-Id"].startswith(f"<{kind}.")
    mail.work(MORNING)
    assert len(mail.post.sent) == 1


def test_several_that_wait_come_in_one_letter_and_not_as_a_shower(mail: MailSite) -> None:
    ana = mail.person("ana")
    for title in ("Mapper", "Quarry", "Lint"):
        mail.tell(ana, DAILY, title=title)
    mail.tell(ana, "roles.term_ended", role="mentor", holder="Cleo")
    choose(mail, ana, tools=Cadence.NOW)
    mail.work(NOON + timedelta(minutes=1))
    [message] = mail.post.sent
    assert message["Subject"] == "3 notices from Contributor Portal"
    assert "Cleo" not in text_of(message)
    mail.work(MORNING)
    assert "Cleo" in text_of(mail.post.sent[1])


def test_what_could_not_be_sent_at_once_waits_for_the_morning_when_its_kind_does(mail: MailSite) -> None:
    ana = mail.person("ana", time_zone="Asia/Tokyo")
    mail.tell(ana)
    mail.post.is_broken = True
    mail.work()
    choose(mail, ana, mentoring=Cadence.DAILY)
    mail.post.is_broken = False
    mail.work(NOON + timedelta(hours=10))
    assert mail.post.sent == []
    mail.work(NOON + timedelta(hours=11))
    assert subjects(mail) == ["1 notice from Contributor Portal"]


def test_a_choice_moves_nothing_of_others_nor_what_was_read_nor_another_kind(mail: MailSite) -> None:
    ana, ben = mail.person("ana"), mail.person("ben")
    read = mail.tell(ana, DAILY)
    mail.tell(ana, "roles.term_ended", role="mentor", holder="Cleo")
    mail.tell(ben, DAILY)
    mail.change(Notice, read, read_at=NOON)
    choose(mail, ana, tools=Cadence.NOW)
    mail.work(NOON + timedelta(minutes=1))
    assert mail.post.sent == []


def test_the_daily_letter_has_the_beginning_of_what_was_written(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana, "roles.stepped_down", role="mentor", reason="Tired\n\nof it, " + "and so on " * 40)
    with mail.site.unit_of_work() as session:
        choose_letters(session, ana, {"roles": Cadence.DAILY})
    mail.work(MORNING)
    [message] = mail.post.sent
    assert "“Tired of it, and so on" in text_of(message)
    assert "…”: http" in text_of(message)
    assert "“Tired of it, and so on" in html_of(message)


def test_who_wants_a_kind_never_has_nothing_waiting(mail: MailSite) -> None:
    ana, ben = mail.person("ana"), mail.person("ben", email=None)
    with mail.site.unit_of_work() as session:
        choose_letters(session, ana, {"mentoring": Cadence.NEVER})
    mail.tell(ana)
    mail.tell(ben)
    assert mail.states() == []


def test_letters_follow_their_reader_to_another_address_and_stop_without_one(mail: MailSite) -> None:
    ana, ben = mail.person("ana"), mail.person("ben")
    mail.tell(ana)
    mail.tell(ben)
    mail.change(Person, ana, email="new@example.org", email_key="new@example.org")
    mail.change(Person, ben, email=None, email_key=None)
    mail.work()
    [message] = mail.post.sent
    assert message["To"] == "Ana <new@example.org>"
    assert mail.states() == ["sent", "skipped"]


def test_somebody_who_left_gets_nothing_and_is_named_nowhere(mail: MailSite) -> None:
    ana, ben = mail.person("ana"), mail.person("ben", display_name="Benedikt")
    mail.tell(ana, "roles.stepped_down", role="mentor", actor_id=ben, reason="Tired of it.")
    mail.tell(ben, ONCE)
    with mail.site.unit_of_work() as session:
        leave(mail.site.portal, session, session.get(Person, ben), NOON)
    mail.work(MORNING)
    [message] = mail.post.sent
    assert message["To"] == "Ana <ana@example.org>"
    assert "Former member stepped down" in text_of(message)
    assert not any(word in message.as_string() for word in ("Benedikt", "Tired"))


def test_a_second_worker_leaves_what_is_on_its_way_alone(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    mail.tell(ana, DAILY)
    mail.post.meanwhile = lambda: mail.work(MORNING + timedelta(minutes=5))
    mail.work(MORNING)
    assert sorted(subjects(mail)) == ["1 notice from Contributor Portal", "Bo is your mentor now"]
    assert mail.states() == ["sent", "sent"]


@pytest.mark.parametrize("verb", [ONCE, DAILY])
def test_killed_before_the_last_call_a_letter_comes_once(mail: MailSite, verb: str) -> None:
    mail.tell(mail.person("ana"), verb)

    def dies(*_: Any) -> None:
        raise Killed

    mail.post.send, sends = dies, mail.post.send  # type: ignore[method-assign]
    with pytest.raises(Killed):
        mail.work(MORNING)
    mail.post.send = sends  # type: ignore[method-assign]
    mail.work(MORNING + LEASE - timedelta(seconds=1))
    assert mail.post.sent == []
    mail.work(MORNING + LEASE)
    mail.work(MORNING + 3 * LEASE)
    assert len(mail.post.sent) == 1
    assert mail.states() == ["sent"]


@pytest.mark.parametrize("verb", [ONCE, DAILY])
def test_killed_after_the_last_call_a_letter_does_not_come_again_but_is_told_of(mail: MailSite, verb: str) -> None:
    notice = mail.tell(mail.person("ana"), verb)

    def dies() -> None:
        raise Killed

    mail.post.meanwhile = dies
    with pytest.raises(Killed):
        mail.work(MORNING)
    assert mail.states() == ["sending"]
    mail.post.meanwhile = None
    with capture_logs() as lines:
        mail.work(MORNING + LEASE)
    assert [line["rows"] for line in lines if "perhaps" in line["event"]] == [[notice]]
    mail.work(MORNING + timedelta(days=3))
    assert len(mail.post.sent) == 1
    assert mail.states() == ["uncertain"]
    with mail.site.unit_of_work() as session:
        assert session.get(Notice, notice).read_at is None


@pytest.mark.parametrize("error", [MailUncertainError("cut off"), RuntimeError("a slip of ours")])
def test_a_letter_without_an_answer_does_not_come_again(mail: MailSite, error: Exception) -> None:
    mail.tell(mail.person("ana"))

    def fails() -> None:
        raise error

    mail.post.meanwhile = fails
    mail.work()
    mail.post.meanwhile = None
    mail.work(NOON + timedelta(days=3))
    assert len(mail.post.sent) == 1
    assert mail.states() == ["uncertain"]


def test_a_letter_that_the_server_refused_comes_later(mail: MailSite) -> None:
    mail.tell(mail.person("ana"))

    def refuses() -> None:
        mail.post.sent.clear()
        raise MailError("451 try again later")

    mail.post.meanwhile = refuses
    mail.work()
    assert mail.states() == ["waiting"]
    mail.post.meanwhile = None
    mail.work(NOON + timedelta(seconds=59))
    assert mail.post.sent == []
    mail.work(NOON + timedelta(minutes=1))
    assert len(mail.post.sent) == 1
    assert mail.states() == ["sent"]


def test_a_lease_that_was_lost_sends_nothing(mail: MailSite) -> None:
    notice = mail.tell(mail.person("ana"))
    sends = mail.post.send

    def is_slow(message: Any, last_call: Any) -> None:
        mail.change(Mailing, notice, lease="another", leased_until=NOON + 2 * LEASE)
        sends(message, last_call)

    mail.post.send = is_slow  # type: ignore[method-assign]
    mail.work()
    assert mail.post.sent == []
    assert mail.states() == ["waiting"]


def test_a_letter_waits_longer_each_time_and_is_given_up_in_the_end(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana, DAILY)
    mail.tell(ana, DAILY)
    mail.post.is_broken = True
    at = MORNING
    for attempt in range(1, (BACK_OFF.attempts or 0) + 1):
        mail.work(at)
        mail.work(at + timedelta(seconds=59))
        with mail.site.unit_of_work() as session:
            assert {row.attempts for row in session.query(Mailing)} == {attempt}
        at += BACK_OFF.wait_after(attempt) or timedelta(0)
    assert mail.states() == ["given_up"] * 2
    mail.post.is_broken = False
    mail.work(MORNING + timedelta(days=9))
    assert mail.post.sent == []


def test_one_letter_that_cannot_be_written_does_not_stop_the_next(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana, link={"endpoint": "no.such_page", "args": {}})
    mail.tell(ana)
    mail.work()
    assert subjects(mail) == ["Bo is your mentor now"]


def test_a_long_day_is_cut_and_says_so(mail: MailSite) -> None:
    ana = mail.person("ana")
    for number in range(MOST_LINES + 5):
        mail.tell(ana, DAILY, NOON + timedelta(minutes=2 * number), title=f"Tool {number}.")
    mail.work(MORNING)
    [message] = mail.post.sent
    assert message["Subject"] == "65 notices from Contributor Portal"
    assert "Tool 4." not in text_of(message)
    assert "Tool 5." in text_of(message)
    assert "5 older notices are on the site." in text_of(message)
    assert set(mail.states()) == {"sent"}


def test_a_letter_of_many_notices_costs_as_many_statements_as_one_of_few(mail: MailSite) -> None:
    costs = []
    mail.work()
    for people, notices in ((1, 2), (1, 30), (4, 2)):
        for number in range(people):
            reader = mail.person(f"reader{people}-{notices}-{number}")
            for _ in range(notices):
                mail.tell(reader, DAILY)
        statements: list[str] = []
        engine, seen = mail.site.portal.database.engine, partial(_keep, statements)
        event.listen(engine, "before_cursor_execute", seen, named=True)
        mail.work(MORNING)
        event.remove(engine, "before_cursor_execute", seen)
        costs.append(len([one for one in statements if not one.startswith("BEGIN")]))
    one, many, four = costs
    assert one == many
    assert (four - one) / 3 <= 7


def _keep(statements: list[str], **sent: Any) -> None:
    statements.append(sent["statement"])


def test_what_was_sent_long_ago_is_forgotten_and_its_notice_stays(mail: MailSite) -> None:
    mail.tell(mail.person("ana"))
    mail.work()
    for days, left in ((29, 1), (31, 0)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            mail.site.work("mail.forget")
        assert len(mail.states()) == left
    with mail.site.unit_of_work() as session:
        assert session.query(Notice).count() == 1


def test_without_a_mail_server_letters_go_to_the_log_and_count_as_sent(make_site: Any) -> None:
    mail = MailSite(make_site(), Postbox())
    mail.tell(mail.person("ana"))
    with capture_logs() as lines:
        mail.work()
    [line] = [line for line in lines if line["event"] == "letter"]
    assert line["subject"] == "Bo is your mentor now"
    assert "/notices/letters" in line["text"]
    assert "<p>" not in line["text"]
    assert mail.states() == ["sent"]


def test_a_letter_says_why_it_comes_and_how_it_stops_in_both_its_forms(mail: MailSite) -> None:
    ana = mail.person("ana")
    mail.tell(ana)
    mail.tell(ana, DAILY)
    mail.work(MORNING)
    for message in mail.post.sent:
        kind = "daily" if "notice" in message["Subject"] else "mentoring"
        assert message.get_content_type() == "multipart/alternative"
        assert message["List-Id"] == f"<{kind}.notices.portal.example.org>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Auto-Submitted"] == "auto-generated"
        assert "Precedence" not in message
        stop = message["List-Unsubscribe"].strip("<>")
        assert stop.startswith("https://portal.example.org/notices/unsubscribe?token=")
        for form in (text_of(message), html_of(message)):
            assert stop in form
            assert "https://portal.example.org/notices/letters" in form
            assert "You get this e-mail because" in form
