"""A mentee finishes a track, and their mentor hears of it: mentoring and tracks know nothing of each other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, select

from portal.activity.actions import choose_letters
from portal.activity.hearing import LEASE
from portal.activity.kinds import Cadence
from portal.activity.models import Mailing, Notice, Reaction
from portal.mentoring.actions import pairings, requests
from portal.mentoring.models import EndReason
from portal.people.actions import leave
from portal.people.models import Person
from tests import made_content, make
from tests.activity.conftest import MORNING
from tests.letters import all_at_once, text_of
from tests.make import NOON
from tests.people.conftest import Postbox
from tests.tracks.conftest import MAP, WAY

HEAR = "activity.hand_over"


class Killed(BaseException):
    """The end of a worker, which nothing in it can catch."""


class Pair:
    """Noor walks the small track, Mira is her mentor and has an address."""

    def __init__(self, site: Any, post: Postbox) -> None:
        self.site, self.post = site, post
        with site.unit_of_work() as session:
            self.mira = make.mentor(session, "mira")
            self.mira.email = self.mira.email_key = "mira@example.org"
            self.noor = make.speaker(session, "noor")
            self.pairing = requests.claim(session, make.request(session, self.noor).id, self.mira, NOON).id

    def finish(self, at: datetime = NOON) -> None:
        """Noor does the last step."""
        with time_machine.travel(at, tick=False):
            browser = make.sign_in(self.site.client(), self.noor)
            assert browser.post(f"{MAP}/start").status_code == 303
            for url, data in WAY:
                assert browser.post(url, data=data).status_code == 303

    def finish_again(self) -> None:
        """They take a step back and do it anew."""
        with time_machine.travel(NOON, tick=False):
            browser = make.sign_in(self.site.client(), self.noor)
            [url, data] = WAY[0]
            assert browser.post(url.replace("/done", "/undo")).status_code == 303
            assert browser.post(url, data=data).status_code == 303

    def page(self, person: Person, path: str) -> Any:
        """What this person is shown there."""
        with time_machine.travel(NOON, tick=False):
            answer = make.sign_in(self.site.client(), person).get(path)
            assert answer.status_code == 200
            return answer

    def work(self, *sweeps: str, at: datetime = NOON) -> None:
        with time_machine.travel(at, tick=False):
            self.site.work(*sweeps)

    def told(self) -> list[int]:
        """Who has a notice of it."""
        with self.site.unit_of_work() as session:
            notices = session.scalars(select(Notice).order_by(Notice.id))
            return [notice.person_id for notice in notices if notice.event.verb == "tracks.finished"]

    def states(self) -> list[str]:
        with self.site.unit_of_work() as session:
            return list(session.scalars(select(Reaction.state).order_by(Reaction.id)))


@pytest.fixture
def pair(make_site: Any, tmp_path: Path) -> Pair:
    post = Postbox()
    folder = made_content.with_track(made_content.copied(tmp_path))
    return Pair(make_site(content=folder, clients=SimpleNamespace(mailer=post)), post)


def test_the_mentor_has_one_notice_and_one_mail_that_leads_to_the_track(pair: Pair) -> None:
    with pair.site.unit_of_work() as session:
        all_at_once(session, session.merge(pair.mira))
    pair.finish()
    pair.work(HEAR, "mail.deliver")
    pair.work(HEAR, "mail.deliver", at=NOON + timedelta(days=1))
    assert pair.told() == [pair.mira.id]
    [letter] = [one for one in pair.post.sent if "finished" in one["Subject"]]
    assert letter["To"] == "Mira <mira@example.org>"
    assert "Noor, whom you mentor, has finished the track" in text_of(letter)
    assert f"http://127.0.0.1:8000{MAP}/of/{pair.noor.id}\n" in text_of(letter)
    assert "Noor has finished the track" in pair.page(pair.mira, "/notices").text
    page = pair.page(pair.mira, f"{MAP}/of/{pair.noor.id}").text
    assert "Noor in “First steps”" in page
    assert "3 of 3 steps" in page
    assert "I read." in page
    assert "I tried." in page


def test_the_dashboard_of_the_mentor_leads_to_how_it_went(pair: Pair) -> None:
    pair.finish()
    assert f'href="{MAP}/of/{pair.noor.id}"' in pair.page(pair.mira, "/dashboard").text


def test_by_default_it_stands_in_the_letter_of_the_day_and_the_switch_turns_it_off(pair: Pair) -> None:
    pair.finish()
    pair.work(HEAR)
    pair.work("mail.deliver", at=MORNING)
    assert any("Noor has finished the track" in text_of(one) for one in pair.post.sent)
    assert "When one of my mentees has finished a track." in pair.page(pair.mira, "/notices/letters").text
    with pair.site.unit_of_work() as session:
        choose_letters(session, pair.mira.id, {"tracks": Cadence.NEVER})
        session.execute(delete(Mailing))
    pair.finish_again()
    pair.work(HEAR)
    with pair.site.unit_of_work() as session:
        assert session.scalars(select(Mailing)).all() == []


def test_it_is_asked_for_at_once_and_not_only_by_the_minute(pair: Pair) -> None:
    pair.finish()
    huey = pair.site.app.extensions["portal.queue"].huey
    while task := huey.dequeue():
        huey.execute(task)
    assert pair.told() == [pair.mira.id]


def test_a_worker_killed_while_a_mentor_is_told_leaves_nothing_and_the_next_tells_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.finish()

    def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("portal.core.due.settle", dies)
        with pytest.raises(Killed):
            pair.work(HEAR)
    assert pair.told() == []
    pair.work(HEAR, at=NOON + LEASE - timedelta(seconds=1))
    assert pair.told() == []
    pair.work(HEAR, at=NOON + LEASE)
    assert pair.told() == [pair.mira.id]


def test_who_is_no_mentor_of_theirs_any_more_is_not_told(pair: Pair) -> None:
    pair.finish()
    with pair.site.unit_of_work() as session:
        limits = pair.site.portal.config.limits
        pairings.end_for_them(session, pair.pairing, None, EndReason.ROLE_ENDED, "", limits, NOON)
    pair.work(HEAR)
    assert pair.told() == []
    assert pair.states() == ["done"]


def test_who_left_before_it_was_heard_is_named_to_nobody(pair: Pair) -> None:
    pair.finish()
    with pair.site.unit_of_work() as session:
        leave(pair.site.portal, session, session.get(Person, pair.noor.id), NOON)
    pair.work(HEAR)
    assert pair.told() == []
    assert pair.states() == ["done"]


def test_a_person_may_take_along_which_rooms_hear_of_what_they_did(pair: Pair) -> None:
    pair.finish()
    pair.work(HEAR)
    export = json.loads(pair.page(pair.noor, "/people/me/export").text)
    assert export["activity"]["heard"] == [{"what": "tracks.finished", "by": "mentoring.tell_mentors", "state": "done"}]
