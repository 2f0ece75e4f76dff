"""Who runs a new site reads what it needs, known from what is set and stored, until all of it is done."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select

from portal import backup
from portal.cli import main
from portal.contributions.actions import register_sources
from portal.contributions.models import Source
from portal.core import clock, milestones
from portal.mail.models import MailState
from portal.people.models import Letter, Person
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder
from tests import make
from tests.home.test_next_step import GERRIT

MAIL = '[mail]\nhost = "mail.example.org"\nsender = "Portal <portal@example.org>"\n'
NAMED = '[site]\nname = "Otter Friends"\n'


def steward_of(site: Any, username: str = "stew") -> Person:
    with site.unit_of_work() as session:
        steward = make.person(session, username)
        make.role(session, steward, "portal-steward")
        return steward


def lines(site: Any, person: Person) -> dict[str, bool]:
    """Each line of the list, and whether it is done; nothing when there is no list."""
    page = make.sign_in(site.client(), person).get("/dashboard?uselang=en").text
    listed = re.search(r'id="setup".*?</section>', page, re.S)
    items = re.findall(r'<li>\s*<span class="status status-(\w+)">[^<]*</span>\s*([^<]*)', listed[0] if listed else "")
    return {" ".join(sentence.split()): state == "done" for state, sentence in items}


def dashboard_of(site: Any, person: Person) -> str:
    return str(make.sign_in(site.client(), person).get("/dashboard?uselang=en").text)


def letter(site: Any, person: Person, state: MailState, at: Any) -> None:
    with site.unit_of_work() as session:
        row = {"template": "people.confirm_email", "values": {}, "due_at": at, "settled_at": at}
        session.add(Letter(person_id=person.id, state=state, **row))


def fill_every_role(site: Any) -> None:
    with site.unit_of_work() as session:
        for role in site.portal.library.get(RoleDefinitions):
            make.role(session, make.person(session), role.slug)


def test_a_new_site_tells_its_steward_all_that_it_needs(site: Any) -> None:
    steward = steward_of(site)
    told = lines(site, steward)
    assert [sentence.split(":")[0] for sentence in told] == [
        "The site has no name of its own yet",
        "No review server is connected yet, so the review queue stays empty.",
        f"Nobody holds {len(list(site.portal.library.get(RoleDefinitions))) - 1} roles yet",
        "No mail server is set, so e-mails only go to the log and reach nobody.",
        "No backup has been made with the portal’s command yet.",
    ]
    assert not any(told.values())
    page = make.sign_in(site.client(), steward).get("/dashboard").text
    assert '<code dir="ltr">[mail] host</code>' in page
    assert '<code dir="ltr">portal db backup FILE</code>' in page
    assert 'href="/help/running-the-portal#backup"' in page
    assert page.count('class="button primary"') == 1


def test_every_line_leads_to_a_heading_that_is_there_in_every_language(site: Any) -> None:
    page = make.sign_in(site.client(), steward_of(site)).get("/dashboard").text
    anchors = re.findall(r'href="/help/running-the-portal#([\w-]+)"', page)
    assert len(anchors) == 5
    for language in ("en", "fr", "ar"):
        guide = site.client().get(f"/help/running-the-portal?uselang={language}").text
        assert all(f'id="{anchor}"' in guide for anchor in anchors)


def test_nobody_else_sees_it(site: Any) -> None:
    with site.unit_of_work() as session:
        coordinator, nobody = make.person(session), make.person(session)
        make.role(session, coordinator, "mentoring-coordinator")
    assert lines(site, coordinator) == lines(site, nobody) == {}


def test_what_is_set_is_known_to_be_done(make_site: Any) -> None:
    site = make_site(f"{NAMED}{MAIL}{GERRIT}")
    told = lines(site, steward_of(site))
    assert told["The site is called “Otter Friends”."]
    assert told["1 review server is connected."]


def test_a_review_server_that_fails_is_not_done_and_leads_to_its_syncs(make_site: Any) -> None:
    site = make_site(GERRIT)
    with site.unit_of_work() as session:
        register_sources(session, site.portal.config.sources, clock.now())
        source = session.scalars(select(Source)).one()
        source.failure, name = "not_found", source.name
    steward = steward_of(site)
    assert lines(site, steward)[f"The last sync of 1 review server failed: {name}."] is False
    assert 'href="/reviews/syncs"' in dashboard_of(site, steward)
    with site.unit_of_work() as session:
        session.scalars(select(Source)).one().failure = None
    assert lines(site, steward)["1 review server is connected."]


def test_a_role_that_looks_for_nobody_is_not_to_be_filled(make_site: Any, tmp_path: Path) -> None:
    role = (Path(__file__).parents[2] / "content" / "roles" / "translator.md").read_text(encoding="utf-8")
    (tmp_path / "ours" / "roles").mkdir(parents=True)
    text = re.sub("(?m)^min_seats: .*$", "min_seats: 0", role.replace("title: Translator", "title: Release pilot"))
    (tmp_path / "ours" / "roles" / "release-pilot.md").write_text(text, encoding="utf-8")
    site = make_site(f'[site]\ncontent = "{tmp_path / "ours"}"\n')
    assert not [sentence for sentence in lines(site, steward_of(site)) if "Release pilot" in sentence]


def test_mail_is_done_when_the_last_letter_left(make_site: Any) -> None:
    site = make_site(MAIL)
    steward = steward_of(site)
    assert not lines(site, steward)[
        "A mail server is set, but no e-mail has been sent yet. Confirm your own address to send one."
    ]
    for minute, (state, sentence, is_done) in enumerate(
        [
            (
                MailState.SKIPPED,
                "A mail server is set, but no e-mail has been sent yet. Confirm your own address to send one.",
                False,
            ),
            (MailState.GIVEN_UP, "The last e-mail could not be sent.", False),
            (MailState.SENT, "E-mails are sent: the mail server accepted the last one.", True),
            (MailState.SKIPPED, "E-mails are sent: the mail server accepted the last one.", True),
            (MailState.REFUSED, "The last e-mail could not be sent.", False),
        ]
    ):
        letter(site, steward, state, make.NOON + timedelta(minutes=minute))
        assert lines(site, steward)[sentence] is is_done


def test_roles_are_done_when_each_has_somebody(site: Any) -> None:
    steward = steward_of(site)
    fill_every_role(site)
    assert lines(site, steward)["Every role has somebody who holds it."]
    with site.unit_of_work() as session:
        role = make.held_by(
            session, session.scalars(select(Person).order_by(Person.id.desc())).first().id, "translator"
        )
        session.get_one(RoleHolder, role).ended_at = clock.now()
    assert not lines(site, steward)["Nobody holds 1 role yet: Translator."]


def test_the_command_notes_when_a_backup_was_made(site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steward = steward_of(site)
    monkeypatch.setattr("portal.cli.data.load_settings", lambda: site.portal.config)
    monkeypatch.setattr("portal.cli.data.open_database", lambda: site.portal.database)
    for _time in range(2):
        done = CliRunner().invoke(main, ["db", "backup", str(tmp_path / "today.tar.gz")])
        assert done.exit_code == 0, done.output
    assert any(sentence.startswith("The last backup is") for sentence, ok in lines(site, steward).items() if ok)


def test_a_backup_before_an_upgrade_is_made_although_it_cannot_be_noted(site: Any) -> None:
    milestones.Milestone.__table__.drop(site.portal.database.engine)
    backup.note_made(site.portal.database)


@pytest.fixture
def complete(make_site: Any) -> tuple[Any, Person]:
    """A site that has all it needs, and its steward, who has not looked yet."""
    site = make_site(f"{NAMED}{MAIL}{GERRIT}")
    steward = steward_of(site)
    fill_every_role(site)
    letter(site, steward, MailState.SENT, make.NOON)
    backup.note_made(site.portal.database)
    return site, steward


def test_the_list_goes_away_when_all_is_done_and_does_not_come_back(complete: Any) -> None:
    site, steward = complete
    for _look in range(2):
        assert lines(site, steward) == {}
    letter(site, steward, MailState.GIVEN_UP, clock.now())
    assert lines(site, steward) == {}, "these are first steps: from now on the doctor tells what is wrong"
    with site.unit_of_work() as session:
        assert milestones.SET_UP in milestones.milestones(session)


def test_once_it_is_done_it_takes_one_statement_to_know(complete: Any) -> None:
    site, steward = complete
    browser, seen = make.sign_in(site.client(), steward), []
    browser.get("/dashboard")
    event.listen(site.portal.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]), named=False)
    browser.get("/dashboard")
    assert len([one for one in seen if "milestones" in one]) == 1
    assert not [one for one in seen if "letters" in one]


def test_it_can_be_put_away_and_shown_again(site: Any) -> None:
    steward = steward_of(site)
    browser = make.sign_in(site.client(), steward)
    page = browser.post("/dashboard/setup/fold", follow_redirects=True).text
    assert "0 of 5 done." in page
    assert "No mail server is set" not in page
    page = browser.post("/dashboard/setup/unfold", follow_redirects=True).text
    assert "No mail server is set" in page
    assert "No mail server is set" in make.sign_in(site.client(), steward).get("/dashboard").text, "another browser"
