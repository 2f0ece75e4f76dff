"""Nothing typed is lost: what cannot be done comes back with the words, a fresh token, and why."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from flask import session as cookie
from sqlalchemy import func, select
from wtforms import PasswordField

from portal.core import clock, drafts
from portal.core.drafts import Draft
from portal.core.errors import TooMany
from portal.core.forms import Form
from portal.core.sent_forms import UNSAID
from portal.mentoring.actions.requests import claim
from portal.mentoring.models import Message, Request
from portal.people import passwords
from portal.people.models import Person
from portal.roles.models import RoleOffer
from portal.tools.models import AdoptionOffer
from portal.tracks.models import StepProgress
from tests import make
from tests.form_pages import PageForm, filled, form_to, forms_of

WORDS = "I tried it twice <here>,\nand it “said” no & went away: 日本語 🦦."
STEP = "/tracks/reviewing-changes/why-review"


class Case(NamedTuple):
    """A form: its page, where it is sent, what is typed, and the column where it stands once it is done."""

    page: str
    action: str
    typed: dict[str, str]
    column: Any


CASES = {
    "mentoring request": Case(
        "/mentoring/ask",
        "/mentoring/ask",
        {"goal": WORDS, "needs-0-skill": "Python", "needs-1-skill": "Lua", "languages": "en"},
        Request.goal,
    ),
    "profile": Case("/people/me", "/people/me", {"about": WORDS, "display_name": "Ann B."}, Person.about),
    "role offer": Case("/roles/translator/offer", "/roles/translator/offer", {"reason": WORDS}, RoleOffer.reason),
    "tool offer": Case("/tools/mapper/offer", "/tools/mapper/offer", {"note": WORDS}, AdoptionOffer.note),
    "note of a step": Case(STEP, f"{STEP}/done", {"note": WORDS}, StepProgress.note),
    "stuck": Case(f"{STEP}/stuck", f"{STEP}/stuck", {"text": WORDS}, Message.text),
    "message": Case("/mentoring/pairings/1", "/mentoring/pairings/1/messages", {"text": WORDS}, Message.text),
}
each_form = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
few_forms = pytest.mark.parametrize("case", list(CASES.values())[:3], ids=list(CASES)[:3])


@pytest.fixture
def site(site: Any) -> Any:
    """A site as it runs: tokens are asked for. A tool looks for an owner; Ann has a mentor and takes a track."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    with site.unit_of_work() as session:
        make.tool(session, "mapper").wanted_since = make.NOON
        site.ann = make.speaker(session, "ann")
        site.bo = make.speaker(session, "bo")
        for person in (site.ann, site.bo):
            person.password_hash = passwords.hash_of(make.PASSWORD)
    return site


@pytest.fixture
def browser(site: Any, request: pytest.FixtureRequest) -> Any:
    """Ann's browser."""
    ann = make.sign_in(site.client(), site.ann)
    case = request.node.callspec.params["case"] if hasattr(request.node, "callspec") else None
    if case in (CASES["stuck"], CASES["message"]):
        with site.unit_of_work() as session:
            claim(session, make.request(session, site.ann).id, make.mentor(session, "mia"), clock.now())
    if case is CASES["note of a step"]:
        form_to(ann.get("/tracks/reviewing-changes").text, "/tracks/reviewing-changes/start").send(ann)
    return ann


def sign_out_elsewhere(browser: Any) -> None:
    """In another tab of this browser."""
    answer = form_to(browser.get("/people/me").text, "/people/sign-out").send(browser)
    assert answer.location.endswith("/people/sign-in")


def sign_in(browser: Any, url: str, username: str = "ann") -> Any:
    form = form_to(browser.get(url).text, "/people/sign-in")
    form.fields |= {"username": username, "password": make.PASSWORD}
    return form.send(browser)


def is_done(site: Any, case: Case) -> bool:
    with site.unit_of_work() as session:
        return any(WORDS in (text or "") for text in session.scalars(select(case.column)))


