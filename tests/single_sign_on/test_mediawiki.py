"""People come with their account at a wiki that is as MediaWiki 1.39 and its extension OAuth are."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.people.models import Account, Person
from tests import make
from tests.fakes.providers import FakeMediaWiki
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

DOOR = "wiki-door"


@pytest.fixture
def site(make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str]) -> Any:
    """Its people sign in at the wiki of the community."""
    more = f'[wiki]\nurl = "{mediawiki.url}"'
    return make_site(settings_of((DOOR, "mediawiki", mediawiki), more=more), environ=secret)


def offered(browser: Any) -> str:
    """The form to sign up, after there and back."""
    answer = walk(browser, DOOR)
    assert answer.location == f"/sign-in-with/{DOOR}/sign-up"
    return str(browser.get(answer.location).text)


def call(mediawiki: FakeMediaWiki, name: str, sub: str) -> None:
    """From now on it is this account with which people come."""
    mediawiki.person |= {"preferred_username": name, "sub": sub}


def test_a_name_of_two_words_is_offered_as_an_address_and_the_real_name_as_a_name(
    site: Any, mediawiki: FakeMediaWiki
) -> None:
    call(mediawiki, "Ana Lima", "17")
    mediawiki.person["name"] = "Ana Maria Lima"
    page = offered(site.client())
    assert all(f'value="{value}"' in page for value in ("ana-lima", "Ana Maria Lima", "ana@example.org"))


def test_a_portal_that_may_only_ask_who_somebody_is_gets_neither_real_name_nor_address(
    site: Any, mediawiki: FakeMediaWiki
) -> None:
    mediawiki.grants_of_consumer = ["mwoauth-authonly"]
    page = offered(site.client())
    assert 'value="Ana"' in page
    assert "ana@example.org" not in page


def test_a_portal_without_a_secret_is_known_by_its_challenge(
    make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str]
) -> None:
    mediawiki.is_confidential = False
    site = make_site(settings_of((DOOR, "mediawiki", mediawiki)), environ={**secret, "SIGN_IN_SECRET": ""})
    browser = site.client()
    join(browser, DOOR)
    assert is_signed_in(browser)


def test_who_says_no_at_the_wiki_is_told_that_nothing_has_been_done(site: Any, mediawiki: FakeMediaWiki) -> None:
    mediawiki.says_no = True
    browser = site.client()
    back = agree(leave(browser, DOOR))
    assert "state" not in parse_qs(urlsplit(back).query)
    browser.get(back)
    assert "you said no there. Nothing has been done." in browser.get("/people/sign-in").text
    assert stored(site) == [0, 0, 0]


@pytest.mark.parametrize("led", ["?error=unauthorized_client", "?error=unauthorized_client&state=made-up", "?code=x"])
def test_an_answer_without_the_right_state_is_no_more_than_a_no(site: Any, led: str) -> None:
    join(site.client(), DOOR)
    before, browser = stored(site), site.client()
    browser.get(f"/sign-in-with/{DOOR}/back{led}")
    assert "was not begun here" in browser.get("/people/sign-in").text
    leave(browser, DOOR)
    browser.get(f"/sign-in-with/{DOOR}/back{led}")
    assert (stored(site), is_signed_in(browser)) == (before, False)


def test_a_code_is_good_once(site: Any, mediawiki: FakeMediaWiki) -> None:
    browser = site.client()
    there = leave(browser, DOOR)
    back, thief = agree(there), site.client()
    thief._cookies.update(dict(browser._cookies))
    browser.get(back)
    thief.get(back)
    assert "was used before" in thief.get("/people/sign-in").text


def test_a_secret_that_the_wiki_does_not_know_is_not_blamed_on_who_comes(
    site: Any, mediawiki: FakeMediaWiki, capfd: pytest.CaptureFixture[str]
) -> None:
    site.portal.clients.sign_in[DOOR]._secret = "of another"
    browser = site.client()
    walk(browser, DOOR)
    assert "Wiki-Door does not accept this site. Tell whoever runs it here" in browser.get("/people/sign-in").text
    assert "wrong_client" in "".join(capfd.readouterr())


def test_an_account_whose_name_the_wiki_hides_signs_in_and_shows_no_name(site: Any, mediawiki: FakeMediaWiki) -> None:
    mediawiki.is_hidden = True
    browser = site.client()
    offered(browser)
    join(browser, DOOR)
    assert is_signed_in(browser)
    assert accounts(site, "ana") == []


def test_a_block_at_the_wiki_shuts_nobody_out_here(site: Any, mediawiki: FakeMediaWiki) -> None:
    mediawiki.is_blocked = True
    browser = site.client()
    join(browser, DOOR)
    assert is_signed_in(browser)


def test_after_a_rename_only_the_new_name_is_theirs(site: Any, mediawiki: FakeMediaWiki) -> None:
    join(site.client(), DOOR)
    call(mediawiki, "Ana Sousa", "17")
    browser = site.client()
    walk(browser, DOOR)
    assert is_signed_in(browser)
    assert accounts(site, "ana") == [("wiki", "Ana Sousa", True)]
    assert [one.username for one in links(site)] == ["Ana Sousa"]


def test_a_name_that_somebody_else_has_now_is_no_longer_proved_for_who_had_it(
    site: Any, mediawiki: FakeMediaWiki
) -> None:
    join(site.client(), DOOR)
    call(mediawiki, "Ana", "18")
    join(site.client(), DOOR, username="cy", email="")
    assert accounts(site, "cy") == [("wiki", "Ana", True)]
    assert accounts(site, "ana") == [("wiki", "Ana", False)]


def test_a_name_that_somebody_else_takes_by_a_rename_is_no_longer_proved_either(
    site: Any, mediawiki: FakeMediaWiki
) -> None:
    join(site.client(), DOOR)
    call(mediawiki, "Cy", "18")
    join(site.client(), DOOR, username="cy", email="")
    call(mediawiki, "Ana", "18")
    walk(site.client(), DOOR)
    assert accounts(site, "cy") == [("wiki", "Ana", True)]
    assert accounts(site, "ana") == [("wiki", "Ana", False)]


def test_a_rename_leaves_what_is_said_of_other_services(site: Any, mediawiki: FakeMediaWiki) -> None:
    join(site.client(), DOOR)
    with site.unit_of_work() as session:
        [ana] = session.query(Person)
        ana.accounts.append(Account(service="gerrit", username="Ana", added_at=make.NOON, verified_at=make.NOON))
    call(mediawiki, "Ana Sousa", "17")
    walk(site.client(), DOOR)
    assert accounts(site, "ana") == [("gerrit", "Ana", True), ("wiki", "Ana Sousa", True)]


def test_somebody_with_a_password_links_the_account_there(site: Any, mediawiki: FakeMediaWiki) -> None:
    _bo, browser = member(site)
    assert walk(browser, DOOR).location == f"/sign-in-with/{DOOR}/link"
    browser.post(f"/sign-in-with/{DOOR}/link")
    assert accounts(site, "bo") == [("wiki", "Ana", True)]
