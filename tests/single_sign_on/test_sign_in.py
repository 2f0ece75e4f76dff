"""People come with the account they have elsewhere, and need no password here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.people.invitations.actions import invite
from portal.people.invitations.rules import InvitationDraft, token_of
from portal.people.models import Person, UserSession
from tests import make
from tests.fakes.providers import FakeGitHub, FakeMediaWiki, FakeOpenId
from tests.single_sign_on.conftest import (
    accounts,
    agree,
    is_signed_in,
    join,
    leave,
    links,
    member,
    settings_of,
    stored,
    walk,
)


def test_the_doors_show_a_button_for_each_service(site: Any) -> None:
    browser = site.client()
    for door in ("/people/sign-in", "/people/sign-up"):
        page = browser.get(f"{door}?next=/tools/").text
        assert 'href="/sign-in-with/door?next=/tools/"' in page or "next=%2Ftools%2F" in page
        assert ">Door</a>" in page


def test_a_site_without_services_shows_none_and_knows_none(make_site: Any) -> None:
    browser = make_site().client()
    assert "/sign-in-with/" not in browser.get("/people/sign-in").text
    assert browser.get("/sign-in-with/door").status_code == 404


def test_who_leaves_takes_along_state_nonce_and_a_challenge_of_pkce(site: Any, openid: FakeOpenId) -> None:
    there = leave(site.client())
    sent = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{openid.url}/authorize?")
    assert sent["redirect_uri"] == ["http://127.0.0.1:8000/sign-in-with/door/back"]
    assert (sent["response_type"], sent["code_challenge_method"]) == (["code"], ["S256"])
    assert sent["scope"] == ["openid profile email"]
    assert min(len(sent[name][0]) for name in ("state", "nonce", "code_challenge")) >= 32


def test_a_newcomer_signs_up_with_what_the_service_says(site: Any) -> None:
    browser = site.client()
    answer = walk(browser)
    assert answer.location == "/sign-in-with/door/sign-up"
    page = browser.get(answer.location).text
    assert all(f'value="{value}"' in page for value in ("ana", "Ana Lima", "ana@example.org"))
    assert 'type="password"' not in page
    assert stored(site) == [0, 0, 0]
    done = join(browser)
    assert done.status_code == 303
    with site.unit_of_work() as session:
        ana = session.query(Person).one()
        assert (ana.username, ana.email, ana.has_password) == ("ana", "ana@example.org", False)
        assert session.query(UserSession).one().proofs == "provider"
    assert is_signed_in(browser)


def test_whoever_has_come_before_is_signed_in_at_once_and_led_on(site: Any) -> None:
    join(site.client())
    later = site.client()
    answer = walk(later, query="?next=/tools/")
    assert (answer.status_code, answer.location) == (303, "/tools/")
    assert is_signed_in(later)
    [link] = links(site)
    assert link.last_used_at


def test_nobody_is_led_away_from_the_site(site: Any) -> None:
    join(site.client())
    assert walk(site.client(), query="?next=https://evil.example/").location == "/dashboard"


def test_an_address_that_the_service_has_not_confirmed_must_be_confirmed_here(site: Any, openid: FakeOpenId) -> None:
    openid.person["email_verified"] = "true"  # A word is no truth.
    browser = site.client()
    assert "ana@example.org" not in browser.get(walk(browser).location).text
    join(browser)
    with site.unit_of_work() as session:
        ana = session.query(Person).one()
        assert (ana.email, ana.new_email) == (None, "ana@example.org")


def test_an_address_of_somebody_here_links_nobody_in_silence(site: Any) -> None:
    member(site, "bo", email="ana@example.org", email_key="ana@example.org")
    browser = site.client()
    page = browser.get(walk(browser).location).text
    assert "sign in to it first, then link this one" in page
    assert 'value="ana@example.org"' not in page
    assert links(site) == []
    assert "Another account here has this address" in join(browser).text
    assert links(site) == []


def test_a_username_that_is_taken_is_offered_with_a_number(site: Any) -> None:
    member(site, "ana")
    browser = site.client()
    assert 'value="ana-2"' in browser.get(walk(browser).location).text


def test_head_signs_nobody_in(site: Any) -> None:
    join(site.client())
    before, browser = stored(site), site.client()
    browser.head(agree(leave(browser)))
    assert (stored(site), is_signed_in(browser)) == (before, False)


def test_a_wiki_proves_the_wiki_account(make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str]) -> None:
    toml = settings_of(("wiki-door", "mediawiki", mediawiki), more=f'[wiki]\nurl = "{mediawiki.url}"')
    site = make_site(toml, environ=secret)
    browser = site.client()
    join(browser, "wiki-door")
    assert accounts(site, "ana") == [("wiki", "Ana", True)]
    shown = browser.get("/people/ana").text
    assert ("not yet verified" in shown, "verified" in shown) == (False, True)
    assert [one.subject for one in links(site)] == ["17"]
    with site.unit_of_work() as session:
        assert session.query(Person).one().email == "ana@example.org"


def test_a_wiki_tells_addresses_that_nobody_confirmed(
    make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str]
) -> None:
    mediawiki.person["email_verified"] = False
    browser = make_site(settings_of(("wiki-door", "mediawiki", mediawiki)), environ=secret).client()
    assert "ana@example.org" not in browser.get(walk(browser, "wiki-door").location).text


def test_github_signs_in_with_its_number_and_its_confirmed_address(
    make_site: Any, github: FakeGitHub, secret: dict[str, str]
) -> None:
    site = make_site(settings_of(("hub", "github", github)), environ=secret)
    browser = site.client()
    join(browser, "hub")
    assert [(one.issuer, one.subject, one.username) for one in links(site)] == [(github.url, "17", "Ana")]
    with site.unit_of_work() as session:
        assert session.query(Person).one().email == "ana@example.org"


def test_a_forge_proves_the_account_at_the_source_on_the_same_server(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    source = f'[[sources]]\nslug = "our-gitlab"\nkind = "gitlab"\nurl = "{openid.url}"'
    site = make_site(settings_of(("lab", "gitlab", openid), more=source), environ=secret)
    join(site.client(), "lab")
    assert accounts(site, "ana") == [("our-gitlab", "Ana", True)]


@pytest.mark.parametrize("away", ["https://other.example", "http://127.0.0.2:1"])
def test_an_account_at_another_server_proves_nothing_of_this_one(
    make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str], away: str
) -> None:
    toml = settings_of(("wiki-door", "mediawiki", mediawiki), more=f'[wiki]\nurl = "{away}"')
    site = make_site(toml, environ=secret)
    join(site.client(), "wiki-door")
    assert accounts(site, "ana") == []


def test_a_site_may_let_only_people_with_an_account_elsewhere_sign_up(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    rules = '[sign_in_rules]\nsign_up = "provider"'
    site = make_site(settings_of(("door", "openid", openid), more=rules), environ=secret)
    browser = site.client()
    page = browser.get("/people/sign-up").text
    assert ">Door</a>" in page
    assert 'type="password"' not in page
    typed = {"username": "eve", "display_name": "Eve", "password": "nine purple otters swim", "language": "en"}
    assert browser.post("/people/sign-up", data=typed).status_code == 403
    assert stored(site) == [0, 0, 0]
    assert join(browser).status_code == 303


def test_where_one_needs_an_invitation_an_account_elsewhere_is_not_enough(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    rules = '[sign_in_rules]\nsign_up = "invitation"'
    site = make_site(settings_of(("door", "openid", openid), more=rules), environ=secret)
    browser = site.client()
    walk(browser)
    assert "only by invitation" in browser.get("/sign-in-with/door/sign-up").text
    assert join(browser).status_code == 403
    assert stored(site) == [0, 0, 0]


def test_an_invited_person_signs_up_with_an_account_elsewhere_once(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    rules = '[sign_in_rules]\nsign_up = "invitation"'
    site = make_site(settings_of(("door", "openid", openid), more=rules), environ=secret)
    openid.person["email_verified"] = False
    with site.unit_of_work() as session:
        steward = make.person(session, "stella")
        make.role(session, steward, "portal-steward")
        draft = InvitationDraft("ana@example.org", "en", "", 1, 14)
        made = invite(session, steward, draft, "test", 1, clock.now())
    link = f"/invitations/accept?token={token_of(made.seed, 'test')}"
    browser = site.client()
    browser.get(link)
    assert join(browser).status_code == 303
    assert is_signed_in(browser)
    with site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
        assert (ana.email, ana.new_email) == ("ana@example.org", None), "the letter has shown that it is hers"
    openid.person["sub"] = "18"
    other = site.client()
    assert other.get(link).status_code == 410
    assert join(other, username="eve").status_code == 403
