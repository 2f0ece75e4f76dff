"""A service that lies, a browser that was led here, a code that was used: nobody is signed in, nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from joserfc.jwk import ECKey

from portal.clients import single_sign_on
from portal.clients.providers import Kept
from portal.clients.responses import Limits
from portal.core import clock
from tests.fakes.providers import FakeGitHub, FakeMediaWiki, FakeOpenId
from tests.fakes.server import Reply, hang
from tests.single_sign_on.conftest import agree, is_signed_in, join, leave, member, settings_of, stored, walk

Lie = Callable[[FakeOpenId], object]
PROVES_NOTHING = "does not prove who you are"
NO_ANSWER = "does not answer as it should"
NOT_BEGUN = "was not begun here"
USED = "was used before"


def change(**claims: Any) -> Lie:
    return lambda openid: openid.claims.update(claims)


def bring(**answer: str) -> Lie:
    return lambda openid: openid.changed_answer.update(answer)


def sign(by: str) -> Lie:
    return lambda openid: setattr(openid, "sign", getattr(openid, by))


def say(**document: Any) -> Lie:
    return lambda openid: openid.document.update(document)


def answer(path: str, reply: Reply) -> Lie:
    """Answer the token or user page with this."""
    return lambda openid: setattr(openid, path, lambda _request: reply)


LONG_AGO = int(time.time()) - 3600
LIES: dict[str, tuple[Lie, str]] = {
    # RFC 6749, 10.12: an answer that this browser did not ask for.
    "another state": (bring(state="made-up"), NOT_BEGUN),
    "no state": (bring(state=""), NOT_BEGUN),
    # RFC 9207, 2.4: an answer of somebody else.
    "another issuer in the address": (bring(iss="https://evil.example"), PROVES_NOTHING),
    "no issuer in the address": (bring(iss=""), PROVES_NOTHING),
    "no code": (bring(code=""), USED),
    "a made-up code": (bring(code="made-up"), USED),
    "they said no": (bring(code="", error="access_denied"), "did not agree"),
    # OpenID Connect Core, 3.1.3.7.
    "another issuer": (change(iss="https://evil.example"), PROVES_NOTHING),
    "no issuer": (change(iss=None), PROVES_NOTHING),
    "another audience": (change(aud="another-site"), PROVES_NOTHING),
    "several audiences, made for another": (change(aud=["portal", "other"], azp="other"), PROVES_NOTHING),
    "no audience": (change(aud=None), PROVES_NOTHING),
    "another nonce": (change(nonce="made-up"), PROVES_NOTHING),
    "no nonce": (change(nonce=None), PROVES_NOTHING),
    "too old": (change(exp=LONG_AGO), PROVES_NOTHING),
    "no end": (change(exp=None), PROVES_NOTHING),
    "from the future": (change(iat=int(time.time()) + 7200), PROVES_NOTHING),
    "another access token": (change(at_hash="AAAA"), PROVES_NOTHING),
    "nobody": (change(sub=""), PROVES_NOTHING),
    "a number for a name": (change(sub=17), PROVES_NOTHING),
    "a name without an end": (change(sub="a" * 256), PROVES_NOTHING),
    # RFC 7515, RFC 8725.
    "another key": (sign("signed_by_another"), PROVES_NOTHING),
    "alg none": (sign("signed_by_nobody"), PROVES_NOTHING),
    "signed by our secret": (sign("signed_by_client_secret"), PROVES_NOTHING),
    "signed by the public key as a secret": (sign("signed_by_public_key"), PROVES_NOTHING),
    "no signed words": (lambda openid: setattr(openid, "sign", lambda _claims: "no.such.token"), PROVES_NOTHING),
    "a number instead": (lambda openid: setattr(openid, "sign", lambda _claims: 17), PROVES_NOTHING),
    # OpenID Connect Core, 5.3.2.
    "somebody else's user page": (lambda openid: openid.userinfo_of.update(sub="18"), PROVES_NOTHING),
    # OpenID Connect Discovery, 4.3.
    "it says it is another": (say(issuer="https://evil.example"), PROVES_NOTHING),
    "it leads into our network": (say(token_endpoint="https://10.0.0.1/token"), NO_ANSWER),
    "it leads to this machine": (say(userinfo_endpoint="http://127.0.0.1:9/me"), NO_ANSWER),
    "it leads to a file": (say(jwks_uri="file:///etc/passwd"), NO_ANSWER),
    "it leads the browser astray": (say(authorization_endpoint="javascript:alert(1)"), NO_ANSWER),
    "it does not say where": (say(token_endpoint=None), NO_ANSWER),
    # Faults of the server.
    "it sends us elsewhere": (answer("token", Reply(307, headers={"Location": "https://evil.example/"})), NO_ANSWER),
    "it sends us elsewhere for keys": (answer("keys", Reply(302, headers={"Location": "/other"})), NO_ANSWER),
    "it fails": (answer("token", Reply(500, b"oh")), NO_ANSWER),
    "it sends a page": (answer("token", Reply(200, b"<h1>Sign in</h1>")), NO_ANSWER),
    "it sends a list": (answer("token", Reply(200, b"[]")), NO_ANSWER),
    "it sends a depth": (answer("token", Reply(200, b"[" * 200_000)), NO_ANSWER),
    "it sends a flood": (answer("token", Reply(200, b" " * 400_000)), NO_ANSWER),
    "it sends a flood of keys": (answer("keys", Reply(200, b'{"keys": [' + b"{}," * 120_000)), NO_ANSWER),
    "its user page is deep": (answer("userinfo", Reply(200, b'{"a":' * 50_000)), NO_ANSWER),
    "it is silent": (answer("token", hang()), NO_ANSWER),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "silent" in request.node.name or "slow" in request.node.name:
        monkeypatch.setattr(single_sign_on, "LIMITS", Limits(connect=1, read=0.4, total=0.6, size=256 * 1024))


@pytest.fixture
def site(make_site: Any, openid: FakeOpenId, secret: dict[str, str], impatient: None) -> Any:
    return make_site(settings_of(("door", "openid", openid)), environ=secret)


def forget(site: Any) -> None:
    """What the service said of itself is asked anew."""
    client = site.portal.clients.sign_in["door"]
    client._metadata, client._keys = Kept(), Kept()


@pytest.mark.parametrize("lie", LIES)
def test_nobody_is_signed_in_by_a_lie(site: Any, openid: FakeOpenId, lie: str) -> None:
    join(site.client())
    before, browser = stored(site), site.client()
    forget(site)
    tell, words = LIES[lie]
    tell(openid)
    begun = browser.get("/sign-in-with/door")
    if begun.location.startswith(openid.url):
        begun = browser.get(agree(begun.location))
    assert (begun.status_code, begun.location) == (303, "/people/sign-in")
    page = browser.get("/people/sign-in").text
    assert words in page
    assert "evil" not in page
    assert (stored(site), is_signed_in(browser)) == (before, False)


def test_the_same_without_a_lie_signs_in(site: Any) -> None:
    join(site.client())
    browser = site.client()
    walk(browser)
    assert is_signed_in(browser)


def test_an_answer_is_good_once(site: Any) -> None:
    browser = site.client()
    back = agree(leave(browser))
    assert browser.get(back).location == "/sign-in-with/door/sign-up"
    assert browser.get(back).location == "/people/sign-in"
    assert NOT_BEGUN in browser.get("/people/sign-in").text


def test_a_code_is_good_once_even_with_an_old_cookie(site: Any) -> None:
    browser = site.client()
    back = agree(leave(browser))
    thief = site.client()
    thief._cookies.update(dict(browser._cookies))
    browser.get(back)
    thief.get(back)
    assert USED in thief.get("/people/sign-in").text


def test_an_answer_of_one_browser_is_worth_nothing_in_another(site: Any) -> None:
    join(site.client())
    mine, theirs = site.client(), site.client()
    back = agree(leave(mine))
    leave(theirs)
    theirs.get(back)
    assert NOT_BEGUN in theirs.get("/people/sign-in").text
    assert not is_signed_in(theirs)


def test_an_answer_of_one_service_is_none_of_another(
    make_site: Any, openid: FakeOpenId, github: FakeGitHub, secret: dict[str, str]
) -> None:
    site = make_site(settings_of(("door", "openid", openid), ("hub", "github", github)), environ=secret)
    browser = site.client()
    back = urlsplit(agree(leave(browser, "hub")))
    assert browser.get(f"/sign-in-with/door/back?{back.query}").location == "/people/sign-in"
    assert [one for one in openid.requests if one.path == "/token"] == []


def test_an_answer_that_comes_too_late_is_refused(site: Any) -> None:
    browser = site.client()
    back = agree(leave(browser))
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        browser.get(back)
        assert NOT_BEGUN in browser.get("/people/sign-in").text


def test_who_a_service_said_one_is_waits_only_a_while(site: Any) -> None:
    browser = site.client()
    walk(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert browser.post("/sign-in-with/door/sign-up", data={"username": "ana"}).location == "/people/sign-in"
    assert stored(site) == [0, 0, 0]


def test_who_signs_in_meanwhile_gets_no_link_that_another_began(site: Any) -> None:
    _bo, browser = member(site)
    there = agree(leave(site.client()))
    browser.get(there)
    assert NOT_BEGUN in browser.get("/sign-in-with/").text
    assert stored(site)[1] == 0


def test_a_new_key_of_the_service_is_asked_for(site: Any, openid: FakeOpenId) -> None:
    join(site.client())
    openid.key = ECKey.generate_key("P-256", {"kid": "one"})
    openid.shown = [openid.key]
    site.portal.clients.sign_in["door"]._keys._since -= 120  # They were read two minutes ago.
    browser = site.client()
    walk(browser)
    assert is_signed_in(browser)


def test_what_a_service_says_of_itself_is_asked_once(site: Any, openid: FakeOpenId) -> None:
    join(site.client())
    for _time in range(3):
        walk(site.client())
    asked = [one.path for one in openid.requests]
    assert [asked.count(path) for path in ("/.well-known/openid-configuration", "/keys")] == [1, 1]


def test_a_service_that_is_down_keeps_nobody_waiting_twice_for_being_slow(site: Any, openid: FakeOpenId) -> None:
    openid.trouble = hang()
    browser = site.client()
    for _time in range(2):
        begun = time.monotonic()
        browser.get("/sign-in-with/door")
        took = time.monotonic() - begun
        assert NO_ANSWER in browser.get("/people/sign-in").text
    assert took < 0.3


def test_many_wrong_answers_from_one_place_are_stopped(make_site: Any, openid: FakeOpenId, secret: Any) -> None:
    toml = settings_of(("door", "openid", openid), more="[limits]\nsign_in_tries = 3")
    site = make_site(toml, environ=secret)
    openid.changed_answer["code"] = "made-up"
    answers = [walk(site.client()).status_code for _time in range(17)]
    assert answers == [303] * 15 + [429] * 2
    assert len([one for one in openid.requests if one.path == "/token"]) == 15


def test_a_wiki_that_does_not_know_somebody_signs_nobody_in(
    make_site: Any, mediawiki: FakeMediaWiki, secret: dict[str, str]
) -> None:
    mediawiki.person["sub"] = "0"
    site = make_site(settings_of(("door", "mediawiki", mediawiki)), environ=secret)
    browser = site.client()
    walk(browser)
    assert PROVES_NOTHING in browser.get("/people/sign-in").text


def test_neither_secret_nor_code_nor_token_is_in_the_log(
    site: Any, openid: FakeOpenId, capfd: pytest.CaptureFixture[str]
) -> None:
    openid.claims["nonce"] = "made-up"
    browser = site.client()
    back = agree(leave(browser))
    browser.get(back)
    said = "".join(capfd.readouterr())
    grants = [value for one in openid.requests for name, value in one.params if name in {"code", "code_verifier"}]
    assert [word for word in [*grants, *openid.tokens, "a secret of two"] if word in said] == []


@pytest.mark.parametrize("told", [LONG_AGO, None, LONG_AGO + 10_800], ids=["long ago", "nothing", "later"])
def test_a_session_there_that_is_hours_old_is_no_new_proof(site: Any, openid: FakeOpenId, told: Any) -> None:
    browser = site.client()
    join(browser)
    openid.claims["auth_time"] = told
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        if told == LONG_AGO:
            openid.claims["auth_time"] = int(time.time()) - 1200
        there = leave(browser, query="?next=/people/me/delete")
        assert "prompt=login" in there
        assert "max_age=0" in there
        assert browser.get(agree(there)).location == "/sign-in-with/"
        assert "did not ask you anew" in browser.get("/sign-in-with/").text
        assert browser.post("/people/me/delete").location.startswith("/people/prove")


def test_who_has_just_signed_in_there_again_has_shown_it(site: Any, openid: FakeOpenId) -> None:
    browser = site.client()
    join(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        assert walk(browser, query="?next=/people/me/delete").location == "/people/me/delete"
        assert browser.get("/people/me/delete").status_code == 200


def test_who_only_signs_in_is_not_asked_when_they_did_so_there(site: Any, openid: FakeOpenId) -> None:
    join(site.client())
    openid.claims["auth_time"] = LONG_AGO
    browser = site.client()
    there = leave(browser)
    assert "max_age" not in there
    browser.get(agree(there))
    assert is_signed_in(browser)
