"""“I am stuck”: the words reach somebody who can help, by the shortest way there is."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from portal.activity.models import Event, LimitHit, Notice
from portal.core import clock
from portal.core.security_log import SecurityRow
from portal.mentoring.actions import pairings, requests
from portal.mentoring.feature import MESSAGES
from portal.mentoring.models import Message, Pairing, Request, RequestState
from portal.people.models import Person
from tests import made_content, make

STEP = "/tracks/first-steps/try-it"
STUCK = f"{STEP}/stuck"
TRIED = "I typed `git status` and it says: not a git repository."


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    """A site with the small track."""
    return make_site(content=made_content.with_track(made_content.copied(tmp_path)))


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return make.speaker(session, "ana")


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    return make.sign_in(site.client(), ana)


def pair(site: Any, ana: Person, mentor_name: str = "mo") -> Pairing:
    """A mentor takes Ana's request, and writes: it is Ana's turn."""
    with site.unit_of_work() as session:
        mentor = make.mentor(session, mentor_name)
        asked = make.request(session, ana)
        pairing = requests.claim(session, asked.id, mentor, clock.now())
        pairings.write(session, pairing.id, mentor, "Hello.", clock.now())
        return pairing


def second_mentor(site: Any, ana: Person) -> Pairing:
    """Another pairing of Ana's, from a time when a request was not yet one at a time."""
    with site.unit_of_work() as session:
        mentor = make.mentor(session, "pia")
        asked = make.request(session, ana, live_key=None, state=RequestState.PAIRED)
        return requests.pair(session, asked, mentor.id, clock.now())


def messages(site: Any) -> list[Message]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def the_request(site: Any) -> Request:
    with site.unit_of_work() as session:
        return session.scalars(select(Request)).one()


def test_a_visitor_signs_in_first_and_comes_back(site: Any) -> None:
    answer = site.client().get(STUCK)
    assert answer.status_code == 302
    assert "next=" in answer.location


def test_a_step_leads_to_it(browser: Any) -> None:
    page = browser.get(STEP).text
    assert f'<a class="button" href="{STUCK}">I am stuck</a>' in page


def test_the_mentor_reads_it_with_the_step_named_and_owes_the_next_word(site: Any, ana: Person, browser: Any) -> None:
    pairing = pair(site, ana)
    page = browser.get(STUCK).text
    assert "Stuck at “Try it”" in page
    assert ">Mo</bdi>" in page
    assert "Who sees this: your mentor and you" in page
    answer = browser.post(STUCK, data={"text": TRIED})
    said = messages(site)[-1]
    assert (answer.status_code, answer.location) == (303, f"/mentoring/pairings/{pairing.id}#message-{said.id}")
    assert said.author_id == ana.id
    assert said.text.endswith(f"\n\n{TRIED}")
    with site.unit_of_work() as session:
        kept = session.get_one(Pairing, pairing.id)
        assert kept.turn == "mentor"
        told = select(Notice.person_id).join(Event).where(Event.verb == "mentoring.message", Event.actor_id == ana.id)
        assert session.scalars(told).all() == [kept.mentor_id]
        mentor = session.get_one(Person, kept.mentor_id)
    thread = unescape(make.sign_in(site.client(), mentor).get(f"/mentoring/pairings/{pairing.id}").text)
    assert "I am stuck at the step “Try it” of the track “First steps”" in thread
    assert f'{STEP}"' in thread
    assert "<code>git status</code>" in thread


def test_it_speaks_the_language_of_who_asks(site: Any, ana: Person, browser: Any) -> None:
    pair(site, ana)
    page = browser.get(f"{STUCK}?uselang=fr").text
    assert "Essayez" in page
    browser.post(STUCK, data={"text": "Rien ne marche."})
    assert "« Essayez » du parcours « Premiers pas »" in messages(site)[-1].text.replace("\u00a0", " ")


def test_who_has_several_mentors_chooses_one(site: Any, ana: Person, browser: Any) -> None:
    first, second = pair(site, ana), second_mentor(site, ana)
    page = browser.get(STUCK).text
    assert page.count('type="radio"') == 2
    for mentor in ("", "99", str(first.id + 1000)):
        answer = browser.post(STUCK, data={"text": TRIED, "mentor": mentor})
        assert answer.status_code == 422
        assert TRIED in answer.text
    browser.post(STUCK, data={"text": TRIED, "mentor": str(second.id)})
    said = messages(site)
    assert [one.pairing_id for one in said if one.author_id == ana.id] == [second.id]


def test_a_mentor_who_is_stuck_does_not_write_to_their_own_mentees(site: Any, ana: Person) -> None:
    pairing = pair(site, ana)
    with site.unit_of_work() as session:
        mentor = session.get_one(Person, pairing.mentor_id)
    theirs = make.sign_in(site.client(), mentor)
    assert "You have no mentor yet." in theirs.get(STUCK).text
    assert theirs.post(STUCK, data={"text": TRIED}).status_code == 409
    assert len(messages(site)) == 1


def test_a_pairing_of_others_cannot_be_written_to(site: Any, ana: Person, browser: Any) -> None:
    with site.unit_of_work() as session:
        ben = make.speaker(session, "ben")
    theirs = pair(site, ben)
    pair(site, ana, "mia")
    browser.post(STUCK, data={"text": TRIED, "mentor": str(theirs.id)})
    assert [one.pairing_id == theirs.id for one in messages(site) if one.author_id == ana.id] == [False]


