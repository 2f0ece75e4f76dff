"""The two in a pairing: whose turn, what only they read, how it ends, and what silence does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.activity.models import Event, Notice
from portal.mentoring.actions import requests as actions
from portal.mentoring.models import Mentor, Message, Pairing, PairingState, Request, RequestState
from portal.people import actions as people_actions
from portal.people.models import Person
from portal.roles.models import RoleHolder
from tests import make
from tests.mentoring.conftest import Browser

DAY = timedelta(days=1)
ASKED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


class Two:
    """A pairing with its people: a mentor of one seat, and ana, who asked on the first of November."""

    def __init__(self, site: Any) -> None:
        self.site = site
        with site.unit_of_work() as session:
            self.mentor = make.mentor(session, "mia", capacity=1)
            self.ana = make.person(session, "ana")
            expires = now() + 60 * DAY
            self.request = make.request(session, self.ana, asked_at=ASKED, expires_at=expires)
            self.id = actions.claim(session, self.request.id, self.mentor, now()).id
        self.url = f"/mentoring/pairings/{self.id}"

    def browser(self, person: Person) -> Any:
        return make.sign_in(self.site.client(), person)

    def write(self, person: Person, text: str = "Hello") -> Any:
        return self.browser(person).post(f"{self.url}/messages", data={"text": text})

    def end(self, person: Person, **data: Any) -> Any:
        return self.browser(person).post(f"{self.url}/end", data={"reason": "no_time", **data})

    def row(self) -> Pairing:
        with self.site.unit_of_work() as session:
            return session.get_one(Pairing, self.id)

    def asked(self) -> Request:
        with self.site.unit_of_work() as session:
            return session.get_one(Request, self.request.id)

    def taken(self) -> int:
        with self.site.unit_of_work() as session:
            return session.get_one(Mentor, self.mentor.id).taken

    def set(self, **values: Any) -> None:
        with self.site.unit_of_work() as session:
            session.execute(update(Pairing).where(Pairing.id == self.id).values(**values))

    def told(self, verb: str) -> list[int]:
        with self.site.unit_of_work() as session:
            rows = select(Notice.person_id).join(Event).where(Event.verb == f"mentoring.{verb}")
            return sorted(session.scalars(rows))


@pytest.fixture
def two(site: Any) -> Two:
    return Two(site)


class TestTheThread:
    def test_a_word_passes_the_turn_and_is_told_to_the_other(self, two: Two) -> None:
        assert two.row().turn == "mentor"
        assert two.write(two.mentor, "Welcome, **Ana**").status_code == 303
        assert two.row().turn == "mentee"
        assert two.told("message") == [two.ana.id]
        page = two.browser(two.ana).get(two.url).text
        assert "Welcome, <strong>Ana</strong>" in page
        assert "Your turn" in page

    def test_code_at_the_beginning_of_a_message_keeps_its_indentation(self, two: Two) -> None:
        two.write(two.mentor, "\r\n    for one in all:\r\n        tell(one)\r\n")
        page = two.browser(two.ana).get(two.url).text
        assert "<pre><code>for one in all:\n    tell(one)\n</code></pre>" in page

    def test_a_message_may_mix_languages_and_directions(self, two: Two) -> None:
        two.write(two.mentor, "Hello\n\nمرحبا، افتح https://example.net/a")
        page = two.browser(two.ana).get(two.url).text
        assert '<p dir="auto">Hello</p>' in page
        assert '<p dir="auto">مرحبا، افتح <a href="https://example.net/a"' in page
        assert re.search(r'<textarea[^>]* dir="auto"', page)

    def test_a_further_word_leaves_the_others_clock_as_it_is(self, two: Two) -> None:
        two.write(two.mentor)
        two.set(turn_since=now() - 9 * DAY, nudged_days=7)
        before = two.row().turn_since
        two.write(two.mentor, "One thing more")
        after = two.row()
        assert (after.turn, after.turn_since, after.nudged_days) == ("mentee", before, 7)
        two.write(two.ana)
        answered = two.row()
        assert (answered.turn, answered.nudged_days, answered.nudged_at) == ("mentor", 0, None)
        assert answered.turn_since > before

    def test_new_messages_count_as_unread_until_they_are_seen(self, two: Two) -> None:
        two.write(two.mentor)
        two.write(two.mentor)
        start = two.browser(two.ana)
        assert "2 new messages" in start.get("/mentoring/").text
        assert "new message" not in two.browser(two.mentor).get("/mentoring/").text
        start.get(two.url)
        assert "new message" not in start.get("/mentoring/").text

    def test_nobody_else_reads_or_writes_not_even_a_coordinator(self, two: Two) -> None:
        two.write(two.mentor, "between us")
        with two.site.unit_of_work() as session:
            others = [make.person(session), make.mentor(session), make.person(session)]
            make.role(session, others[2], "mentoring-coordinator")
            make.role(session, others[0], "portal-steward")
        for other in others:
            page = two.browser(other)
            assert page.get(two.url).status_code == 404
            assert page.get(f"{two.url}/end").status_code == 404
            assert page.get(f"{two.url}/complete").status_code == 404
            for path, data in (("messages", {"text": "hi"}), ("complete", {}), ("end", {"reason": "other"})):
                assert page.post(f"{two.url}/{path}", data=data).status_code == 404
        assert "between us" not in two.browser(others[2]).get(f"/mentoring/coordinate/pairings/{two.id}").text
        assert two.site.client().get(two.url).status_code == 302
        assert two.row().state == PairingState.ACTIVE

    def test_a_message_is_shown_as_text_never_as_script(self, two: Two) -> None:
        two.write(two.mentor, "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil.test/z.png)")
        page = two.browser(two.ana).get(two.url).text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "<img" not in page

    @pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
    def test_an_empty_or_endless_message_is_refused_beside_its_field(self, two: Two, text: str) -> None:
        assert two.write(two.mentor, text).status_code == 422
        assert two.row().turn == "mentor"

    def test_a_long_thread_is_read_page_by_page_the_newest_first_to_hand(self, two: Two) -> None:
        with two.site.unit_of_work() as session:
            for n in range(130):
                session.add(Message(pairing_id=two.id, author_id=two.mentor.id, text=f"word{n:03}", at=now()))
        page = two.browser(two.ana).get(two.url).text
        assert "word129" in page
        assert "word029" not in page
        before = page.split("before=")[1].split('"')[0]
        assert "word029" in two.browser(two.ana).get(f"{two.url}?before={before}").text

    def test_a_mentor_who_lost_the_role_writes_no_more(self, two: Two) -> None:
        lose_role(two)
        assert two.write(two.mentor).status_code == 403
        assert two.write(two.ana).status_code == 303


class TestTheEnd:
    def test_either_side_completes_with_thanks_and_the_seat_is_free(self, two: Two) -> None:
        page = two.browser(two.ana)
        assert page.post(f"{two.url}/complete", data={"thanks": "You were patient."}).status_code == 303
        row = two.row()
        assert (row.state, row.end_note, row.ended_by, row.active_key) == (
            "completed",
            "You were patient.",
            two.ana.id,
            None,
        )
        assert two.taken() == 0
        assert two.told("completed") == [two.mentor.id]
        assert "You were patient." in two.browser(two.mentor).get(two.url).text
        assert page.get("/mentoring/ask").status_code == 200

    @pytest.mark.parametrize("state", ["completed", "ended_early", "timed_out"])
    def test_nothing_is_added_to_a_pairing_that_has_ended(self, two: Two, state: str) -> None:
        two.browser(two.mentor).post(f"{two.url}/complete")
        two.set(state=state)
        for path, data in (("messages", {"text": "hi"}), ("complete", {}), ("end", {"reason": "other"})):
            for person in (two.ana, two.mentor):
                answer = two.browser(person).post(f"{two.url}/{path}", data=data)
                assert answer.status_code == 409
                assert "This pairing has ended" in answer.text
        assert two.taken() == 0

    def test_a_mentor_who_ends_it_sends_the_request_back_with_its_age(self, two: Two) -> None:
        assert two.end(two.mentor, note="A new job.").status_code == 303
        row, asked = two.row(), two.asked()
        assert (row.state, row.end_reason, row.end_note) == ("ended_early", "no_time", "A new job.")
        assert (asked.state, asked.asked_at, asked.live_key) == (RequestState.OPEN, ASKED, two.ana.id)
        assert asked.expires_at > now() + 59 * DAY
        assert two.told("released") == [two.ana.id]

    def test_a_pairing_that_is_over_says_so_and_leads_to_the_request_that_is_open_again(self, two: Two) -> None:
        assert "Your mentor is" in two.browser(two.ana).get(two.url).text
        two.end(two.mentor, note="A new job.")
        page = two.browser(two.ana).get(two.url).text
        assert "Your mentor was" in page
        assert "Your request is in the mentors’ lists again" in page
        assert f'class="button primary" href="/mentoring/requests/{two.asked().id}"' in page
        assert "you can say hello too" not in page
        of_mentor = two.browser(two.mentor).get(two.url).text
        assert "You mentored" in of_mentor
        assert "lists again" not in of_mentor
        assert two.taken() == 0
        assert "Ana" not in two.browser(two.mentor).get("/mentoring/requests").text

    def test_a_mentee_who_ends_it_chooses_whether_to_ask_again(self, site: Any) -> None:
        again, enough = Two(site), None
        again.end(again.ana, ask_again="y")
        assert again.asked().state == RequestState.OPEN
        with site.unit_of_work() as session:
            session.execute(update(Request).values(state="withdrawn", live_key=None))
            session.execute(update(Pairing).values(state="completed"))
            mentor = make.mentor(session)
            asked = make.request(session, again.ana)
            enough = actions.claim(session, asked.id, mentor, now()).id
        page = make.sign_in(site.client(), again.ana)
        page.post(f"/mentoring/pairings/{enough}/end", data={"reason": "plans_changed"})
        with site.unit_of_work() as session:
            closed = session.get_one(Request, asked.id)
            assert (closed.state, closed.live_key) == (RequestState.PAIRED, None)

    def test_only_reasons_of_the_list_are_taken(self, two: Two) -> None:
        for reason in ("", "reassigned", "nonsense"):
            assert two.end(two.ana, reason=reason).status_code == 422
        assert two.row().state == PairingState.ACTIVE

    def test_the_pages_that_ask_first_say_what_happens(self, two: Two) -> None:
        assert "goes back to the mentors’ lists" in two.browser(two.mentor).get(f"{two.url}/end").text
        assert "Put my request back" in two.browser(two.ana).get(f"{two.url}/end").text
        assert "Put my request back" not in two.browser(two.mentor).get(f"{two.url}/end").text
        assert "Complete the pairing with Mia?" in two.browser(two.ana).get(f"{two.url}/complete").text


class TestSilence:
    sweep = "mentoring.nudge_owing_sides"

    def test_the_side_that_owes_is_reminded_once_after_a_week_and_once_after_two(self, two: Two) -> None:
        two.site.work(self.sweep)
        assert two.told("nudged") == []
        for days, count in ((8, 1), (9, 1), (15, 2), (20, 2)):
            two.set(turn_since=now() - days * DAY)
            two.site.work(self.sweep)
            two.site.work(self.sweep)
            assert two.told("nudged") == [two.mentor.id] * count

    def test_a_worker_that_slept_for_a_month_reminds_before_anything_ends(self, two: Two) -> None:
        two.set(turn_since=now() - 40 * DAY)
        two.site.work(self.sweep)
        two.site.work(self.sweep)
        assert (two.told("nudged"), two.row().state) == ([two.mentor.id], PairingState.ACTIVE)
        two.set(nudged_at=now() - 8 * DAY)
        two.site.work(self.sweep)
        assert two.row().state == PairingState.TIMED_OUT

    def test_when_the_mentor_was_silent_the_request_is_open_again_with_its_age(self, two: Two) -> None:
        two.set(turn_since=now() - 29 * DAY, nudged_days=14, nudged_at=now() - 14 * DAY)
        two.site.work(self.sweep)
        asked = two.asked()
        assert (asked.state, asked.asked_at) == (RequestState.OPEN, ASKED)
        assert two.told("timed_out") == sorted([two.mentor.id, two.ana.id])
        assert two.taken() == 0
        assert "it was the turn of Mia" in two.browser(two.ana).get(two.url).text
        assert "it was your turn" in two.browser(two.mentor).get(two.url).text

    def test_when_the_mentee_was_silent_the_request_is_closed(self, two: Two) -> None:
        two.write(two.mentor)
        two.set(turn_since=now() - 29 * DAY, nudged_days=14, nudged_at=now() - 14 * DAY)
        two.site.work(self.sweep)
        assert (two.row().state, two.asked().live_key) == (PairingState.TIMED_OUT, None)
        assert two.browser(two.ana).get("/mentoring/ask").status_code == 200

    def test_nothing_runs_out_while_the_mentor_is_away_or_right_after(self, two: Two) -> None:
        two.set(turn_since=now() - 60 * DAY, nudged_days=14, nudged_at=now() - 40 * DAY)
        set_away(two, now() + DAY)
        two.site.work(self.sweep)
        assert two.row().state == PairingState.ACTIVE
        assert "is away until" in two.browser(two.ana).get(two.url).text
        set_away(two, now() - DAY)
        two.site.work(self.sweep)
        assert two.row().state == PairingState.ACTIVE

    def test_a_pairing_whose_mentor_lost_the_role_ends_and_the_request_is_open_again(self, two: Two) -> None:
        two.site.work("mentoring.end_without_mentor")
        assert two.row().state == PairingState.ACTIVE
        lose_role(two)
        two.site.work("mentoring.end_without_mentor")
        two.site.work("mentoring.end_without_mentor")
        row, asked = two.row(), two.asked()
        assert (row.state, row.end_reason) == ("ended_early", "role_ended")
        assert (asked.state, asked.asked_at) == (RequestState.OPEN, ASKED)
        assert two.told("ended_for_you") == sorted([two.mentor.id, two.ana.id])


class TestLeaving:
    def test_when_the_mentor_leaves_the_mentee_asks_again_and_keeps_their_own_words(self, two: Two) -> None:
        two.write(two.mentor, "Remember the linter")
        two.write(two.ana, "Thank you, Mia, I ran it")
        leave(two.site, two.mentor)
        assert (two.row().end_reason, two.asked().state) == ("account_deleted", RequestState.OPEN)
        page = two.browser(two.ana).get(two.url).text
        assert "Remember the linter" not in page
        assert "This message was deleted with the account of who wrote it." in page
        assert "Thank you, …, I ran it" in page
        assert "Mia" not in page
        with two.site.unit_of_work() as session:
            assert session.get(Mentor, two.mentor.id) is None

    def test_when_the_mentee_leaves_the_seat_is_free_and_nobody_finds_the_request(self, two: Two) -> None:
        leave(two.site, two.ana)
        assert (two.row().state, two.taken(), two.asked().live_key) == ("ended_early", 0, None)
        assert "Ana" not in two.browser(two.mentor).get("/mentoring/requests").text

    def test_with_the_second_of_the_two_everything_goes(self, two: Two) -> None:
        two.write(two.mentor)
        leave(two.site, two.ana)
        leave(two.site, two.mentor)
        with two.site.unit_of_work() as session:
            for kind in (Pairing, Message, Request, Mentor):
                assert session.scalars(select(kind)).all() == []

    def test_an_export_holds_what_one_asked_and_wrote_but_not_what_the_other_did(self, two: Two) -> None:
        two.write(two.mentor, "from the mentor")
        two.write(two.ana, "from ana")
        data = two.browser(two.ana).get("/people/me/export").get_json()["mentoring"]
        assert [message["text"] for message in data["messages"]] == ["from ana"]
        assert data["requests"][0]["skills"] == {"python": "must"}
        assert data["pairings"][0]["as"] == "mentee"


def leave(site: Any, person: Person) -> None:
    with site.unit_of_work() as session:
        people_actions.leave(site.portal, session, session.get_one(Person, person.id), now())


def lose_role(two: Two) -> None:
    with two.site.unit_of_work() as session:
        mine = update(RoleHolder).where(RoleHolder.person_id == two.mentor.id)
        session.execute(mine.values(ended_at=now(), active_key=None))


def set_away(two: Two, until: datetime) -> None:
    with two.site.unit_of_work() as session:
        session.get_one(Mentor, two.mentor.id).away_until = until


def test_the_start_page_takes_the_same_number_of_statements_however_many_pairings(
    site: Any, browser: Browser, count_statements: Callable[[Callable[[], Any]], int]
) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session, capacity=20)
        actions.claim(session, make.request(session, make.person(session)).id, mentor, now())
    page = browser(mentor)
    few = count_statements(lambda: page.get("/mentoring/"))
    with site.unit_of_work() as session:
        for _ in range(9):
            actions.claim(session, make.request(session, make.person(session)).id, mentor, now())
    assert count_statements(lambda: page.get("/mentoring/")) == few <= 18


def test_an_empty_answer_to_an_unread_message_comes_back_with_a_sentence(two: Two) -> None:
    two.write(two.mentor)
    answer = two.write(two.ana, " ")
    assert answer.status_code == 422
    assert "Write something first." in answer.text
