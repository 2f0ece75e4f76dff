"""What stands first on a dashboard: what waits on this person, how things stand that they wait for; no empty boxes."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.core import clock
from portal.mentoring.actions import mentors, requests
from portal.mentoring.models import Mentor, Pairing, RequestState, Side
from portal.people.models import Account, Person, PersonSkill
from portal.roles import offers
from portal.roles.content import RoleDefinitions
from portal.tools import actions as tool_actions
from tests import made_content, make
from tests.home.test_dashboard import dashboard, on_wiki, take, tool
from tests.home.test_next_step import GERRIT, applied, pair, skilled
from tests.home.test_views import add_change


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    """A site with the small track."""
    return make_site(content=made_content.with_track(made_content.copied(tmp_path)))


def part(page: str, heading: str) -> str:
    """The words and links below a heading."""
    found = re.search(rf'<h2 id="{heading}">.*?</section>', page, re.S)
    return found[0] if found else ""


def ways_in(page: str) -> list[str]:
    """Where somebody is invited to begin something, in the one line for it."""
    return re.findall(r">([^<]+)</a>", page.partition("More ways to take part:")[2].partition("</p>")[0])


def test_what_somebody_waits_for_stands_below_the_most_urgent_each_with_its_act(site: Any) -> None:
    with site.unit_of_work() as session:
        mira, noor, olga = make.mentor(session, "mira"), make.speaker(session, "noor"), make.speaker(session, "olga")
        pairing = pair(session, mira, noor, owing=Side.MENTOR)
        mira.accounts = [on_wiki("Mira")]
        kept = tool(session, "mapper", "Mira", wanted_since=make.NOON)
        tool_actions.offer_to_adopt(session, kept, olga, "I can.", clock.now())
        make.request(session, make.speaker(session))
    page = dashboard(site, mira)
    assert f'class="button primary" href="/mentoring/pairings/{pairing}"' in page
    assert page.count('class="button primary"') == 1
    acts = re.findall(r'class="end" href="([^"]+)"', part(page, "also"))
    assert acts == ["/tools/mapper#offers", "/mentoring/requests"]
    assert page.index('id="also"') < page.index("My mentoring")


def test_a_coordinator_sees_what_waits_in_the_queue(site: Any) -> None:
    with site.unit_of_work() as session:
        coordinator = skilled(session, "cora")
        make.role(session, coordinator, "mentoring-coordinator")
        applied(session)
        for days in (1, 15, 22):
            make.request(session, make.speaker(session), asked_at=clock.now() - timedelta(days=days, hours=1))
        mira = make.mentor(session, "mira")
        for nudged_days in (0, 7, 14):
            pairing_id = pair(session, mira, make.speaker(session), owing=Side.MENTEE)
            session.get_one(Pairing, pairing_id).nudged_days = nudged_days
            mira_row = session.get_one(Mentor, mira.id)
            mira_row.taken = 0
    page = dashboard(site, coordinator)
    assert "1 person applied as a mentor and waits for your answer." in page
    assert "2 newcomers have found no mentor yet; the longest wait is 3 weeks." in part(page, "also")
    assert 'href="/mentoring/coordinate#requests"' in part(page, "also")
    assert "In 1 pairing nobody answers any more." in part(page, "also")
    assert "Ask for a mentor" not in page


def test_a_coordinator_who_applied_does_not_wait_for_themselves(site: Any) -> None:
    with site.unit_of_work() as session:
        coordinator = make.speaker(session, "cora", python=2)
        make.role(session, coordinator, "mentoring-coordinator")
        mentors.offer_help(session, coordinator, "I help.", 1, clock.now())
    page = dashboard(site, coordinator)
    assert "applied as a mentor and waits" not in page
    assert "See your application" in part(page, "awaited")


def test_nobody_else_sees_what_waits_on_coordinators(site: Any) -> None:
    with site.unit_of_work() as session:
        steward = skilled(session, "stew")
        make.role(session, steward, "portal-steward")
        applied(session)
        make.request(session, make.speaker(session), asked_at=clock.now() - timedelta(days=30))
    page = dashboard(site, steward)
    assert "/mentoring/coordinate" not in page
    assert "/mentoring/applications" not in page


def test_a_steward_of_tools_sees_which_offer_nobody_answers(site: Any) -> None:
    with site.unit_of_work() as session:
        stew, other = skilled(session, "stew"), skilled(session, "other")
        make.role(session, stew, "portal-steward")
        for name, days in (("mapper", 15), ("clock", 22), ("fresh", 3)):
            kept = tool(session, name, wanted_since=make.NOON)
            at = clock.now() - timedelta(days=days, hours=1)
            tool_actions.offer_to_adopt(session, kept, make.speaker(session), "I can.", at)
    page = dashboard(site, stew)
    assert "1 person offered to help with “Clock” 3 weeks ago, and nobody has answered." in page
    assert 'class="button primary" href="/tools/clock#offers"' in page
    assert "nobody has answered" not in dashboard(site, other)


def test_an_applicant_is_told_where_the_application_stands(site: Any) -> None:
    with site.unit_of_work() as session:
        dia, cora = make.speaker(session, "dia", python=3), make.person(session, "cora")
        make.role(session, cora, "mentoring-coordinator")
        mentors.offer_help(session, dia, "I help.", 1, clock.now() - timedelta(days=3, hours=1))
    page = dashboard(site, dia)
    assert "Your application as a mentor has been waiting for a coordinator for 3 days." in part(page, "awaited")
    assert 'href="/mentoring/apply"' in part(page, "awaited")
    assert "Ask for a mentor" not in page
    with site.unit_of_work() as session:
        mentors.decline(session, dia.id, session.get(Person, cora.id), "Try a review first.", clock.now())
    assert "was declined" in part(dashboard(site, dia), "awaited")
    with site.unit_of_work() as session:
        session.get_one(Mentor, dia.id).decided_at = clock.now() - timedelta(days=31)
    assert part(dashboard(site, dia), "awaited") == "", "that is no news any more"


def test_who_offers_to_take_a_role_is_told_how_that_stands(site: Any) -> None:
    with site.unit_of_work() as session:
        tomi, stew = skilled(session, "tomi", language="fr"), make.person(session, "stew")
        make.role(session, stew, "portal-steward")
        roles = site.portal.library.get(RoleDefinitions)
        open_one = offers.offer(
            session, roles.get("translator"), tomi, "I do.", clock.now() - timedelta(days=2, hours=1)
        )
        declined = offers.offer(session, roles.get("track-author"), tomi, "I do.", clock.now())
        offers.decline(session, declined, stew, "Write <one> page first.", clock.now())
    page = part(make.sign_in(site.client(), tomi).get("/dashboard?uselang=en").text, "awaited")
    assert "has waited 2 days for an answer." in page
    assert "was declined: Write &lt;one&gt; page first." in page
    assert 'href="/roles/translator"' in page
    with site.unit_of_work() as session:
        offers.withdraw(session, session.merge(open_one), session.get(Person, tomi.id), clock.now())
    assert "has waited" not in dashboard(site, tomi)


def test_who_asked_for_a_mentor_is_told_how_that_stands(site: Any) -> None:
    with site.unit_of_work() as session:
        noor, yuki = make.speaker(session, "noor", python=1), make.speaker(session, "yuki", python=1)
        make.request(session, noor, asked_at=clock.now() - timedelta(days=5, hours=1))
        make.request(session, yuki, state=RequestState.EXPIRED, live_key=None)
    assert "Your request has been open for 5 days." in part(dashboard(site, noor), "awaited")
    assert "Ask for a mentor" not in dashboard(site, noor)
    assert "Your request has expired" in part(dashboard(site, yuki), "awaited")
    with site.unit_of_work() as session:
        requests.claim(session, 1, make.mentor(session, "mira"), clock.now())
    assert part(dashboard(site, noor), "awaited") == ""


def by_skill(session: Any, person: Person) -> None:
    person.skills = [PersonSkill(skill="code-review", level=3)]


def by_role(session: Any, person: Person) -> None:
    make.role(session, person, "queue-owner")


def by_changes(session: Any, person: Person) -> None:
    person.accounts = [Account(service="gerrit", username="nora", added_at=make.NOON)]
    add_change(session, is_newcomer=False)


def by_tool(session: Any, person: Person) -> None:
    person.accounts = [on_wiki("Nora")]
    tool(session, "mapper", "Nora")


@pytest.mark.parametrize("helps", [by_skill, by_role, by_changes, by_tool])
def test_nobody_who_reviews_or_looks_after_something_is_told_to_ask_for_a_mentor(site: Any, helps: Any) -> None:
    with site.unit_of_work() as session:
        nora, other = skilled(session, "nora"), skilled(session, "other")
        helps(session, nora)
    assert "Ask for a mentor" not in dashboard(site, nora)
    assert "Become a mentor" in ways_in(dashboard(site, nora))
    assert "Ask for a mentor" in dashboard(site, other)


def test_a_reviewer_sees_which_newcomers_wait_longest(site: Any) -> None:
    with site.unit_of_work() as session:
        reviewer = skilled(session, "rui")
        make.role(session, reviewer, "code-reviewer")
        for number in (1, 2, 3):
            add_change(session, number)
        add_change(session, 4, is_newcomer=False, title="Not new")
    page = dashboard(site, reviewer)
    assert "3 changes of newcomers wait for a reviewer." in page
    assert re.findall(r'href="https://gerrit.example/c/(\d)"', part(page, "newcomers")) == ["3", "2", "1"]
    assert "Not new" not in page


def test_empty_cards_fold_into_one_line(make_site: Any, tmp_path: Path) -> None:
    site = make_site(GERRIT, content=made_content.with_track(made_content.copied(tmp_path)))
    with site.unit_of_work() as session:
        noor = skilled(session, "noor")
    page = dashboard(site, noor)
    assert 'class="card"' not in page
    assert set(ways_in(page)) == {
        "Add an account",
        "See the review queue",
        "See the roles",
        "See tools that need somebody",
        "See the tracks",
    }, "the next step, asking for a mentor, is not said twice"
    with site.unit_of_work() as session:
        take(site, session, session.get(Person, noor.id), steps=1)
        make.role(session, session.get(Person, noor.id), "translator")
    page = dashboard(site, noor)
    assert page.count('class="card"') == 2
    assert not {"See the roles", "See the tracks"} & set(ways_in(page))


def test_the_sites_name_leads_to_what_is_next_for_who_is_signed_in(site: Any) -> None:
    with site.unit_of_work() as session:
        noor = make.person(session, "noor")
    browser = make.sign_in(site.client(), noor)
    for page in ("/", "/roles/", "/nothing-here"):
        assert 'class="site-name" href="/dashboard"' in browser.get(page).text
        assert 'class="site-name" href="/"' in site.client().get(page).text
    assert '<a href="/">Front page</a>' in browser.get("/roles/").text


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Ce que vous attendez"), ("es", "Lo que esperas"), ("ar", "ما تنتظره")]
)
def test_the_first_screen_speaks_the_readers_language(site: Any, language: str, words: str) -> None:
    with site.unit_of_work() as session:
        noor = make.speaker(session, "noor", python=1)
        make.request(session, noor)
    assert words in make.sign_in(site.client(), noor).get(f"/dashboard?uselang={language}").text
