"""The dashboard names one next step: people who wait come before things, what was begun before what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.app import FEATURES
from portal.core import clock
from portal.core.dashboard import DashboardRequest, NextStep, NextStepRule
from portal.core.feature import Feature, Features
from portal.home.dashboard import next_steps
from portal.mentoring.actions import requests
from portal.mentoring.models import Mentor, MentorState, Pairing, RequestState, Side
from portal.people.models import Account, Person, PersonSkill
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleOffer
from portal.tools import actions as tool_actions
from portal.tracks import actions as track_actions
from portal.tracks.content import Tracks
from tests import made_content, make
from tests.home.test_dashboard import on_wiki, take, tool
from tests.home.test_views import add_change

GERRIT = '[[sources]]\nslug = "gerrit"\nkind = "gerrit"\nurl = "https://gerrit.example"\n'


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    """A site with the small track."""
    return make_site(content=made_content.with_track(made_content.copied(tmp_path)))


def step_for(site: Any, person: Person) -> NextStep:
    """What the dashboard says."""
    with site.unit_of_work() as session:
        asked = DashboardRequest(site.portal, session, session.get_one(Person, person.id), clock.now())
        return next_steps(site.portal.features, asked)[0]


def skilled(session: Any, username: str = "", **values: Any) -> Person:
    """Somebody who has said what they can do, and so is not new here."""
    person = make.person(session, username, **values)
    person.skills = [PersonSkill(skill="python", level=2)]
    session.flush()
    return person


def pair(session: Any, mentor: Person, mentee: Person, *, owing: Side, days: int = 0) -> int:
    """The two are paired, and one side has owed a word for so many days; the id of the pairing."""
    pairing: Pairing = requests.claim(session, make.request(session, mentee).id, mentor, clock.now())
    pairing.turn, pairing.turn_since = owing, clock.now() - timedelta(days=days, minutes=1)
    return pairing.id


def applied(session: Any) -> None:
    """Somebody applies as a mentor."""
    person = make.speaker(session)
    known = {"pitch": "I help.", "capacity": 1, "taken": 0, "applied_at": make.NOON}
    session.add(Mentor(person_id=person.id, state=MentorState.APPLIED, **known))


def test_somebody_brand_new_is_led_straight_to_the_first_step_of_a_track(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session)
    step = step_for(site, noor)
    assert (step.endpoint, step.args) == ("tracks.step", {"slug": "first-steps", "step_slug": "read-this-first"})
    assert "First steps" in step.sentence
    assert "3 steps" in step.sentence


def has_skills(_site: Any, _session: Any, person: Person) -> None:
    person.skills = [PersonSkill(skill="python", level=2)]


def has_asked(_site: Any, session: Any, person: Person) -> None:
    make.request(session, person)


def holds_a_role(_site: Any, session: Any, person: Person) -> None:
    make.role(session, person, "translator")


def looks_after_a_tool(_site: Any, session: Any, person: Person) -> None:
    person.accounts = [on_wiki("Noor")]
    tool(session, "mapper", "Noor")


def has_taken_a_track(site: Any, session: Any, person: Person) -> None:
    take(site, session, person, steps=0)


@pytest.mark.parametrize("begin", [has_skills, has_asked, holds_a_role, looks_after_a_tool])
def test_who_has_begun_something_is_not_told_to_begin(site: Any, begin: Callable[[Any, Any, Person], None]) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session)
        begin(site, session, noor)
    assert step_for(site, noor).endpoint != "tracks.step"


def test_a_track_that_was_begun_goes_on_before_anything_new_is_proposed(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session)
        take(site, session, noor, steps=1)
    step = step_for(site, noor)
    assert (step.endpoint, step.args) == ("tracks.step", {"slug": "first-steps", "step_slug": "try-it"})
    assert step.sentence == "Next in “First steps”: Try it."


def test_people_who_wait_come_before_ones_own_track(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, noor, olga = make.mentor(session, "ana"), make.speaker(session), make.speaker(session)
        pairing = pair(session, mentor, noor, owing=Side.MENTEE)
        olga.accounts = [on_wiki("Olga")]
        kept = tool(session, "heritage-api", "Olga", title="Heritage", wanted_since=make.NOON)
        for _ in range(2):
            tool_actions.offer_to_adopt(session, kept, make.speaker(session), "I can.", clock.now())
        for person in (noor, olga):
            take(site, session, person, steps=1)
    step = step_for(site, noor)
    assert (step.endpoint, step.args) == ("mentoring.pairing", {"pairing_id": pairing})
    assert step.sentence == "Ana waits for your answer."
    step = step_for(site, olga)
    assert (step.endpoint, step.args) == ("tools.show", {"name": "heritage-api", "_anchor": "offers"})
    assert step.sentence == "2 people could help with “Heritage” and wait for your answer."


def test_without_any_track_somebody_brand_new_is_asked_what_they_can_do(site: Any) -> None:
    site.portal.library.put(Tracks({}))
    with site.unit_of_work() as session:
        noor = make.person(session)
    assert step_for(site, noor).endpoint == "people.profile"


def test_then_they_are_led_to_a_mentor(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = skilled(session)
    assert step_for(site, noor).endpoint == "mentoring.ask"


def test_who_has_asked_or_mentors_or_holds_a_role_is_not_asked_to_ask(site: Any) -> None:
    with site.unit_of_work() as session:
        asker, mentor, holder = make.speaker(session, python=1), make.mentor(session), skilled(session)
        mentee = make.speaker(session, python=1)
        pair(session, make.mentor(session), mentee, owing=Side.MENTOR)
        make.request(session, asker, musts="java")
        make.role(session, holder, "translator")
    for person in (asker, mentor, mentee, holder):
        assert step_for(site, person).endpoint == "reviews.queue"


def test_a_request_that_ran_out_asks_to_ask_again(site: Any) -> None:
    with site.unit_of_work() as session:
        asker = make.speaker(session, python=1)
        make.request(session, asker, state=RequestState.EXPIRED, live_key=None)
    assert step_for(site, asker).endpoint == "mentoring.ask"


def test_a_person_who_waits_comes_first(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, ana = make.mentor(session), make.speaker(session, "ana")
        pairing = pair(session, mentor, ana, owing=Side.MENTOR, days=3)
        make.role(session, mentor, "mentoring-coordinator")
        applied(session)
        make.request(session, make.speaker(session))
    step = step_for(site, mentor)
    assert (step.endpoint, step.args) == ("mentoring.pairing", {"pairing_id": pairing})
    assert step.sentence == "Ana has waited 3 days for your answer."


def test_ones_own_change_comes_before_other_peoples_requests(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session)
        mentor.accounts = [Account(service="gerrit", username="mira", added_at=make.NOON)]
        add_change(
            session, title="Mend the tests", author_username="mira", waiting_on="author", url="https://gerrit.example/1"
        )
        make.request(session, make.speaker(session))
    step = step_for(site, mentor)
    assert step.url == "https://gerrit.example/1"
    assert "Mend the tests" in step.sentence


def test_a_change_without_an_address_leads_to_its_page_here(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = skilled(session)
        noor.accounts = [Account(service="gerrit", username="noor", added_at=make.NOON)]
        add_change(session, title="Mend it", author_username="noor", waiting_on="author", url="")
    step = step_for(site, noor)
    assert (step.endpoint, step.url) == ("reviews.change", "")
    assert "Mend it" in step.sentence


def test_a_coordinator_is_told_of_applications(site: Any) -> None:
    with site.unit_of_work() as session:
        coordinator = skilled(session)
        make.role(session, coordinator, "mentoring-coordinator")
        applied(session)
    step = step_for(site, coordinator)
    assert (step.endpoint, step.sentence) == (
        "mentoring.applications",
        "1 person applied as a mentor and waits for your answer.",
    )


def test_who_looks_after_roles_is_told_of_offers_and_then_of_vacant_seats(site: Any) -> None:
    with site.unit_of_work() as session:
        steward, other = skilled(session), make.person(session)
        make.role(session, steward, "portal-steward")
        offer = RoleOffer(
            role="translator", person_id=other.id, reason="I can.", state="open", created_at=make.NOON, open_key="x"
        )
        session.add(offer)
    assert step_for(site, steward).sentence == "1 person offers to take a role and waits for an answer."
    with site.unit_of_work() as session:
        session.merge(offer).state = "declined"
    vacant = sum(role.min_seats for role in site.portal.library.get(RoleDefinitions)) - 1
    assert step_for(site, steward).sentence == f"{vacant} seats in roles are vacant. You can appoint somebody."


def test_an_account_is_asked_for_where_one_can_be_named(make_site: Any) -> None:
    site = make_site(GERRIT)
    with site.unit_of_work() as session:
        noor = make.speaker(session, python=1)
        make.request(session, noor)
    step = step_for(site, noor)
    assert (step.endpoint, step.args) == ("people.profile", {"_anchor": "accounts"})


def test_a_mentor_is_told_of_requests_that_fit(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session)
        for _ in range(2):
            make.request(session, make.speaker(session))
    assert step_for(site, mentor).sentence == "2 newcomers ask for what you can teach."


def test_a_mentor_who_is_away_is_told_of_none_until_they_are_back(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor = make.mentor(session)
        make.request(session, make.speaker(session, "yuki"))
        session.get_one(Mentor, mentor.id).away_until = clock.now() + timedelta(days=3)
    page = make.sign_in(site.client(), mentor)
    assert "Requests that fit you" not in page.get("/dashboard").text
    assert "Yuki" not in page.get("/dashboard").text
    page.post("/mentoring/back")
    assert step_for(site, mentor).sentence == "1 newcomer asks for what you can teach."


def test_a_reviewer_is_told_of_newcomers(site: Any) -> None:
    with site.unit_of_work() as session:
        mentor, other = make.mentor(session), make.mentor(session)
        make.role(session, mentor, "code-reviewer")
        add_change(session)
    assert step_for(site, mentor).args == {"newcomer": "yes", "waiting_on": "reviewer"}
    assert step_for(site, other).args == {}


def test_a_finished_track_is_not_gone_on_with(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = skilled(session)
        take(site, session, noor, steps=1)
        tracks = site.portal.library.get(Tracks)
        track_actions.pause(session, next(iter(tracks)), noor, clock.now())
    assert step_for(site, noor).endpoint == "mentoring.ask"


@given(st.lists(st.tuples(st.integers(1, 200), st.booleans()), max_size=12))
def test_of_all_that_applies_the_most_urgent_is_shown_and_there_is_always_one(rules: list[tuple[int, bool]]) -> None:
    def proposes(order: int, applies: bool) -> NextStepRule:
        return NextStepRule(order, lambda _asked: NextStep(str(order), "Go", "home.front") if applies else None)

    always = NextStepRule(1000, lambda _asked: NextStep("1000", "Go", "home.front"))
    rooms = [Feature(f"room{place}", next_steps=(proposes(*rule),)) for place, rule in enumerate(rules)]
    features = Features([Feature("last", next_steps=(always,)), *rooms])
    asked: Any = SimpleNamespace()
    assert int(next_steps(features, asked)[0].sentence) == min([1000, *(order for order, applies in rules if applies)])


def test_each_room_proposes_in_an_order_of_its_own() -> None:
    orders = [rule.order for rule in Features(FEATURES).next_steps]
    assert orders == sorted(set(orders))