def test_with_an_open_request_it_is_added_there(site: Any, ana: Person, browser: Any) -> None:
    with site.unit_of_work() as session:
        asked = make.request(session, ana, "python", "git")
    page = browser.get(STUCK).text
    assert "I want to mend a gadget" in page
    answer = browser.post(STUCK, data={"text": TRIED})
    assert (answer.status_code, answer.location) == (303, f"/mentoring/requests/{asked.id}")
    with site.unit_of_work() as session:
        kept = session.get_one(Request, asked.id)
        assert kept.goal.startswith(asked.goal)
        assert kept.goal.endswith(TRIED)
        assert STEP in kept.goal
        assert {need.skill: need.need for need in kept.needs} == {"python": "must", "git": "want"}
        assert [one.code for one in kept.languages] == ["en"]
        assert kept.asked_at == asked.asked_at


def test_a_request_that_would_get_too_long_says_by_how_much(site: Any, ana: Person, browser: Any) -> None:
    with site.unit_of_work() as session:
        make.request(session, ana, goal="x" * 1900)
    answer = browser.post(STUCK, data={"text": TRIED})
    assert answer.status_code == 422
    assert "characters too long. Shorten it." in answer.text
    assert TRIED in answer.text
    assert the_request(site).goal == "x" * 1900


def test_who_has_nobody_is_led_to_asking_with_the_step_and_its_skills_filled_in(browser: Any) -> None:
    page = browser.get(STUCK).text
    assert "You have no mentor yet." in page
    assert "/help/how-pairing-works" in page
    href = unescape(page.split('class="button primary" href="')[1].split('"')[0])
    sent = parse_qs(urlsplit(href).query)
    assert sent["skill"] == ["git"]
    form = unescape(browser.get(href).text)
    assert "I am stuck at the step “Try it” of the track “First steps”" in form
    assert 'value="Git"' in form


def test_a_request_that_has_run_out_leads_to_asking_again(site: Any, ana: Person, browser: Any) -> None:
    with site.unit_of_work() as session:
        make.request(session, ana, live_key=None, state=RequestState.EXPIRED)
    assert "You have no mentor yet." in browser.get(STUCK).text


def test_what_was_typed_is_not_lost_when_the_mentor_has_gone_meanwhile(browser: Any) -> None:
    answer = browser.post(STUCK, data={"text": TRIED})
    assert answer.status_code == 409
    assert "You have no mentor and no open request at the moment." in answer.text
    assert "not a git repository" in answer.text


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_words_that_cannot_be_sent_come_back(site: Any, ana: Person, browser: Any, text: str) -> None:
    pair(site, ana)
    assert browser.post(STUCK, data={"text": text}).status_code == 422
    assert len(messages(site)) == 1


def test_so_many_calls_for_help_an_hour_are_enough(site: Any, ana: Person, browser: Any) -> None:
    pair(site, ana)
    assert [browser.post(STUCK, data={"text": TRIED}).status_code for _ in range(11)] == [303] * 10 + [429]
    answer = browser.post(STUCK, data={"text": TRIED})
    assert TRIED.split("`")[0] in answer.text
    assert len(messages(site)) == 11


def test_former_addresses_lead_on_and_others_are_not_there(site: Any, ana: Person, browser: Any) -> None:
    answer = browser.get("/tracks/old-steps/read-me/stuck")
    assert (answer.status_code, answer.location) == (301, "/tracks/first-steps/read-this-first/stuck")
    for path in ("/tracks/nothing/try-it/stuck", "/tracks/first-steps/nothing/stuck"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, data={"text": TRIED}).status_code == 404


def test_what_is_filled_in_for_asking_is_only_a_beginning(browser: Any) -> None:
    query = "&".join(["goal=" + "x" * 3000, "skill=<script>", "skill=nothing", *["skill=git"] * 20, "skill=python"])
    page = browser.get(f"/mentoring/ask?{query}")
    assert page.status_code == 200
    goal = page.text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert goal.strip() == "x" * 2000
    assert "<script>" not in page.text
    assert page.text.count('value="Git"') == 2  # in its field, and in the list that the field offers
    untouched = browser.get("/mentoring/ask").text
    assert 'value="Git"' in untouched
    assert untouched.count('value="Git"') == 1


def test_what_is_filled_in_does_not_come_back_over_what_was_typed(site: Any, browser: Any) -> None:
    typed = {"goal": "Mine, and long enough to be read.", "needs-0-skill": "python", "languages": ["en"]}
    assert browser.post("/mentoring/ask?goal=theirs&skill=git", data=typed).status_code == 303
    asked = the_request(site)
    assert asked.goal == typed["goal"]
    assert asked.asked_at > clock.now() - timedelta(minutes=5)
    with site.unit_of_work() as session:
        assert [need.skill for need in session.get_one(Request, asked.id).needs] == ["python"]


def test_who_writes_too_much_to_a_mentor_keeps_the_words_and_is_noted(site: Any, ana: Person, browser: Any) -> None:
    pair(site, ana)
    with site.unit_of_work() as session:
        for _ in range(MESSAGES.an_hour or 0):
            session.add(Event(at=clock.now(), verb="mentoring.message", actor_id=ana.id, values={}))
    answer = browser.post(STUCK, data={"text": TRIED})
    assert answer.status_code == 429
    assert TRIED in unescape(answer.text)
    with site.unit_of_work() as session:
        assert session.scalars(select(LimitHit)).one().act == MESSAGES.slug
        assert session.scalars(select(SecurityRow)).one().who_id == ana.id
