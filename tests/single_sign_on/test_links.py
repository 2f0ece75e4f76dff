"""An account elsewhere is linked after both were proved, and never removed as the last way in."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.errors import Conflict
from portal.people import actions
from portal.people.letters import ACCOUNT_MAIL
from portal.people.models import Letter, Person
from portal.single_sign_on.actions import unlink
from portal.single_sign_on.models import LinkedIdentity
from tests import make
from tests.fakes.providers import FakeGitHub, FakeOpenId
from tests.letters import text_of
from tests.make import PASSWORD
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

LINK = "/sign-in-with/door/link"


def test_who_is_signed_in_links_only_by_saying_so(site: Any) -> None:
    bo, browser = member(site)
    answer = walk(browser)
    assert answer.location == LINK
    page = browser.get(LINK).text
    assert "<bdi>Ana</bdi>" in page
    assert links(site) == []
    assert browser.post(LINK).location == "/sign-in-with/"
    assert [(one.person_id, one.username) for one in links(site)] == [(bo.id, "Ana")]
    other = site.client()
    walk(other)
    assert is_signed_in(other)


def test_who_signed_in_long_ago_proves_it_first(site: Any) -> None:
    bo, _browser = member(site)
    browser = make.sign_in(site.client(), bo, at=datetime.now(UTC) - timedelta(hours=1))
    walk(browser)
    assert browser.get(LINK).location.startswith("/people/prove?next=")
    assert browser.post(LINK).location.startswith("/people/prove?next=")
    assert links(site) == []


def test_an_account_that_signs_in_somebody_else_is_refused_with_words(site: Any) -> None:
    join(site.client())
    _bo, browser = member(site)
    assert walk(browser).location == "/sign-in-with/"
    assert "already signs in another account here" in browser.get("/sign-in-with/").text
    assert len(links(site)) == 1


def test_of_two_that_link_one_account_at_once_one_wins(site: Any) -> None:
    browsers = [member(site, name)[1] for name in ("bo", "cy")]
    for browser in browsers:
        walk(browser)
    answers = [browser.post(LINK) for browser in browsers]
    assert [one.status_code for one in answers] == [303, 409]
    assert "already signs in another account here" in answers[1].text
    assert len(links(site)) == 1


def test_two_that_sign_up_with_one_account_become_one(site: Any) -> None:
    browsers = [site.client(), site.client()]
    for browser in browsers:
        walk(browser)
    data = {"display_name": "Ana", "language": "en", "email": ""}
    answers = [
        browser.post("/sign-in-with/door/sign-up", data={**data, "username": name})
        for browser, name in zip(browsers, ("ana", "anna"), strict=True)
    ]
    assert [one.status_code for one in answers] == [303, 409]
    assert stored(site)[:2] == [1, 1]


def test_somebody_with_a_password_removes_a_link(site: Any) -> None:
    _bo, browser = member(site, password_hash="something")
    walk(browser)
    browser.post(LINK)
    [link] = links(site)
    assert browser.post(f"/sign-in-with/remove/{link.id}").location == "/sign-in-with/"
    assert links(site) == []
    stranger = site.client()
    walk(stranger)
    assert not is_signed_in(stranger)


def test_the_last_way_in_stays_and_a_password_is_offered(site: Any) -> None:
    browser = site.client()
    join(browser)
    [link] = links(site)
    answer = browser.post(f"/sign-in-with/remove/{link.id}")
    assert answer.location == "/people/me/password"
    page = browser.get(answer.location).text
    assert "only way in that you have" in page
    assert "Set a password" in page
    assert len(links(site)) == 1


def test_nobody_removes_a_link_of_somebody_else(site: Any) -> None:
    join(site.client())
    [link] = links(site)
    _bo, browser = member(site)
    assert browser.post(f"/sign-in-with/remove/{link.id}").location == "/sign-in-with/"
    assert len(links(site)) == 1


def test_two_ways_that_are_removed_at_once_leave_one(
    make_site: Any, openid: FakeOpenId, github: FakeGitHub, secret: dict[str, str]
) -> None:
    site = make_site(settings_of(("door", "openid", openid), ("hub", "github", github)), environ=secret)
    browser = site.client()
    join(browser)
    walk(browser, "hub")
    browser.post("/sign-in-with/hub/link")
    both, start = links(site), threading.Barrier(2)
    providers = {one.slug: one for one in site.portal.config.sign_in}

    def remove(link: LinkedIdentity) -> None:
        start.wait()
        with site.app.app_context(), site.unit_of_work() as session:
            person = session.get_one(Person, link.person_id)
            try:
                unlink(session, person, link.id, providers, datetime.now(UTC))
            except Conflict:
                session.rollback()

    threads = [threading.Thread(target=remove, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(links(site)) == 1


def test_a_link_of_a_service_that_is_no_longer_set_up_is_no_way_in(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    site = make_site(settings_of(("door", "openid", openid)), environ=secret)
    browser = site.client()
    join(browser)
    with site.unit_of_work() as session:
        ana = session.query(Person).one()
        row = LinkedIdentity(person_id=ana.id, provider="gone", issuer="https://gone.example", subject="1")
        row.username, row.linked_at = "ana", make.NOON
        session.add(row)
    [door, _gone] = links(site)
    browser.post(f"/sign-in-with/remove/{door.id}")
    assert len(links(site)) == 2


def test_without_a_password_the_service_shows_again_who_one_is(site: Any, openid: FakeOpenId) -> None:
    join(site.client())
    with site.unit_of_work() as session:
        ana = session.query(Person).one()
    browser = make.sign_in(site.client(), ana, at=datetime.now(UTC) - timedelta(hours=1))
    door = browser.get("/people/me/delete").location
    page = browser.get(door).text
    assert "Door" in page
    assert "Or go on with:" not in page, "there is nothing before it"
    assert 'type="password"' not in page
    there = leave(browser, query="?next=/people/me/delete")
    assert "prompt=login" in there
    assert browser.get(agree(there)).location == "/people/me/delete"
    assert browser.post("/people/me/delete").location == "/people/sign-in"
    assert links(site) == []
    assert not is_signed_in(browser)


def test_another_account_of_the_service_proves_nothing(site: Any, openid: FakeOpenId) -> None:
    join(site.client())
    with site.unit_of_work() as session:
        ana = session.query(Person).one()
    browser = make.sign_in(site.client(), ana, at=datetime.now(UTC) - timedelta(hours=1))
    openid.person["sub"] = "18"
    walk(browser, query="?next=/people/me/delete")
    assert browser.get("/people/me/delete").location.startswith("/people/prove")


def test_without_a_password_one_sets_one(site: Any) -> None:
    browser = site.client()
    join(browser)
    browser.post("/people/me/password", data={"password": "nine purple otters swim at dusk"})
    other = site.client()
    other.post("/people/sign-in", data={"username": "ana", "password": "nine purple otters swim at dusk"})
    assert is_signed_in(other)


@pytest.mark.parametrize("typed", ["", PASSWORD])
def test_no_password_signs_in_who_has_none(site: Any, typed: str) -> None:
    join(site.client())
    browser = site.client()
    browser.post("/people/sign-in", data={"username": "ana", "password": typed})
    assert not is_signed_in(browser)


def test_who_has_left_is_not_signed_in(site: Any) -> None:
    join(site.client())
    with site.unit_of_work() as session:
        actions.leave(site.portal, session, session.query(Person).one(), make.NOON)
    assert links(site) == []
    browser = site.client()
    assert walk(browser).location == "/sign-in-with/door/sign-up"


def test_what_was_said_of_an_account_is_proved_by_signing_in_with_it(
    make_site: Any, openid: FakeOpenId, secret: dict[str, str]
) -> None:
    more = f'[[sources]]\nslug = "our-gitlab"\nkind = "gitlab"\nurl = "{openid.url}"'
    site = make_site(settings_of(("door", "gitlab", openid), more=more), environ=secret)
    _bo, browser = member(site)
    browser.post("/people/me/accounts", data={"service": "our-gitlab", "account": "Ana"})
    assert accounts(site, "bo") == [("our-gitlab", "Ana", False)]
    walk(browser)
    assert accounts(site, "bo") == [("our-gitlab", "Ana", False)]
    browser.post(LINK)
    assert accounts(site, "bo") == [("our-gitlab", "Ana", True)]


def test_a_letter_tells_of_an_account_that_was_linked_and_of_one_that_was_removed(site: Any) -> None:
    _bo, browser = member(site, password_hash="something", email="bo@example.org", email_key="bo@example.org")
    walk(browser)
    browser.post(LINK)
    browser.post(f"/sign-in-with/remove/{links(site)[0].id}")
    with site.app.app_context(), site.unit_of_work() as session:
        waiting = session.scalars(select(Letter.id).order_by(Letter.id)).all()
        texts = [text_of(ACCOUNT_MAIL.write(site.portal, session, Letter.id == one).message) for one in waiting]
    assert "the account “Ana” at Door signs in to your account bo from now on." in texts[0]
    assert "/sign-in-with/" in texts[0]
    assert "the account “Ana” at Door no longer signs in to your account bo." in texts[1]


def test_who_signs_up_with_an_account_elsewhere_is_not_told_of_it_by_letter(site: Any) -> None:
    join(site.client())
    with site.unit_of_work() as session:
        assert [one for one in session.scalars(select(Letter.template)) if one.startswith("single_sign_on")] == []
