"""What a form asks for is done once: a double click, a repeat and a reload are answered like the first."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select

from portal.core import clock, submissions
from portal.core.submissions import Submission
from portal.mentoring.actions.requests import claim
from portal.mentoring.models import Message, Request
from portal.people import passwords
from portal.people.models import Person
from portal.roles.models import RoleOffer
from portal.tools.models import AdoptionOffer
from tests import make
from tests.form_pages import PageForm, filled, form_to

ASK = {"goal": "I want to mend a gadget and learn.", "needs-0-skill": "Python", "languages": "en"}
FORMS: dict[str, tuple[str, str, dict[str, str], Any]] = {
    "message": ("/mentoring/pairings/1", "/mentoring/pairings/1/messages", {"text": "Hello."}, Message),
    "request": ("/mentoring/ask", "/mentoring/ask", ASK, Request),
    "role offer": ("/roles/translator/offer", "/roles/translator/offer", {"reason": "I speak it."}, RoleOffer),
    "tool offer": ("/tools/mapper/offer", "/tools/mapper/offer", {"note": "I know Lua."}, AdoptionOffer),
}
each_form = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def site(site: Any, request: pytest.FixtureRequest) -> Any:
    """A site as it runs, where Ann can send each of the forms."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    with site.unit_of_work() as session:
        make.tool(session, "mapper").wanted_since = make.NOON
        site.ann = make.speaker(session, "ann")
        site.ann.password_hash = passwords.hash_of(make.PASSWORD)
        if "message" in request.node.name:
            claim(session, make.request(session, site.ann).id, make.mentor(session, "mia"), clock.now())
    return site


@pytest.fixture
def browser(site: Any) -> Any:
    """Ann's browser."""
    return make.sign_in(site.client(), site.ann)


