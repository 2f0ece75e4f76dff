"""A quiz is answered as often as one likes; each answer is told right or not, with the reason."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from tests.made_content import ASK_ID
from tests.tracks.conftest import KNOW, MAP, RIGHT, WRONG


def shown(page: str) -> str:
    return unescape(page)


def test_wrong_answers_are_explained_and_stand_as_they_were_given(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    answer = browser.post(f"{KNOW}/answer", data=WRONG)
    assert (answer.status_code, answer.location) == (303, f"{KNOW}#proof")
    page = shown(browser.get(KNOW).text)
    assert "0 of 3 answers are right." in page
    assert page.count("Wrong") == 2
    assert "It is only the title." in page
    assert "It only looks." in page
    assert "Something is missing here" in page
    assert 'value="b" checked' in page
    assert 'value="status" checked' in page
    assert 'value="git push --force"' in page
    kept = school.progress(ana, ASK_ID)
    assert (kept.state, kept.tries, kept.answers["amend"]) == ("started", 1, ["git push --force"])


def test_what_was_not_chosen_is_not_given_away(school: Any) -> None:
    _ana, browser = school.learner(steps=2)
    browser.post(f"{KNOW}/answer", data=WRONG)
    page = shown(browser.get(KNOW).text)
    for secret in ("Gerrit looks for it", "It only tells.", "It makes a commit.", "It rewrites", "git commit --amend"):
        assert secret not in page


def test_a_quiz_can_be_answered_until_every_answer_is_right(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    for answers in (
        WRONG,
        {**RIGHT, "q-amend": "git amend"},
        {**RIGHT, "q-which-commands": ["status", "log", "commit"]},
    ):
        browser.post(f"{KNOW}/answer", data=answers)
        assert school.progress(ana, ASK_ID).state == "started"
    assert browser.post(f"{KNOW}/answer", data=RIGHT).location == MAP
    done = school.progress(ana, ASK_ID)
    assert (done.state, done.tries) == ("done", 4)
    page = shown(browser.get(KNOW).text)
    assert "The answers, and why" in page
    assert "Gerrit looks for it" in page
    assert "It rewrites the last commit" in page


def test_a_question_left_open_is_asked_for_and_the_others_stay(school: Any) -> None:
    ana, browser = school.learner(steps=2)
    answer = browser.post(f"{KNOW}/answer", data={"q-which-line": "b", "q-amend": "git commit --amend"})
    assert answer.status_code == 422
    assert answer.text.count("Answer this question too.") == 2
    assert 'value="b" checked' in answer.text
    assert 'value="git commit --amend"' in answer.text
    assert school.progress(ana, ASK_ID) is None


@pytest.mark.parametrize(
    "strange",
    [
        {**RIGHT, "q-which-line": "zzz"},
        {**RIGHT, "q-which-commands": ["status", "zzz"]},
        {**RIGHT, "q-amend": "x" * 400},
        {**RIGHT, "q-which-line": ["b", "a"]},
    ],
)
def test_answers_that_no_page_offers_do_not_pass(school: Any, strange: dict[str, Any]) -> None:
    ana, browser = school.learner(steps=2)
    assert browser.post(f"{KNOW}/answer", data=strange).status_code in (303, 422)
    progress = school.progress(ana, ASK_ID)
    assert progress is None or progress.state == "started"


def test_once_right_a_later_wrong_answer_changes_nothing(school: Any) -> None:
    ana, browser = school.learner(steps=3)
    before = school.progress(ana, ASK_ID)
    browser.post(f"{KNOW}/answer", data=WRONG)
    after = school.progress(ana, ASK_ID)
    assert (after.state, after.tries, after.answers, after.done_at) == ("done", 1, before.answers, before.done_at)


def test_a_locked_quiz_shows_no_questions_and_takes_no_answers(school: Any) -> None:
    ana, browser = school.learner(steps=1)
    assert "q-which-line" not in browser.get(KNOW).text
    assert browser.post(f"{KNOW}/answer", data=RIGHT).status_code == 409
    assert school.progress(ana, ASK_ID) is None


def test_a_quiz_is_asked_and_explained_in_french(school: Any) -> None:
    _ana, browser = school.learner(steps=2)
    browser.get(f"{KNOW}?uselang=fr")
    browser.post(f"{KNOW}/answer", data=WRONG)
    page = shown(browser.get(KNOW).text)
    assert "Quelle ligne relie les versions" in page
    assert "Ce n’est que le titre." in page
    assert "Faux" in page
    assert browser.post(f"{KNOW}/answer", data=RIGHT).location == MAP


def test_answers_given_in_one_language_count_in_the_other(school: Any) -> None:
    _ana, browser = school.learner(steps=2)
    browser.post(f"{KNOW}/answer", data={**WRONG, "q-amend": RIGHT["q-amend"]})
    page = shown(browser.get(f"{KNOW}?uselang=fr").text)
    assert "Réponses justes\u00a0: 1 sur 3." in page
    assert "Elle réécrit le dernier commit" in page
