"""What the pages of roles say, and to whom."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.mentoring.content import MENTOR
from portal.people.models import Person
from portal.people.passwords import hash_of
from portal.roles.content import STEWARD
from portal.roles.models import RoleHolder, RoleOffer
from tests import make
from tests.form_pages import filled, form_to
from tests.roles.conftest import Community

COORDINATOR = "mentoring-coordinator"

SCRIPT = "<script>alert('x')</script>"


def appoint(browser: Any, slug: str, **values: str) -> Any:
    return browser.post(f"/roles/{slug}/appoint", data={"person": "ana", "until": "", "reason": "Good work.", **values})


def holding_of(community: Community, person: Person, slug: str) -> RoleHolder:
    with community.site.unit_of_work() as session:
        found = select(RoleHolder).where(RoleHolder.person_id == person.id, RoleHolder.role == slug)
        return session.scalars(found.order_by(RoleHolder.id.desc())).first()


def test_the_page_of_roles_shows_each_with_holders_and_vacancies(community: Community) -> None:
    page = community.browser().get("/roles/").text
    for role in community.definitions:
        assert f"/roles/{role.slug}" in page
        assert role.text_in("en").purpose in page
    assert "1 seat is vacant" in page
    assert "3 seats are vacant" in page
    assert "Steward" in page


def test_a_role_that_nobody_holds_and_nobody_misses_has_not_enough_people(site: Any) -> None:
    parts = site.app.jinja_env.get_template("roles/_parts.html")
    cases = {
        "Offers are welcome": (0, 0, 3),
        "Enough people": (1, 1, 3),
        "Every seat is taken": (3, 1, 3),
        "2 seats": (0, 2, 0),
    }
    with site.app.test_request_context():
        for words, (held, least, most) in cases.items():
            role = SimpleNamespace(
                vacancies=lambda count, least=least: max(0, least - count),
                is_full=lambda count, most=most: bool(most) and count >= most,
            )
            assert words in parts.make_module({}).seats(role, held)


def test_a_role_says_what_it_asks_what_it_permits_and_who_holds_it(community: Community) -> None:
    page = community.browser().get(f"/roles/{STEWARD}").text
    for heading in ("Must", "Should", "May", "How to enter", "Term", "How to leave and hand over", "History"):
        assert heading in page
    assert "Appoint people to every role, and end it." in page
    assert "since November 23, 2026" in page
    assert "1 seat is vacant" in page
    assert "Appoint somebody" not in page


def test_a_role_is_shown_in_the_language_of_the_reader(community: Community) -> None:
    page = community.browser().get(f"/roles/{STEWARD}?uselang=fr").text
    assert "Intendance du portail" in page
    assert 'lang="en" dir' not in page


def test_an_unknown_role_is_a_kind_404(community: Community) -> None:
    answer = community.browser().get("/roles/emperor")
    assert answer.status_code == 404
    assert "There is no such role." in answer.text


@pytest.mark.parametrize("path", ["/roles/mentor/appoint", "/roles/translator/offer", "/roles/holders/1/end"])
def test_who_is_not_signed_in_is_asked_to(community: Community, path: str) -> None:
    for answer in (community.browser().get(path), community.browser().post(path)):
        assert answer.status_code == 302
        assert answer.location.startswith("/people/sign-in")


def test_without_the_role_nobody_appoints_ends_or_declines(community: Community) -> None:
    held, ana = holding_of(community, community.steward, STEWARD), community.browser(community.ana)
    for path in (f"/roles/{MENTOR}/appoint", f"/roles/holders/{held.id}/end", f"/roles/holders/{held.id}/step-down"):
        assert ana.get(path).status_code == 403
        assert ana.post(path, data={"person": "ana", "reason": "Me."}).status_code == 403
    assert holding_of(community, community.ana, MENTOR) is None
    assert holding_of(community, community.steward, STEWARD).ended_at is None


def test_nobody_appoints_themselves_while_somebody_else_can(community: Community) -> None:
    answer = appoint(community.browser(community.coordinator), MENTOR, person="coord")
    assert answer.status_code == 422
    assert "Leave it to somebody else" in answer.text
    assert holding_of(community, community.coordinator, MENTOR) is None


def test_a_steward_alone_takes_a_role_that_nobody_else_can_give(community: Community) -> None:
    assert appoint(community.browser(community.steward), COORDINATOR, person="steward").status_code == 303


def test_a_coordinator_appoints_mentors_and_no_stewards(community: Community) -> None:
    browser = community.browser(community.coordinator)
    assert appoint(browser, MENTOR).status_code == 303
    assert appoint(browser, STEWARD).status_code == 403
    assert holding_of(community, community.ana, MENTOR).appointed_by_id == community.coordinator.id


def test_an_appointment_begins_with_the_usual_term_and_shows_at_once(community: Community) -> None:
    browser = community.browser(community.steward)
    assert 'value="2027-11-23"' in browser.get(f"/roles/{COORDINATOR}/appoint").text
    answer = appoint(browser, COORDINATOR, until="2027-11-23")
    assert (answer.status_code, answer.location) == (303, f"/roles/{COORDINATOR}")
    page = browser.get(answer.location).text
    assert "Ana holds the role now, and is told." in page
    assert "until November 23, 2027" in page
    assert "Good work." in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"person": "nobody"}, "Nobody here has this username."),
        ({"person": ""}, "Write the username of the person."),
        ({"reason": " "}, "Write the reason."),
        ({"until": "2026-11-01"}, "The last day lies in the past."),
        ({"until": "soon"}, "Choose a day, or write it like 2026-12-31."),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    community: Community, values: dict[str, str], words: str
) -> None:
    answer = appoint(community.browser(community.steward), MENTOR, **values)
    assert answer.status_code == 422
    assert words in answer.text
    if "reason" not in values:
        assert "Good work." in answer.text
    assert holding_of(community, community.ana, MENTOR) is None


def test_a_person_is_found_by_a_part_of_the_name_without_a_script(community: Community) -> None:
    browser = community.browser(community.steward)
    page = browser.get(f"/roles/{MENTOR}/appoint?search=AN").text
    assert f"/roles/{MENTOR}/appoint?person=ana" in page
    assert "Nobody here is called that." in browser.get(f"/roles/{MENTOR}/appoint?search=%25").text
    assert 'value="ana"' in browser.get(f"/roles/{MENTOR}/appoint?person=ana").text


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": "Answers every question, <kindly>.", "until": "2027-03-01"},
        {"reason": "One\ntwo\nthree.", "until": ""},
        {"reason": "", "until": "2027-12-24"},
    ],
)
def test_searching_for_a_person_keeps_what_is_typed_and_appoints_nobody(
    community: Community, typed: dict[str, str]
) -> None:
    browser, url = community.browser(community.steward), f"/roles/{MENTOR}/appoint"
    form = filled(browser, url, {**typed, "search": "AN"})
    answer = browser.post(url, data={**form.fields, "form_look": "search"})
    assert answer.status_code == 200
    found = form_to(answer.text, url)
    assert {name: found.fields[name] for name in typed} == typed
    choose = f"{url}?person=ana"
    assert f'formaction="{choose}"' in answer.text
    answer = browser.post(choose, data={**found.fields, "form_look": "person"})
    chosen = form_to(answer.text, url)
    assert {name: chosen.fields[name] for name in ("person", *typed)} == {"person": "ana", **typed}
    assert holding_of(community, community.ana, MENTOR) is None


def test_enter_in_a_field_of_the_form_means_the_form_and_not_the_search(community: Community) -> None:
    typed = {"person": "ana", "reason": "Good work.", "until": "", "search": "", "form_look": "search"}
    answer = community.browser(community.steward).post(f"/roles/{MENTOR}/appoint", data=typed)
    assert answer.status_code == 303
    assert holding_of(community, community.ana, MENTOR) is not None


def test_a_second_appointment_reads_a_kind_sentence(community: Community) -> None:
    browser = community.browser(community.steward)
    appoint(browser, MENTOR)
    answer = appoint(browser, MENTOR)
    assert answer.status_code == 409
    assert "This person holds the role already" in answer.text
    assert "Good work." in answer.text


def test_ending_a_role_asks_first_and_keeps_the_reason_in_the_history(community: Community) -> None:
    browser = community.browser(community.steward)
    appoint(browser, MENTOR)
    held = holding_of(community, community.ana, MENTOR)
    assert "They lose the role’s permissions immediately" in browser.get(f"/roles/holders/{held.id}/end").text
    assert browser.post(f"/roles/holders/{held.id}/end", data={"reason": ""}).status_code == 422
    answer = browser.post(f"/roles/holders/{held.id}/end", data={"reason": "Moved on."})
    page = browser.get(answer.location).text
    assert "Moved on." in page
    assert "Ended by Steward." in page


def test_the_last_steward_reads_why_they_cannot_step_down(community: Community) -> None:
    held = holding_of(community, community.steward, STEWARD)
    browser = community.browser(community.steward)
    assert "Step down from this role" in browser.get(f"/roles/{STEWARD}").text
    answer = browser.post(f"/roles/holders/{held.id}/step-down", data={"reason": "Enough."})
    assert answer.status_code == 409
    assert "Nobody else here may appoint people." in answer.text
    assert "Enough." in answer.text


def test_the_last_steward_reads_on_the_form_why_their_account_stays(community: Community) -> None:
    with community.site.unit_of_work() as session:
        session.get(Person, community.steward.id).password_hash = hash_of(make.PASSWORD)
    browser = community.browser(community.steward)
    answer = browser.post("/people/me/delete", data={"password": make.PASSWORD})
    assert answer.status_code == 409
    assert "Nobody else here may appoint people. Appoint somebody to this role first" in answer.text
    assert "Delete my account for good" in answer.text
    assert "steward" in browser.get("/people/me").text


def test_an_offer_is_made_seen_by_those_who_appoint_and_withdrawn(community: Community) -> None:
    ana, steward = community.browser(community.ana), community.browser(community.steward)
    assert "Offer yourself" in ana.get("/roles/translator").text
    assert ana.post("/roles/translator/offer", data={"reason": "I speak Hausa."}).status_code == 303
    assert "Withdraw my offer" in ana.get("/roles/translator").text
    assert "I speak Hausa." in steward.get("/roles/translator").text
    assert "I speak Hausa." in steward.get("/roles/translator/appoint").text
    assert "I speak Hausa." not in community.browser(community.coordinator).get("/roles/translator").text
    assert ana.post("/roles/offers/1/withdraw").status_code == 303
    assert "I speak Hausa." not in steward.get("/roles/translator").text


def test_an_offer_is_declined_with_a_reason(community: Community) -> None:
    ana, steward = community.browser(community.ana), community.browser(community.steward)
    ana.post("/roles/translator/offer", data={"reason": "Me."})
    assert steward.post("/roles/offers/1/decline", data={"reason": ""}).status_code == 422
    assert ana.post("/roles/offers/1/decline", data={"reason": "Hm."}).status_code == 403
    assert steward.post("/roles/offers/1/decline", data={"reason": "Later."}).status_code == 303
    with community.site.unit_of_work() as session:
        assert session.get(RoleOffer, 1).answer == "Later."
    assert steward.get("/roles/offers/9/decline").status_code == 404


def test_mentors_apply_on_their_own_page(community: Community) -> None:
    page = community.browser(community.ana).get(f"/roles/{MENTOR}").text
    assert "/mentoring/apply" in page
    assert "Offer yourself" not in page
    assert community.browser(community.ana).get(f"/roles/{MENTOR}/offer").status_code == 409


def test_nothing_that_people_write_becomes_markup(community: Community) -> None:
    steward, ana = community.browser(community.steward), community.browser(community.ana)
    with community.site.unit_of_work() as session:
        session.get(Person, community.ana.id).display_name = SCRIPT
    ana.post("/roles/translator/offer", data={"reason": SCRIPT})
    pages = [steward.get(f"/roles/translator{path}").text for path in ("", "/appoint", f"/appoint?search={SCRIPT}")]
    appoint(steward, "translator", reason=SCRIPT)
    held = holding_of(community, community.ana, "translator")
    pages += [steward.get("/roles/translator").text, steward.get(f"/roles/holders/{held.id}/end").text]
    steward.post(f"/roles/holders/{held.id}/end", data={"reason": SCRIPT})
    pages += [steward.get("/roles/translator").text, ana.get("/notices").text, steward.get("/notices").text]
    assert all(SCRIPT not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages[:-2])


def test_a_new_steward_may_appoint_from_the_next_page_on(community: Community) -> None:
    ana = community.browser(community.ana)
    assert ana.get(f"/roles/{MENTOR}/appoint").status_code == 403
    community.appoint(STEWARD, community.ana)
    assert ana.get(f"/roles/{MENTOR}/appoint").location.startswith("/people/sign-in"), "who has power signs in anew"
    ana = community.browser(community.ana)
    assert ana.get(f"/roles/{MENTOR}/appoint").status_code == 200


def test_who_holds_a_role_may_open_every_page_its_text_links_to(community: Community) -> None:
    for role in community.definitions:
        with community.site.unit_of_work() as session:
            holder = make.person(session)
            make.role(session, holder, role.slug)
        browser = community.browser(holder)
        text = browser.get(f"/roles/{role.slug}").text.partition("<main")[2]
        for path in set(re.findall(r'href="(/[^"]*)"', text)):
            assert browser.get(path, follow_redirects=True).status_code == 200, (role.slug, path)


def test_whoever_may_not_is_told_which_role_permits_it_and_where_to_ask(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    page = make.sign_in(site.client(), ana).get("/mentoring/coordinate")
    assert page.status_code == 403
    assert '<a href="/roles/mentoring-coordinator">Mentoring coordinator</a>' in page.text
    assert "Its page says who holds it, whom you can ask" in page.text
