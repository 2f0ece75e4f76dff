"""People make tokens for programs, see what became of them, and end them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.api_tokens import rules
from portal.api_tokens.models import ApiToken
from portal.core import clock
from portal.core.errors import Conflict
from portal.core.security_log import SecurityRow
from portal.people.models import Letter, Person
from tests import make
from tests.letters import text_of
from tests.people.conftest import Postbox

NEW, SHOWN = "/api-tokens/new", "/api-tokens/new/shown"


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        return make.person(session, "ana", email="ana@example.org", email_key="ana@example.org")


@pytest.fixture
def browser(site: Any, ana: Person) -> Any:
    return make.sign_in(site.client(), ana)


def day_in(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def sent(**changed: Any) -> dict[str, Any]:
    return {"name": "my status bar", "scopes": ["notices:read"], "last_day": day_in(30), **changed}


def stored(site: Any) -> list[ApiToken]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(ApiToken).order_by(ApiToken.id)))


def shown_in(page: Any) -> str:
    found = re.search(rf"{rules.PREFIX}\w+", page.text)
    return found[0] if found else ""


def test_a_new_token_is_shown_once_and_kept_as_a_hash(site: Any, browser: Any) -> None:
    assert browser.post(NEW, data=sent()).location == SHOWN
    page = browser.get(SHOWN)
    token = shown_in(page)
    assert rules.is_whole(token)
    assert page.headers["Cache-Control"] == "no-store"
    assert browser.get(SHOWN).location == "/api-tokens/"
    assert not shown_in(browser.get("/api-tokens/"))
    [kept] = stored(site)
    assert kept.mark == rules.mark_of(token)
    assert token not in repr(vars(kept))


def test_until_it_is_shown_no_cookie_and_no_row_tells_it(site: Any, browser: Any) -> None:
    answer = browser.post(NEW, data=sent())
    token = shown_in(browser.get(SHOWN))
    assert token[:20] not in answer.headers["Set-Cookie"]
    with browser.session_transaction() as cookie:
        assert "api_token" not in cookie
    with site.unit_of_work() as session:
        letters = [str(letter.values) for letter in session.scalars(select(Letter))]
        events = [str(vars(event)) for event in session.scalars(select(SecurityRow))]
    assert not [text for text in letters + events if token in text]


def test_it_is_not_shown_to_whoever_signs_in_after_in_the_same_browser(site: Any, browser: Any) -> None:
    browser.post(NEW, data=sent())
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
    page = make.sign_in(browser, ben).get(SHOWN)
    assert page.location == "/api-tokens/"


def test_a_browser_that_looks_ahead_does_not_use_it_up(browser: Any) -> None:
    browser.post(NEW, data=sent())
    browser.head(SHOWN)
    browser.get(SHOWN, headers={"Sec-Purpose": "prefetch"})
    assert shown_in(browser.get(SHOWN))


def test_only_who_has_just_shown_who_they_are_makes_one(site: Any, ana: Person) -> None:
    stale = make.sign_in(site.client(), ana, at=clock.now() - timedelta(hours=1))
    assert "/people/prove" in stale.get(NEW).location
    assert "/people/prove" in stale.post(NEW, data=sent()).location
    assert stored(site) == []
    assert stale.get("/api-tokens/").status_code == 200


def test_what_is_offered_is_what_features_use(site: Any, browser: Any) -> None:
    page = browser.get(NEW).text
    offered = set(re.findall(r'name="scopes" value="([^"]+)"', page))
    assert offered == {"notices:read", "notices:write", "profile:read"}
    assert all(str(scope.label) in page for scope in site.portal.features.api_scopes.values())
    assert f'value="{day_in(rules.DEFAULT_DAYS)}"' in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"last_day": ""},
        {"last_day": "yesterday"},
        {"last_day": day_in(-2)},
        {"last_day": day_in(rules.MOST_DAYS + 2)},
        {"last_day": "9999-12-31"},
    ],
    ids=str,
)
def test_a_token_has_a_name_a_purpose_and_an_end(site: Any, browser: Any, wrong: dict[str, Any]) -> None:
    answer = browser.post(NEW, data=sent(**wrong))
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert stored(site) == []


def test_the_list_says_what_became_of_each(site: Any, browser: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        token = make.api_token(session, ana, "notices:read")
    page = browser.get("/api-tokens/").text
    assert "Never used" in page
    assert "Read your notices" in page
    site.client().get("/api/v1/me/notices", headers={"Authorization": f"Bearer {token}"})
    assert "127.0.0.1" in browser.get("/api-tokens/").text
    with time_machine.travel(clock.now() + timedelta(days=100)):
        assert "has ended" in make.sign_in(site.client(), ana).get("/api-tokens/").text


def test_ending_one_asks_first(site: Any, browser: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        make.api_token(session, ana, "notices:read")
    [kept] = stored(site)
    asked = browser.get(f"/api-tokens/{kept.id}/end")
    assert "End the token “my status bar”?" in asked.text
    assert len(stored(site)) == 1
    assert browser.post(f"/api-tokens/{kept.id}/end").location == "/api-tokens/"
    assert stored(site) == []


def test_nobody_sees_or_ends_the_token_of_another(site: Any, browser: Any) -> None:
    with site.unit_of_work() as session:
        make.api_token(session, make.person(session, "ben"), "notices:read")
    [kept] = stored(site)
    assert browser.get(f"/api-tokens/{kept.id}/end").status_code == 404
    browser.post(f"/api-tokens/{kept.id}/end")
    assert len(stored(site)) == 1
    assert "my status bar" not in browser.get("/api-tokens/").text


def test_the_log_of_security_tells_what_happened(site: Any, browser: Any) -> None:
    browser.post(NEW, data=sent())
    browser.post(f"/api-tokens/{stored(site)[0].id}/end")
    with site.unit_of_work() as session:
        events = [row for row in session.scalars(select(SecurityRow)) if row.event.startswith("token")]
    assert [(row.event, row.outcome) for row in events] == [("token_made", "done"), ("token_ended", "done")]
    assert events[0].facts == {"scopes": "notices:read"}


def test_however_many_are_made_at_once_nobody_has_more_than_they_may(site: Any, ana: Person) -> None:
    def make_one(_number: int) -> bool:
        try:
            with site.unit_of_work() as session:
                make.api_token(session, session.get_one(Person, ana.id), "notices:read")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make_one, range(rules.MOST_TOKENS + 4)))
    assert sum(made) == len(stored(site)) == rules.MOST_TOKENS
    answer = make.sign_in(site.client(), ana).post(NEW, data=sent())
    assert answer.status_code == 409
    assert "as many tokens as one person can have" in answer.text


def test_letters_tell_of_a_new_token_and_a_week_before_its_end(make_site: Any) -> None:
    post = Postbox()
    site = make_site(clients=SimpleNamespace(mailer=post))
    with time_machine.travel(make.NOON, tick=False) as time:
        with site.unit_of_work() as session:
            ana = make.person(session, "ana", email="ana@example.org", email_key="ana@example.org")
            token = make.api_token(session, ana, "notices:read", days=30)
        site.work("mail.deliver")
        time.move_to(make.NOON + timedelta(days=22))
        site.work("api_tokens.look_after", "mail.deliver")
        assert len(post.sent) == 1
        for days in (25, 26):
            time.move_to(make.NOON + timedelta(days=days))
            site.work("api_tokens.look_after", "mail.deliver")
        made, ends = post.sent
        assert "a new token for a program" in text_of(made)
        assert "December 20, 2026" in ends["Subject"]
        assert not [letter for letter in post.sent if token in text_of(letter)]


def test_a_token_that_ended_long_ago_is_forgotten(site: Any) -> None:
    with time_machine.travel(make.NOON, tick=False) as time:
        with site.unit_of_work() as session:
            make.api_token(session, make.person(session, "ana"), "notices:read", days=1)
        time.move_to(make.NOON + timedelta(days=20))
        site.work("api_tokens.look_after")
        assert len(stored(site)) == 1
        time.move_to(make.NOON + timedelta(days=40))
        site.work("api_tokens.look_after")
        assert stored(site) == []


def test_what_was_cut_or_mistyped_is_known_without_looking() -> None:
    token = rules.new_token()
    assert rules.is_whole(token)
    wrong = {token[:-1], token + "0", token.swapcase(), token[:10] + token[10:].swapcase(), "", f" {token}", token[5:]}
    assert not any(rules.is_whole(text) for text in wrong)
    assert len({rules.new_token() for _ in range(100)}) == 100
