"""A step: open to every reader, done by those who are signed in, in its order."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.made_content import READ_ID, TRY_ID
from tests.tracks.conftest import KNOW, MAP, READ, RIGHT, TRY


def test_a_visitor_reads_everything_and_is_invited_to_keep_their_place(school: Any) -> None:
    browser = school.browser()
    for path in (READ, TRY, KNOW):
        page = browser.get(path)
        assert page.status_code == 200
        assert "Sign up to save your progress" in page.text
        assert f"next={path}" in page.text
        assert "<textarea" not in page.text
        assert 'type="radio"' not in page.text
    assert "git status" in browser.get(TRY).text
    assert "This step ends with 3 questions." in browser.get(KNOW).text


@pytest.mark.parametrize("what", ["done", "answer", "undo"])
def test_a_visitor_cannot_say_that_they_did_a_step(school: Any, what: str) -> None:
    answer = school.browser().post(f"{READ}/{what}", data={"note": "me"})
    assert (answer.status_code, "/people/sign-in" in answer.location) == (302, True)


def test_a_locked_step_is_read_but_not_done_and_says_what_comes_first(school: Any) -> None:
    ana, browser = school.learner()
    page = browser.get(TRY).text
    assert "Not open yet" in page
    assert "git status" in page
    assert f'<a href="{READ}">Read this first</a>' in page
    assert "<textarea" not in page
    answer = browser.post(f"{TRY}/done", data={"note": "I was faster."})
    assert answer.status_code == 409
    assert "This step opens when you have done: “Read this first”." in answer.text
    assert school.progress(ana, TRY_ID) is None


def test_a_refusal_names_what_is_missing_in_the_readers_language(school: Any) -> None:
    _ana, browser = school.learner()
    browser.get(f"{MAP}?uselang=fr")
    answer = browser.post(f"{TRY}/done", data={"note": "Moi."})
    assert "« À lire d’abord »" in answer.text.replace("\u00a0", " ")


def test_opening_a_step_of_a_track_under_way_begins_it(school: Any) -> None:
    ana, browser = school.learner()
    assert school.progress(ana, READ_ID) is None
    assert "stop-started" in browser.get(READ).text
    begun = school.progress(ana, READ_ID)
    assert begun is not None
    assert begun.state == "started"
    assert "Started" in browser.get(MAP).text


def test_reading_begins_nothing_in_a_track_that_is_not_taken(school: Any) -> None:
    ana = school.person()
    browser = school.browser(ana)
    browser.get(READ)
    assert school.progress(ana, READ_ID) is None
    browser.post(f"{MAP}/start")
    browser.get(TRY)
    assert school.progress(ana, TRY_ID) is None
    browser.post(f"{MAP}/pause")
    browser.get(READ)
    assert school.progress(ana, READ_ID) is None


def test_a_step_is_done_with_a_note_for_its_writer_and_their_mentor(school: Any) -> None:
    ana, browser = school.learner()
    page = browser.get(READ).text
    assert "What you expect of it" in page
    assert "Who sees this: only you and your mentor" in page
    answer = browser.post(f"{READ}/done", data={"note": "\n\nA <b>lot</b>.  \n"})
    assert (answer.status_code, answer.location) == (303, f"{READ}#proof")
    page = browser.get(READ).text
    assert "Done: Read this first." in page
    assert "A &lt;b&gt;lot&lt;/b&gt;." in page
    assert "Continue: Try it" in page
    done = school.progress(ana, READ_ID)
    assert done is not None
    assert (done.note, done.state) == ("A <b>lot</b>.", "done")


@pytest.mark.parametrize("note", ["x" * 2001, "é" * 2500, "line\n" * 600])
def test_a_note_that_cannot_be_kept_comes_back_as_it_was_typed(school: Any, note: str) -> None:
    ana, browser = school.learner()
    answer = browser.post(f"{READ}/done", data={"note": note})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert note.strip() in answer.text
    assert school.progress(ana, READ_ID) is None


def test_a_note_can_be_changed_and_the_day_stays(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    before = school.progress(ana, READ_ID)
    browser.post(f"{READ}/done", data={"note": "Better words."})
    after = school.progress(ana, READ_ID)
    assert after.note == "Better words."
    assert after.done_at == before.done_at


def test_a_done_can_be_taken_back_and_the_note_stays(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    assert browser.post(f"{READ}/undo").location == f"{READ}#proof"
    page = browser.get(READ).text
    assert "The step is open again." in page
    assert ">I read.</textarea>" in page.replace("\r\n", "")
    taken_back = school.progress(ana, READ_ID)
    assert (taken_back.state, taken_back.done_at) == ("started", None)
    assert browser.post(f"{READ}/undo").status_code == 303


def test_a_step_that_was_begun_does_not_lock_again(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    browser.get(TRY)
    browser.post(f"{READ}/undo")
    assert browser.post(f"{TRY}/done", data={"note": "I tried."}).status_code == 303
    assert school.progress(ana, TRY_ID).state == "done"


def test_each_step_is_done_in_its_own_way(school: Any) -> None:
    _ana, browser = school.learner(steps=2)
    for path, data in ((f"{READ}/answer", RIGHT), (f"{KNOW}/done", {"note": "I know."}), (f"{KNOW}/undo", {})):
        assert browser.post(path, data=data).status_code == 409


def test_what_is_not_there_is_told(school: Any) -> None:
    browser = make.sign_in(school.browser(), school.person())
    for path in ("/tracks/nothing", "/tracks/nothing/try-it", f"{MAP}/nothing"):
        assert browser.get(path).status_code == 404
    for path in ("/tracks/nothing/start", f"{MAP}/nothing/done", f"{MAP}/nothing/answer", f"{MAP}/nothing/undo"):
        assert browser.post(path, data={"note": "x"}).status_code == 404


def test_former_addresses_lead_on_for_good(school: Any) -> None:
    browser = school.browser()
    for path, leads_to in (
        ("/tracks/old-steps", MAP),
        ("/tracks/old-steps/try-it", TRY),
        (f"{MAP}/read-me", READ),
        ("/tracks/old-steps/read-me", READ),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.location) == (301, leads_to)


def test_what_was_typed_on_a_page_with_a_former_address_is_kept(school: Any) -> None:
    ana, browser = school.learner()
    assert browser.post("/tracks/old-steps/read-me/done", data={"note": "From an old tab."}).status_code == 303
    assert school.progress(ana, READ_ID).note == "From an old tab."
