"""What people write of a step: nobody has to, their mentor reads it, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from portal.mentoring.actions import requests
from portal.people.models import Person
from portal.tracks.models import StepProgress
from tests import make
from tests.made_content import READ_ID
from tests.make import NOON
from tests.tracks.conftest import KNOW, MAP, READ, RIGHT, TRY


def mentor_of(school: Any, mentee: Person) -> Person:
    """Somebody mentors this person from now on."""
    with school.site.unit_of_work() as session:
        mentor, mentee = make.mentor(session), session.merge(mentee)
        requests.claim(session, make.request(session, mentee).id, mentor, NOON)
        return mentor


def seen_by(school: Any, viewer: Person, learner: Person) -> Any:
    return school.browser(viewer).get(f"{MAP}/of/{learner.id}")


@pytest.mark.parametrize("note", ["", "   ", "\n\n", None])
def test_a_step_is_done_without_a_note(school: Any, note: str | None) -> None:
    ana, browser = school.learner()
    data = {} if note is None else {"note": note}
    assert browser.post(f"{READ}/done", data=data).status_code == 303
    done = school.progress(ana, READ_ID)
    assert (done.state, done.note) == ("done", "")
    page = browser.get(READ).text
    assert "<blockquote>" not in page
    assert "Write a note, or take this back" in page


def test_a_note_that_is_emptied_is_gone(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    browser.post(f"{READ}/done", data={"note": ""})
    assert school.progress(ana, READ_ID).note == ""


@pytest.mark.parametrize("note", ["It asked for a key.", "C’est fait.", "تمّ"])
def test_a_mentor_reads_what_was_written_and_how_far_they_are(school: Any, note: str) -> None:
    ana, browser = school.learner()
    browser.post(f"{READ}/done", data={"note": note})
    page = seen_by(school, mentor_of(school, ana), ana)
    assert page.status_code == 200
    assert note in page.text
    assert "1 of 3 steps" in page.text
    assert "You and your mentor see this note." in browser.get(READ).text
    assert note in seen_by(school, ana, ana).text


def test_what_was_written_for_oneself_alone_stays_so_until_it_is_sent_again(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    with school.site.unit_of_work() as session:
        session.execute(update(StepProgress).values(is_note_shared=False))
    mentor = mentor_of(school, ana)
    assert "I read." not in seen_by(school, mentor, ana).text
    assert "Only you see this note." in browser.get(READ).text
    browser.post(f"{READ}/done", data={"note": "I read."})
    assert "I read." in seen_by(school, mentor, ana).text


def test_answers_to_a_quiz_are_shown_to_nobody_else(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    browser.post(f"{KNOW}/answer", data=RIGHT)
    page = seen_by(school, mentor_of(school, ana), ana).text
    assert "Finished on" in page
    assert "git  commit --AMEND" not in page


def test_nobody_else_reads_it_nor_a_mentor_of_somebody_else(school: Any) -> None:
    ana, _browser = school.learner(steps=2)
    ben, _bens = school.learner(steps=1)
    mentor_of(school, ana)
    for viewer in (school.person(), ben, mentor_of(school, ben)):
        answer = seen_by(school, viewer, ana)
        assert answer.status_code == 403
        assert "I read." not in answer.text
    assert seen_by(school, ben, Person(id=99999)).status_code == 403


@pytest.mark.parametrize(("steps", "here", "leads_to"), [(1, READ, TRY), (2, TRY, KNOW), (2, READ, KNOW)])
def test_a_done_step_has_one_button_to_what_comes_next(school: Any, steps: int, here: str, leads_to: str) -> None:
    _ana, browser = school.learner(steps=steps)
    main = browser.get(here).text.partition('<section id="proof"')[2].partition("<aside>")[0]
    assert main.count(f'href="{leads_to}"') == 1
    assert 'rel="next"' not in main