def rows(site: Any, table: Any) -> int:
    with site.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def with_cookies(site: Any, kept: dict[Any, Any]) -> Any:
    """The same browser as it was then: the answer to the first click has not come yet."""
    browser = site.client()
    browser._cookies.update(kept)
    return browser


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Their answers, done by as many threads at the same moment."""
    answers: list[Any] = []
    barrier = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        barrier.wait()
        answers.append(deed())

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@each_form
def test_a_repeat_does_nothing_and_answers_like_the_first(site: Any, browser: Any, form: str) -> None:
    url, action, typed, table = FORMS[form]
    before = rows(site, table)
    sent = filled(browser, url, typed, action)
    first, told = sent.send(browser), told_on_the_next_page(browser)
    assert told or form == "message"
    for _press in range(3):
        again = sent.send(browser)
        assert (again.status_code, again.location) == (first.status_code, first.location)
        assert told_on_the_next_page(browser) == told
    assert rows(site, table) == before + 1


def told_on_the_next_page(browser: Any) -> str:
    return " ".join(re.findall(r'class="flash.*?</p>', browser.get("/people/me").text, re.DOTALL))


@each_form
def test_of_six_clicks_at_once_one_does_it_and_all_are_answered_alike(site: Any, browser: Any, form: str) -> None:
    url, action, typed, table = FORMS[form]
    before = rows(site, table)
    sent = filled(browser, url, typed, action)
    kept = dict(browser._cookies)
    answers = at_once(*[lambda: sent.send(with_cookies(site, kept)) for _click in range(6)])
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert rows(site, table) == before + 1
    assert rows(site, Submission) == 1


def test_the_form_that_is_shown_next_does_another(site: Any, browser: Any) -> None:
    with site.unit_of_work() as session:
        claim(session, make.request(session, site.ann).id, make.mentor(session, "mia"), clock.now())
    url, action, typed, table = FORMS["message"]
    for _time in range(3):
        assert filled(browser, url, typed, action).send(browser).status_code == 303
    assert rows(site, table) == 3


@each_form
def test_an_old_form_with_other_words_is_asked_about(site: Any, browser: Any, form: str) -> None:
    url, action, typed, table = FORMS[form]
    before = rows(site, table)
    sent = filled(browser, url, typed, action)
    sent.send(browser)
    name = next(iter(typed))
    sent.fields[name] = "Something quite different, after going back."
    answer = sent.send(browser)
    assert answer.status_code == 409
    assert "This form was sent before." in answer.text
    assert "Something quite different, after going back." in answer.text
    assert rows(site, table) == before + 1


def test_a_key_is_worth_nothing_elsewhere(site: Any, browser: Any) -> None:
    sent = filled(browser, "/roles/translator/offer", {"reason": "I speak it."})
    sent.send(browser)
    sent.action = "/roles/track-author/offer"
    assert sent.send(browser).status_code == 409
    assert rows(site, RoleOffer) == 1


@pytest.mark.parametrize("key", ["", "forged", "WyJhIiwiIl0.forged"])
def test_a_form_without_a_key_of_ours_is_done_as_often_as_it_is_sent(site: Any, browser: Any, key: str) -> None:
    sent = filled(browser, "/people/me", {"about": "I am here."})
    sent.fields["form_key"] = key
    assert [sent.send(browser).status_code for _time in range(2)] == [303, 303]
    assert rows(site, Submission) == 0


def test_what_was_refused_may_be_sent_again(site: Any, browser: Any) -> None:
    sent = filled(browser, "/roles/translator/offer", {"reason": ""})
    assert sent.send(browser).status_code == 422
    sent.fields["reason"] = "I speak it."
    assert sent.send(browser).status_code == 303
    assert rows(site, RoleOffer) == 1


def sign_up(browser: Any) -> PageForm:
    typed = {"username": "newest", "display_name": "Newest", "password": make.PASSWORD, "language": "en"}
    return filled(browser, "/people/sign-up", typed)


def test_who_clicks_twice_to_sign_up_is_signed_in_by_either_answer(site: Any) -> None:
    browser = site.client()
    sent = sign_up(browser)
    kept = dict(browser._cookies)
    twice = [with_cookies(site, kept) for _click in range(2)]
    answers = at_once(*[lambda one=one: sent.send(one) for one in twice])
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [one.get("/people/me").status_code for one in twice] == [200, 200]
    assert rows(site, Person) == 2


def test_who_signs_up_and_goes_back_is_led_on(site: Any) -> None:
    browser = site.client()
    sent = sign_up(browser)
    first, again = sent.send(browser), sent.send(browser)
    assert (again.status_code, again.location) == (first.status_code, first.location)


def test_who_signed_out_is_not_signed_in_by_an_old_form(site: Any) -> None:
    browser = site.client()
    sent = sign_up(browser)
    sent.send(browser)
    form_to(browser.get("/people/me").text, "/people/sign-out").send(browser)
    browser.get("/people/sign-in")
    assert sent.send(browser).status_code == 303
    assert browser.get("/people/me").status_code == 302


@pytest.mark.parametrize("page", ["/people/sign-in", "/people/sign-up"])
def test_a_form_sent_again_with_another_password_signs_nobody_in(site: Any, page: str) -> None:
    browser = site.client()
    ann = {"username": "ann", "password": make.PASSWORD}
    sent = filled(browser, page, ann) if page == "/people/sign-in" else sign_up(browser)
    before = dict(browser._cookies)
    assert sent.send(browser).status_code == 303
    stranger = with_cookies(site, before)
    sent.fields["password"] = "what a stranger guesses at dusk"
    answer = sent.send(stranger)
    assert (answer.status_code, "This form was sent before" in answer.text) == (409, True)
    assert stranger.get("/people/me").status_code == 302


def test_another_password_with_the_same_words_is_not_told_to_be_done(site: Any, browser: Any) -> None:
    sent = filled(browser, "/people/me/email", {"email": "ann@example.org", "password": make.PASSWORD})
    assert sent.send(browser).status_code == 303
    sent.fields["password"] = "not this one"
    assert sent.send(browser).status_code == 409


def test_what_is_kept_of_a_form_with_a_password_cannot_be_guessed_at(site: Any, browser: Any) -> None:
    sent = filled(browser, "/people/me/email", {"email": "ann@example.org", "password": make.PASSWORD})
    sent.send(browser)
    with site.unit_of_work() as session:
        [kept] = session.scalars(select(Submission)).all()
    # The key of the form goes into the digest, and is not kept itself.
    _is_ours, (nonce, _owner) = URLSafeSerializer("anybody’s").loads_unsafe(sent.fields["form_key"])
    assert kept.key != nonce


@pytest.mark.parametrize("what", ["password", "sign out"])
def test_who_clicks_twice_where_the_session_changes_ends_up_as_by_one_click(site: Any, browser: Any, what: str) -> None:
    new = {"old_password": make.PASSWORD, "password": "nine purple otters swim at dusk"}
    if what == "password":
        sent = filled(browser, "/people/me/password", new)
    else:
        sent = form_to(browser.get("/people/me").text, "/people/sign-out")
    kept = dict(browser._cookies)
    twice = [with_cookies(site, kept) for _click in range(2)]
    answers = [sent.send(one) for one in twice]
    assert len({answer.location for answer in answers}) == 1
    assert {one.get("/people/me").status_code for one in twice} == {200 if what == "password" else 302}


def test_it_is_known_for_a_day(site: Any, browser: Any) -> None:
    filled(browser, "/people/me", {"about": "I am here."}).send(browser)
    assert rows(site, Submission) == 1
    with time_machine.travel(clock.now() + submissions.KEPT + timedelta(minutes=1), tick=False):
        site.work("people.forget_forms")
    assert rows(site, Submission) == 0


def test_it_tells_nothing_of_what_was_typed_and_goes_with_the_account(site: Any, browser: Any) -> None:
    filled(browser, "/people/me", {"about": "I like quokkas."}).send(browser)
    with site.unit_of_work() as session:
        [kept] = session.scalars(select(Submission)).all()
        assert "quokka" not in str(vars(kept))
        assert kept.person_id == site.ann.id
    filled(browser, "/people/me/delete", {"password": make.PASSWORD}).send(browser)
    with site.unit_of_work() as session:
        assert session.scalars(select(Submission.key)).all() != [kept.key]


def test_nobody_waits_at_the_door_while_a_password_is_hashed(
    site: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = passwords.matches

    def watched(*given: Any) -> bool:
        with site.unit_of_work() as session:
            session.add(make.person(session, "meanwhile"))
        return matches(*given)

    monkeypatch.setattr(passwords, "matches", watched)
    visitor = site.client()
    sent = filled(visitor, "/people/sign-in", {"username": "ann", "password": make.PASSWORD})
    assert sent.send(visitor).status_code == 303
