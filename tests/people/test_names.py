"""Names: which can be had, which is offered instead, who gets none of those of others, and how one changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from portal.core.content import Library, Problems, content_folder
from portal.core.content_files import ContentFiles
from portal.core.errors import Conflict, Invalid
from portal.people import actions, kept_names, queries, rules
from portal.people.kept_names import KeptNames
from portal.people.models import KeptUsername, Letter, Person
from portal.people.usernames import numbered, username_from
from tests import make
from tests.make import NOON, PASSWORD

SIGN_UP = {"username": "ana", "display_name": "Ana Lima", "email": "", "password": PASSWORD, "language": "en"}
DAY = timedelta(days=1)


def sign_up(site: Any, browser: Any = None, **typed: str) -> Any:
    return (browser or site.client()).post("/people/sign-up", data=SIGN_UP | typed)


def offered(page: str) -> str:
    """What the button takes that the page offers."""
    found = re.search(r'name="offered" value="([^"]*)"', page)
    return found[1] if found else ""


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return actions.create_person(
            session, "ana", "Ana", PASSWORD, "ana@example.org", "en", NOON, is_email_known=True
        )


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    return make.sign_in(site.client(), ana)


@pytest.mark.parametrize(
    ("typed", "username"),
    [
        ("José García", "jose-garcia"),
        ("Łucja Żółć", "lucja-zolc"),
        ("  O’Neil   3rd ", "oneil-3rd"),
        ("Søren Ærø", "soren-aero"),
        ("ＡＮＡ", "ana"),
        ("Straße/Köln", "strasse-koln"),
        ("@ana_lima!", "ana_lima"),
        ("ana.lima@example.org", "ana.lima-example.org"),
        ("x" * 60, "x" * 39),
        ("李小龙", ""),
        ("!", ""),
    ],
)
def test_a_username_is_made_of_a_name(typed: str, username: str) -> None:
    made = username_from(typed)
    assert made == username
    assert not made or rules.objection_to_username(made) is None


def test_numbered_names_are_as_long_as_may_be() -> None:
    names = numbered("a" * 39)
    assert len(set(names)) == len(names) == 30
    assert all(rules.objection_to_username(name) is None for name in names)


@pytest.mark.parametrize(
    ("typed", "username"),
    [("José García", "jose-garcia"), ("Marie-Ève Roy", "marie-eve-roy"), ("ANA LUÍSA", "ana-luisa"), ("ana", "ana-2")],
)
def test_one_press_takes_the_name_that_is_offered(site: Any, ana: Person, typed: str, username: str) -> None:
    browser = site.client()
    page = sign_up(site, browser, username=typed, display_name="Kim").text
    assert offered(page) == username
    assert sign_up(site, browser, username=typed, display_name="Kim", offered=username).status_code == 303
    assert username in browser.get("/people/me").text


def test_the_next_free_one_is_offered_when_it_is_taken(site: Any) -> None:
    with site.unit_of_work() as session:
        for username in ("jose-garcia", "jose-garcia-2"):
            make.person(session, username)
        session.add(KeptUsername(mark=rules.mark_of_username("jose-garcia-3"), kept_since=NOON))
    assert offered(sign_up(site, username="José García").text) == "jose-garcia-4"


def test_where_no_letter_can_be_kept_the_name_itself_helps(site: Any) -> None:
    assert offered(sign_up(site, username="李小龙", display_name="Bruce Lee").text) == "bruce-lee"
    assert offered(sign_up(site, username="李小龙", display_name="李小龙").text) == ""


def test_nothing_is_offered_where_the_username_is_right(site: Any) -> None:
    assert offered(sign_up(site, password="short").text) == ""
    assert offered(site.client().get("/people/sign-up").text) == ""


def test_enter_does_not_press_the_offer(site: Any) -> None:
    page = sign_up(site, username="José García").text
    first = re.search(r"<button[^>]*type=\"submit\"[^>]*>", page.partition('id="username"')[2])
    assert first is not None
    assert "offered" not in first[0]


@pytest.mark.parametrize(
    "name",
    [
        "admin", "Adm1n", "ADMINS", "admin-2", "4dm1n", "portal-admin", "support_team", "m0derator", "postmaster",
        "mentor", "mentors", "code-reviewer", "codereviewer", "portal.steward", "translator7",
    ],
)  # fmt: skip
def test_names_of_staff_and_roles_are_kept_back(site: Any, name: str) -> None:
    page = sign_up(site, username=name)
    assert page.status_code == 422
    assert "kept for those who run the site" in page.text
    assert offered(page.text) in ("", "ana-lima")


@pytest.mark.parametrize("name", ["Administrator", "Аdmin", "Portal Support", "Mentor", "Códe Reviewer", "MODERATORS"])
def test_nobody_is_called_like_staff(site: Any, ana: Person, browser: Any, name: str) -> None:
    assert 'id="display_name-error"' in sign_up(site, display_name=name, username="kim").text
    answer = browser.post("/people/me", data={"display_name": name, "language": "en", "time_zone": ""})
    assert answer.status_code == 422
    assert 'id="display_name-error"' in answer.text


@pytest.mark.parametrize("name", ["Adminah Okoro", "Mentoria", "Helper Lee", "Rolf Moder", "Roots", "Bo Support"])
def test_names_that_only_sound_so_can_be_had(site: Any, name: str) -> None:
    kept = site.portal.library.get(KeptNames)
    assert kept.reason_for(name) is None or name == "Roots"


def test_who_was_given_such_a_name_keeps_it_and_whoever_runs_the_site_gives_it(site: Any) -> None:
    with site.unit_of_work() as session:
        steward = actions.create_person(session, "support", "Support", PASSWORD, None, "en", NOON)
    saved = {"display_name": "Support", "about": "We help.", "language": "en", "time_zone": ""}
    assert make.sign_in(site.client(), steward).post("/people/me", data=saved).status_code == 303


def check(folder: Path, text: str) -> tuple[KeptNames, list[str]]:
    (folder / "reserved-names.toml").write_text(text, "utf-8")
    problems, library = Problems(), Library()
    kept_names.load(ContentFiles(folder), problems, library)
    return library.get(KeptNames), [f"{one.line}: {one.what}" for one in problems.found]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[names]]\nname = "admin"\n', "1: reason: field required"),
        ('[[names]]\nreason = "Because of something."\n', "1: name: field required"),
        ('[[names]]\nname = "admin"\nreason = "short"\n', "3: reason:"),
        ('[[names]]\nname = "The Admin"\nreason = "Because of something."\n', "2: name:"),
        ('[[names]]\nname = "admin"\nreason = "Because of something."\nwhy = 1\n', "4: why:"),
        (
            '[[names]]\nname = "admin"\nreason = "Because it."\n[[names]]\nname = "4dmins"\nreason = "Because so."\n',
            "5: “4dmins” is read like “admin”",
        ),
        ("[people]\n", "1: unknown table people"),
        ('names = "admin"\n', "names is not a list of tables"),
        ("[[names\n", "not valid TOML"),
    ],
)
def test_a_slip_in_the_list_is_named_by_its_line(tmp_path: Path, text: str, problem: str) -> None:
    _kept, problems = check(tmp_path, text)
    assert any(problem in one for one in problems), problems


def test_the_shipped_list_is_sound_and_may_be_left_out(tmp_path: Path) -> None:
    kept, problems = check(tmp_path, (content_folder() / "reserved-names.toml").read_text("utf-8"))
    assert problems == []
    assert len(kept.reasons) > 30
    (tmp_path / "reserved-names.toml").unlink()
    library = Library()
    kept_names.load(ContentFiles(tmp_path), Problems(), library)
    assert library.get(KeptNames).reasons == {}


def test_the_name_of_who_left_is_not_given_away(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get_one(Person, ana.id), NOON)
    for typed in ("ana", "ANA"):
        page = sign_up(site, username=typed)
        assert page.status_code == 422
        assert "This username is taken." in page.text
        assert offered(page.text) == "ana-2"
    with site.unit_of_work() as session, pytest.raises(Invalid):
        actions.create_person(session, "ana", "Eve", PASSWORD, None, "en", NOON)
    with site.unit_of_work() as session:
        [kept] = session.scalars(select(KeptUsername))
        assert kept.person_id is None
        assert "ana" not in kept.mark
    assert site.client().get("/people/ana").status_code == 404


def change(browser: Any, username: str) -> Any:
    return browser.post("/people/me/username", data={"username": username})


def let_pass(site: Any, ana: Person, days: int) -> None:
    """So many days have passed since the last change."""
    with site.unit_of_work() as session:
        changed = datetime.now(UTC) - days * DAY
        session.execute(update(Person).where(Person.id == ana.id).values(username_changed_at=changed))


def test_a_username_is_changed_by_its_owner_and_the_old_address_leads_on(site: Any, ana: Person, browser: Any) -> None:
    assert change(browser, "Anna.Lima").status_code == 303
    assert "anna.lima" in browser.get("/people/me").text
    answer = site.client().get("/people/ana")
    assert (answer.status_code, answer.location) == (303, "/people/anna.lima")
    assert site.client().get("/people/anna.lima").status_code == 200
    for name in ("ana", "anna.lima"):
        fresh = site.client()
        fresh.post("/people/sign-in", data={"username": name, "password": PASSWORD})
        assert fresh.get("/people/me").status_code == 200
    assert sign_up(site, username="ana").status_code == 422


def test_others_lists_feeds_and_the_api_have_the_new_name(site: Any) -> None:
    with site.unit_of_work() as session:
        mia = make.mentor(session, "mia")
        mia.password_hash = actions.passwords.hash_of(PASSWORD)
    pages = ["/mentoring/mentors", "/mentoring/mentors.csv", "/roles/mentor", "/api/v1/roles/mentor"]
    visitor = make.sign_in(site.client(), mia)
    before = {page: visitor.get(page) for page in pages}
    shown = [page for page, answer in before.items() if "mia" in answer.text]
    assert len(shown) >= 3, {page: answer.status_code for page, answer in before.items()}
    change(visitor, "mia-2026")
    for page in shown:
        text = visitor.get(page).text
        assert "mia-2026" in text, page
        assert not re.search(r"people/mia\b(?!-2026)", text), page


def test_the_password_is_asked_for_and_a_wrong_one_changes_nothing(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana, at=datetime.now(UTC) - timedelta(hours=1))
    answer = browser.post(change(browser, "anna").location, data={"password": "wrong wrong wrong"})
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert change(browser, "anna").location.startswith("/people/prove")
    assert site.client().get("/people/anna").status_code == 404


@pytest.mark.parametrize("days", [0, 1, 29])
def test_it_is_changed_once_in_a_while_only(site: Any, ana: Person, browser: Any, days: int) -> None:
    change(browser, "anna")
    let_pass(site, ana, days)
    page = browser.get("/people/me/username").text
    assert "You can change it again in" in page
    assert 'name="password"' not in page
    assert change(browser, "annie").status_code == 409
    assert site.client().get("/people/anna").status_code == 200


def test_after_a_month_it_is_changed_again_and_every_old_name_leads_on(site: Any, ana: Person, browser: Any) -> None:
    for name in ("anna", "annie", "ana"):
        assert change(browser, name).status_code == 303, name
        let_pass(site, ana, 30)
    assert [site.client().get(f"/people/{name}").location for name in ("anna", "annie", "ana")] == [
        "/people/ana",
        "/people/ana",
        None,
    ]


@pytest.mark.parametrize("name", ["bo", "gone", "José García", "admin", "me", "deleted-7"])
def test_what_cannot_be_had_is_refused_and_another_offered(site: Any, browser: Any, name: str) -> None:
    with site.unit_of_work() as session:
        make.person(session, "bo")
        session.add(KeptUsername(mark=rules.mark_of_username("gone"), kept_since=NOON))
    answer = change(browser, name)
    assert answer.status_code == 422
    assert 'id="username-error"' in answer.text
    free = offered(answer.text)
    assert free
    taken = browser.post("/people/me/username", data={"username": name, "offered": free})
    assert taken.status_code == 303


def test_a_letter_tells_of_the_new_name(site: Any, ana: Person, browser: Any) -> None:
    change(browser, "anna")
    with site.unit_of_work() as session:
        [letter] = session.scalars(select(Letter).where(Letter.template == "people.username_changed"))
    assert letter.values == {"before": "ana"}


def test_nobody_tries_names_without_end(site: Any, browser: Any) -> None:
    tries = site.portal.config.limits.sign_in_tries
    answers = [change(browser, "admin").status_code for _ in range(tries + 1)]
    assert answers == [422] * tries + [429]


def test_of_two_changes_at_once_one_is_done(site: Any, ana: Person) -> None:
    with site.unit_of_work() as first:
        seen = first.get_one(Person, ana.id)
        first.expunge(seen)
    with site.unit_of_work() as session:
        actions.change_username(session, session.get_one(Person, ana.id), "anna", NOON)
    with site.unit_of_work() as session, pytest.raises(Conflict):
        actions.change_username(session, seen, "annie", NOON)


def test_who_leaves_takes_all_their_names_along(site: Any, ana: Person, browser: Any) -> None:
    change(browser, "anna")
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.get_one(Person, ana.id), NOON)
    with site.unit_of_work() as session:
        assert {kept.person_id for kept in session.scalars(select(KeptUsername))} == {None}
    for name in ("ana", "anna"):
        assert site.client().get(f"/people/{name}").status_code == 404
        with time_machine.travel(datetime.now(UTC) + DAY, tick=False):
            assert sign_up(site, username=name).status_code == 422


def test_a_name_is_known_by_its_old_form_wherever_it_is_typed(site: Any, ana: Person, browser: Any) -> None:
    change(browser, "anna")
    with site.unit_of_work() as session:
        for typed in ("ana", "ANNA", "ana@example.org"):
            found = queries.by_name_or_email(session, typed)
            assert found is not None
            assert found.id == ana.id