def is_back(answer: Any, case: Case, sent: PageForm) -> PageForm:
    """The form of this answer: it holds what was typed, and a fresh token and key."""
    form = form_to(answer.text, case.action)
    assert {name: form.fields[name] for name in case.typed} == case.typed
    assert form.fields["form_key"] != sent.fields["form_key"]
    assert 'role="alert" tabindex="-1" autofocus' in answer.text
    return form


@each_form
def test_who_was_signed_out_signs_in_and_finds_the_words_which_are_sent_once_more(
    site: Any, browser: Any, case: Case
) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    answer = form.send(browser)
    assert answer.status_code == 302
    assert "/people/sign-in" in answer.location
    door = browser.get(answer.location).text
    assert "You are signed out, and nothing has been done yet." in door
    answer = sign_in(browser, answer.location)
    page = browser.get(answer.location)
    assert "This is what you typed before you signed in." in page.text
    again = is_back(page, case, form)
    assert not is_done(site, case)
    assert again.send(browser).status_code == 303
    assert is_done(site, case)
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


@few_forms
@pytest.mark.parametrize("how", ["no cookie", "another password"])
def test_a_session_that_ended_by_itself_keeps_the_words_too(site: Any, browser: Any, case: Case, how: str) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    if how == "no cookie":
        browser._cookies.clear()
    else:
        with site.unit_of_work() as session:
            session.get_one(Person, site.ann.id).session_epoch += 1
    answer = sign_in(browser, form.send(browser).location)
    is_back(browser.get(answer.location), case, form)


@few_forms
@pytest.mark.parametrize("token", ["", "forged", None])
def test_an_old_or_foreign_token_gives_the_form_back(site: Any, browser: Any, case: Case, token: str | None) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    if token is None:
        del form.fields["csrf_token"]
    else:
        form.fields["csrf_token"] = token
    answer = form.send(browser)
    assert answer.status_code == 400
    assert "Nothing has been done yet" in answer.text
    assert not is_done(site, case)
    assert is_back(answer, case, form).send(browser).status_code == 303
    assert is_done(site, case)


@few_forms
def test_who_signed_in_anew_in_another_tab_is_asked_again(site: Any, browser: Any, case: Case) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    sign_in(browser, "/people/sign-in")
    answer = form.send(browser)
    assert answer.status_code == 400
    is_back(answer, case, form)


def test_another_site_fills_no_form_in(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, case.typed, case.action)
    form.fields["csrf_token"] = "forged"
    answer = form.send(browser, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "said" not in answer.text.replace(" said.", "")
    assert "日本語" not in answer.text


@few_forms
def test_what_is_asked_too_often_comes_back(
    site: Any, browser: Any, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    refuse(site, monkeypatch, case.action, TooMany("Slower, please.", 30))
    answer = form.send(browser)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "Slower, please." in answer.text
    is_back(answer, case, form)


@few_forms
def test_a_failure_of_ours_gives_the_words_back(
    site: Any, browser: Any, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    refuse(site, monkeypatch, case.action, RuntimeError("a fault"))
    answer = form.send(browser)
    assert answer.status_code == 500
    assert "Nothing was saved." in answer.text
    is_back(answer, case, form)


@few_forms
def test_where_not_even_the_page_can_be_shown_the_words_are(
    site: Any, browser: Any, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = filled(browser, case.page, case.typed, case.action)

    def broken() -> Any:
        raise ConnectionError("the database is gone")

    for name in ("portal.core.request_cycle.db", "portal.people.session.db", "portal.core.returned_forms.end_work"):
        monkeypatch.setattr(name, broken)
    answer = form.send(browser)
    assert answer.status_code == 500
    assert "What you typed" in answer.text
    assert "日本語 🦦" in answer.text


@few_forms
@pytest.mark.parametrize(("length", "status"), [(6_000, 422), (60_000, 422), (600_000, 413), (1_500_000, 413)])
def test_what_is_too_large_comes_back(site: Any, browser: Any, case: Case, length: int, status: int) -> None:
    form = filled(browser, case.page, case.typed, case.action)
    (name, _words) = next((name, value) for name, value in case.typed.items() if value == WORDS)
    form.fields[name] = WORDS + "a" * length
    answer = form.send(browser)
    assert answer.status_code == status
    assert form_to(answer.text, case.action).fields[name] == WORDS + "a" * length


def test_what_is_far_too_large_is_refused_unread(site: Any, browser: Any) -> None:
    form = filled(browser, "/people/me", {"about": "a" * 4_000_001})
    answer = form.send(browser)
    assert answer.status_code == 413
    assert len(answer.text) < 100_000


def test_a_character_that_cannot_be_kept_is_left_out_and_the_rest_comes_back(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, {"reason": "I speak\0 it well."}, case.action)
    answer = form.send(browser)
    assert answer.status_code == 422
    assert form_to(answer.text, case.action).fields["reason"] == "I speak it well."


def test_words_for_what_is_gone_stand_below_the_refusal(site: Any, browser: Any) -> None:
    case = CASES["tool offer"]
    form = filled(browser, case.page, case.typed, case.action)
    with site.unit_of_work() as session:
        from portal.tools.models import Tool

        for tool in session.scalars(select(Tool)):
            session.delete(tool)
    answer = form.send(browser)
    assert answer.status_code == 404
    assert "What you typed" in answer.text
    assert "日本語 🦦" in answer.text


def test_what_was_sent_by_somebody_else_is_not_shown_to_who_signs_in(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    there = sign_in(browser, form.send(browser).location, "bo").location
    page = browser.get(there).text
    assert "日本語" not in page
    assert "Somebody else typed something here." in page


def test_another_browser_does_not_see_a_draft(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    there = sign_in(browser, form.send(browser).location).location
    assert "日本語" in browser.get(there).text
    assert "日本語" not in make.sign_in(site.client(), site.ann).get(there).text


def test_a_draft_is_kept_for_a_day(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    there = sign_in(browser, form.send(browser).location).location
    with time_machine.travel(clock.now() + drafts.KEPT + timedelta(minutes=1), tick=False):
        assert "日本語" not in browser.get(there).text
        site.work("people.forget_forms")
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_draft_goes_with_the_account_and_is_exported_before(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    form = filled(browser, case.page, case.typed, case.action)
    sign_out_elsewhere(browser)
    sign_in(browser, form.send(browser).location)
    [draft] = browser.get("/people/me/export").json["drafts"]
    assert ["reason", WORDS] in draft["fields"]
    filled(browser, "/people/me/delete", {}, "/people/me/delete").send(browser)
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_one_browser_keeps_few_drafts_and_none_without_end(site: Any, browser: Any) -> None:
    case = CASES["role offer"]
    forms = [filled(browser, case.page, {"reason": f"{WORDS} {number}"}, case.action) for number in range(12)]
    too_long = filled(browser, case.page, {"reason": "b" * 70_000}, case.action)
    sign_out_elsewhere(browser)
    links = [form.send(browser).location for form in forms]
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == drafts.MOST_OF_ONE
    answer = too_long.send(browser)
    assert answer.status_code == 401
    assert "b" * 70_000 in answer.text
    assert f"{WORDS} 11".split("日")[1] in browser.get(sign_in(browser, links[-1]).location).text


def test_somebody_who_takes_no_cookies_keeps_no_more_than_others(site: Any, browser: Any) -> None:
    forms = [filled(browser, "/people/me", {"about": f"{WORDS} {number}"}) for number in range(12)]
    for form in forms:
        form.send(site.app.test_client(use_cookies=False))
    with site.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == drafts.MOST_OF_ONE


def test_a_button_pressed_by_who_was_signed_out_is_not_pressed_by_signing_in(site: Any, browser: Any) -> None:
    button = form_to(browser.get("/tracks/reviewing-changes").text, "/tracks/reviewing-changes/start")
    sign_out_elsewhere(browser)
    there = sign_in(browser, button.send(browser).location).location
    page = browser.get(there).text
    assert "Nothing has been done yet" in page
    assert form_to(page, "/tracks/reviewing-changes/start").send(browser).status_code == 303


def test_a_password_is_never_given_back_nor_kept(site: Any, browser: Any) -> None:
    form = filled(browser, "/people/me/email", {"email": "ann@example.org"})
    form.fields["password"] = "not this one, please"
    sign_out_elsewhere(browser)
    answer = form.send(browser)
    with site.unit_of_work() as session:
        [draft] = session.scalars(select(Draft)).all()
        assert [name for name, _value in draft.fields] == ["email"]
    page = browser.get(sign_in(browser, answer.location).location).text
    assert form_to(page, "/people/me/email").typed() == {"email": "ann@example.org"}


def test_every_password_has_a_name_by_which_it_is_known() -> None:
    kinds: list[Any] = [Form]
    names = []
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        names += [name for name, made in vars(kind).items() if getattr(made, "field_class", None) is PasswordField]
    assert len(names) > 4
    assert [name for name in names if UNSAID not in name] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_guesses_at_the_door_keeps_the_name(site: Any, language: str) -> None:
    browser = site.client()
    browser.get(f"/people/sign-in?uselang={language}")
    answers = [
        filled(browser, "/people/sign-in", {"username": "ann", "password": "wrong wrong"}).send(browser)
        for _ in range(site.portal.config.limits.sign_in_tries + 1)
    ]
    assert answers[-1].status_code == 429
    assert form_to(answers[-1].text, "/people/sign-in").typed() == {"username": "ann", "password": ""}
    assert ("toujours là" if language == "fr" else "still here") in answers[-1].text


def test_every_form_of_a_page_carries_its_marks(site: Any, browser: Any) -> None:
    for url in ("/people/me", "/mentoring/ask", "/tools/mapper/offer", "/notices/letters"):
        for form in forms_of(browser.get(f"{url}?uselang=en").text):
            assert {"csrf_token", "form_key", "form_page"} <= form.fields.keys(), form.action
            assert form.fields["form_page"] == url
    keys = re.findall(r'form_key" value="([^"]+)', browser.get("/people/me").text)
    assert len(set(keys)) == len(keys) > 3


def refuse(site: Any, monkeypatch: pytest.MonkeyPatch, action: str, error: Exception) -> None:
    """Let the view behind this address fail when a form is sent to it."""
    from flask import request

    endpoint, _values = site.app.url_map.bind(site.app.config["SERVER_NAME"]).match(action, method="POST")
    view = site.app.view_functions[endpoint]

    def failing(**values: Any) -> Any:
        if request.method == "POST":
            cookie["_flashes"] = [("done", "This was never done.")]
            raise error
        return view(**values)

    monkeypatch.setitem(site.app.view_functions, endpoint, failing)


def test_a_refused_form_speaks_the_language_of_its_page_under_the_number_of_its_request(
    browser: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    browser.get("/?uselang=fr")
    for too_large in (False, True):
        refused_in_french(browser, capfd, too_large)


def refused_in_french(browser: Any, capfd: pytest.CaptureFixture[str], too_large: bool) -> None:
    """Send a form that is refused, and look at the answer and the log."""
    form = filled(browser, "/people/me", {"about": "Bonjour" + " bonjour" * (20_000 if too_large else 1)})
    form.fields["csrf_token"] = "stale"
    capfd.readouterr()
    answer = form.send(browser)
    assert answer.status_code == (413 if too_large else 400)
    assert 'lang="fr"' in answer.text and "bonjour" in answer.text
    assert ("trop volumineux" if too_large else "Ce formulaire date") in answer.text
    logged = [line for line in capfd.readouterr().err.splitlines() if "path=/people/me " in line]
    assert len(logged) == 1
    assert f"request_id={answer.headers['X-Request-ID']}" in logged[0]
