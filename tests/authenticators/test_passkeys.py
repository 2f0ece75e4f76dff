"""Passkeys sign in whom they belong to: unlocked just now, for this site, once. Everything else is refused."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import render_template
from sqlalchemy import select

from portal.authenticators.models import CodeApp, Passkey
from portal.authenticators.passkeys import ceremony
from portal.authenticators.passkeys.actions import remove_passkey
from portal.authenticators.passkeys.rules import MOST, RelyingParty, relying_party
from portal.core.errors import Conflict
from portal.core.security_log import SecurityRow
from portal.people.models import Letter, Person, UserSession
from tests import make
from tests.fakes.authenticators import PRESENT, FakeDevice, encoded

TOML = '[site]\nurl = "https://portal.example"\n'
SIGN_IN, ADD = "/passkeys/sign-in", "/passkeys/add"
REFUSED = "This passkey does not sign you in here"


@pytest.fixture
def site(make_site: Any) -> Any:
    return make_site(TOML)


def browser_of(site: Any) -> Any:
    """A browser without cookies, which keeps those for https."""
    client = site.client()
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def member(site: Any, username: str = "bo", **values: Any) -> Any:
    """Somebody with a password and an address, and a browser in which they are signed in."""
    known = {"email": f"{username}@example.org", "email_key": f"{username}@example.org"}
    with site.unit_of_work() as session:
        person = make.person(session, username, **{**known, **values})
        return person, make.sign_in(browser_of(site), person)


def add(browser: Any, device: FakeDevice, name: str = "my phone") -> Any:
    """Press the button on the page; the answer."""
    options = browser.get(f"{ADD}/options").json
    return browser.post(ADD, data={"name": name, "answer": device.make(options)})


def show(browser: Any, device: FakeDevice, query: str = "") -> Any:
    """Press the button that signs in; the answer."""
    options = browser.get(f"{SIGN_IN}/options").json
    return browser.post(f"{SIGN_IN}{query}", data={"answer": device.show(options)})


def is_signed_in(browser: Any) -> bool:
    return bool(browser.get("/people/me").status_code == 200)


def passkeys(site: Any) -> list[Passkey]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(Passkey).order_by(Passkey.id)))


def letters(site: Any) -> list[str]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(Letter.template).order_by(Letter.id)))


def events(site: Any) -> list[tuple[str, str]]:
    with site.unit_of_work() as session:
        return [(row.event, row.outcome) for row in session.scalars(select(SecurityRow).order_by(SecurityRow.id))]


def added(site: Any, **values: Any) -> Any:
    """Somebody, their browser, and a device with a passkey of theirs."""
    device = FakeDevice()
    person, browser = member(site, **values)
    assert add(browser, device).status_code == 303
    return person, browser, device


def test_a_passkey_is_added_signs_in_and_is_told_of(site: Any) -> None:
    bo, browser, device = added(site)
    assert "my phone" in browser.get("/passkeys/").text
    visitor = browser_of(site)
    assert "Use a passkey" in visitor.get("/people/sign-in").text
    assert show(visitor, device, "?next=/passkeys/").location == "/passkeys/"
    assert "Last used" in visitor.get("/passkeys/").text
    assert ("passkey_added", "done") in events(site)
    assert ("sign_in", "done") in events(site)
    assert letters(site)[0] == "authenticators.passkey_added"
    with site.unit_of_work() as session:
        newest = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
        assert (newest.person_id, newest.proofs) == (bo.id, "passkey")


def test_what_the_browser_is_asked_names_nobody_and_wants_to_be_unlocked(site: Any) -> None:
    bo, browser, device = added(site)
    asked = browser.get(f"{ADD}/options").json
    assert asked["rp"]["id"] == "portal.example"
    assert asked["attestation"] == "none"
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert asked["user"]["id"] == encoded(device.handle)
    assert str(bo.id).encode() != device.handle
    assert len(device.handle) == 32
    assert [one["id"] for one in asked["excludeCredentials"]] == [encoded(device.id)]
    visitor = browser_of(site).get(f"{SIGN_IN}/options").json
    assert (visitor["userVerification"], visitor["allowCredentials"]) == ("required", [])


LIES: dict[str, Callable[[FakeDevice], None]] = {
    "another origin": lambda one: setattr(one, "origin", "https://portal.example.evil.example"),
    "another port": lambda one: setattr(one, "origin", "https://portal.example:8443"),
    "without https": lambda one: setattr(one, "origin", "http://portal.example"),
    "made for another site": lambda one: setattr(one, "party", "evil.example"),
    "not unlocked": lambda one: setattr(one, "flags", PRESENT),
    "nobody there": lambda one: setattr(one, "flags", 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_adds_no_passkey(site: Any, lie: str) -> None:
    _bo, browser = member(site)
    device = FakeDevice()
    LIES[lie](device)
    answer = add(browser, device)
    assert answer.status_code == 422
    assert "no passkey that is good for this site" in answer.text
    assert passkeys(site) == []
    assert ("passkey_added", "failed") in events(site)


THEFTS: dict[str, Callable[[FakeDevice], None]] = {
    **LIES,
    "the count goes back": lambda one: setattr(one, "count", 2),
    "the count stands still": lambda one: setattr(one, "counts", False),
    "the key of another": lambda one: setattr(one, "key", FakeDevice().key),
    "an id that nobody has": lambda one: setattr(one, "id", FakeDevice().id),
    "the handle of another": lambda one: setattr(one, "handle", bytes(32)),
    "no handle": lambda one: setattr(one, "handle", b""),
}


@pytest.mark.parametrize("theft", THEFTS)
def test_a_lie_signs_nobody_in(site: Any, theft: str) -> None:
    _bo, _browser, device = added(site)
    device.count = 6
    assert show(browser_of(site), device).status_code == 303
    THEFTS[theft](device)
    visitor = browser_of(site)
    answer = show(visitor, device)
    assert answer.status_code == 422
    assert REFUSED in answer.text
    assert not is_signed_in(visitor)
    assert ("sign_in", "failed") in events(site)


def test_a_challenge_is_good_once_for_its_browser_and_a_few_minutes(site: Any) -> None:
    _bo, _browser, device = added(site)
    visitor, other = browser_of(site), browser_of(site)
    answer = device.show(visitor.get(f"{SIGN_IN}/options").json)
    other.get(f"{SIGN_IN}/options")
    assert REFUSED in other.post(SIGN_IN, data={"answer": answer}).text
    answer = device.show(visitor.get(f"{SIGN_IN}/options").json)
    visitor.get(f"{SIGN_IN}/options")
    assert REFUSED in visitor.post(SIGN_IN, data={"answer": answer}).text
    assert "took too long" in visitor.post(SIGN_IN, data={"answer": answer}).text
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        answer = device.show(visitor.get(f"{SIGN_IN}/options").json)
        traveller.shift(timedelta(minutes=6))
        assert "took too long" in visitor.post(SIGN_IN, data={"answer": answer}).text
    assert not is_signed_in(visitor)


def test_who_kept_the_cookie_with_the_answer_cannot_use_both_again(site: Any) -> None:
    _bo, _browser, device = added(site)
    device.counts = False
    visitor, thief = browser_of(site), browser_of(site)
    answer = device.show(visitor.get(f"{SIGN_IN}/options").json)
    with visitor.session_transaction() as kept, thief.session_transaction() as stolen:
        stolen.update(kept)
    assert visitor.post(SIGN_IN, data={"answer": answer}).status_code == 303
    assert REFUSED in thief.post(SIGN_IN, data={"answer": answer}).text
    assert not is_signed_in(thief)


def test_what_is_sent_twice_is_done_once_and_answered_alike(site: Any) -> None:
    _bo, browser = member(site)
    device, visitor = FakeDevice(), browser_of(site)
    for client, url, options in ((browser, ADD, f"{ADD}/options"), (visitor, SIGN_IN, f"{SIGN_IN}/options")):
        key = re.search(r'name="form_key" value="([^"]+)"', client.get(url).text)
        assert key
        answer = (device.make if url == ADD else device.show)(client.get(options).json)
        sent = {"name": "my phone", "answer": answer, "form_key": key[1]}
        answers = [client.post(url, data=sent) for _time in range(2)]
        assert [one.status_code for one in answers] == [303, 303]
        assert answers[0].location == answers[1].location
    assert len(passkeys(site)) == 1


def test_a_device_that_does_not_count_signs_in_again_and_again(site: Any) -> None:
    _bo, _browser, device = added(site)
    device.counts = False
    for _time in range(3):
        assert show(browser_of(site), device).status_code == 303


def test_a_challenge_for_signing_in_adds_nothing_nor_the_other_way_round(site: Any) -> None:
    _bo, browser, device = added(site)
    new = FakeDevice()
    asked = {**browser.get(f"{ADD}/options").json}
    browser.get(f"{SIGN_IN}/options")
    assert "took too long" in browser.post(ADD, data={"name": "x", "answer": new.make(asked)}).text
    browser.get(f"{ADD}/options")
    assert "took too long" in browser.post(SIGN_IN, data={"answer": device.show(asked)}).text
    assert len(passkeys(site)) == 1


def test_a_passkey_shows_again_that_it_is_you_and_only_you(site: Any) -> None:
    bo, _browser, device = added(site)
    other, _other = member(site, "cy")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    browser = make.sign_in(browser_of(site), bo, at=long_ago)
    assert browser.get(ADD).location.startswith("/people/prove?next=")
    assert "Use a passkey" in browser.get("/people/prove").text
    assert show(browser, device, "?next=/passkeys/add").location == ADD
    assert browser.get(ADD).status_code == 200
    assert ("proved_again", "done") in events(site)
    stranger = make.sign_in(browser_of(site), other, at=long_ago)
    assert "Use a passkey" not in stranger.get("/people/prove").text
    assert REFUSED in show(stranger, device).text
    assert stranger.get(ADD).location.startswith("/people/prove?next=")


def test_who_signed_in_long_ago_neither_adds_nor_removes(site: Any) -> None:
    bo, _browser, _device = added(site)
    browser = make.sign_in(browser_of(site), bo, at=datetime.now(UTC) - timedelta(hours=1))
    [passkey] = passkeys(site)
    for url in (ADD, f"{ADD}/options", f"/passkeys/{passkey.id}/remove"):
        assert browser.get(url).location.startswith("/people/prove?next=")
    assert browser.post(f"/passkeys/{passkey.id}/remove").location.startswith("/people/prove?next=")
    assert len(passkeys(site)) == 1


def test_one_device_is_added_once_and_belongs_to_one(site: Any) -> None:
    _bo, browser, device = added(site)
    _cy, other = member(site, "cy")
    for client in (browser, other):
        answer = add(client, device)
        assert answer.status_code == 409
        assert "here already" in answer.text
    assert len(passkeys(site)) == 1


def test_nobody_has_more_than_so_many(site: Any) -> None:
    _bo, browser, _device = added(site)
    for _number in range(MOST - 1):
        add(browser, FakeDevice())
    assert add(browser, FakeDevice()).status_code == 409
    assert len(passkeys(site)) == MOST


def test_a_passkey_gets_another_name_and_goes_after_a_question(site: Any) -> None:
    _bo, browser, device = added(site)
    [passkey] = passkeys(site)
    browser.post(f"/passkeys/{passkey.id}/name", data={"name": "<i>old</i> phone"})
    assert "&lt;i&gt;old&lt;/i&gt; phone" in browser.get("/passkeys/").text
    assert "old&lt;/i&gt; phone" in browser.get(f"/passkeys/{passkey.id}/remove").text
    for _time in range(2):
        assert browser.post(f"/passkeys/{passkey.id}/remove").location == "/passkeys/"
    assert passkeys(site) == []
    assert REFUSED in show(browser_of(site), device).text
    assert letters(site) == ["authenticators.passkey_added", "authenticators.passkey_removed"]
    assert ("passkey_removed", "done") in events(site)


def test_letters_name_the_passkey(site: Any) -> None:
    bo, browser, _device = added(site)
    browser.post(f"/passkeys/{passkeys(site)[0].id}/remove")
    with site.app.test_request_context():
        for template in ("passkey_added", "passkey_removed"):
            text = render_template(f"mail/authenticators.{template}.txt", person=bo, passkey="my phone")
            assert "“my phone”" in text


def test_the_last_way_in_stays_and_a_password_is_offered(site: Any) -> None:
    _bo, browser, device = added(site, password_hash="")
    [first] = passkeys(site)
    assert browser.post(f"/passkeys/{first.id}/remove").location == "/people/me/password"
    assert "only way in that you have" in browser.get("/people/me/password").text
    add(browser, FakeDevice())
    assert browser.post(f"/passkeys/{first.id}/remove").location == "/passkeys/"
    assert len(passkeys(site)) == 1
    assert not is_signed_in(browser_of(site))
    assert device.id != passkeys(site)[0].credential_id


def test_of_two_last_passkeys_one_stays(site: Any) -> None:
    bo, browser, _device = added(site, password_hash="")
    add(browser, FakeDevice())
    first, second = (one.id for one in passkeys(site))
    refused: list[str] = []
    ready = threading.Barrier(2)

    def remove(passkey_id: int) -> None:
        ready.wait()
        try:
            with site.app.app_context(), site.unit_of_work() as session:
                remove_passkey(session, session.get_one(Person, bo.id), passkey_id, datetime.now(UTC))
        except Conflict as conflict:
            refused.append(conflict.code)

    threads = [threading.Thread(target=remove, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_way_in"]
    assert len(passkeys(site)) == 1


def test_nobody_touches_a_passkey_of_somebody_else(site: Any) -> None:
    added(site)
    [passkey] = passkeys(site)
    _cy, other = member(site, "cy")
    assert other.get(f"/passkeys/{passkey.id}/name").status_code == 404
    assert other.post(f"/passkeys/{passkey.id}/name", data={"name": "mine"}).status_code == 404
    assert other.get(f"/passkeys/{passkey.id}/remove").status_code == 404
    other.post(f"/passkeys/{passkey.id}/remove")
    assert [one.name for one in passkeys(site)] == ["my phone"]


def test_a_passkey_asks_for_no_second_factor(site: Any) -> None:
    bo, _browser, device = added(site)
    with site.unit_of_work() as session:
        session.add(CodeApp(person_id=bo.id, sealed_secret="x", last_step=0, added_at=make.NOON))
    visitor = browser_of(site)
    show(visitor, device)
    assert is_signed_in(visitor)


def test_who_left_and_who_may_not_come_in_is_not_signed_in(site: Any) -> None:
    bo, _browser, device = added(site)
    with site.unit_of_work() as session:
        export = site.portal.features.exports["authenticators"](session, session.get_one(Person, bo.id))
    [told] = export["passkeys"]
    assert (told["name"], sorted(told)) == ("my phone", ["added_at", "last_used_at", "name"])
    with site.unit_of_work() as session:
        session.get_one(Person, bo.id).deleted_at = make.NOON
    assert REFUSED in show(browser_of(site), device).text
    with site.unit_of_work() as session:
        session.get_one(Person, bo.id).deleted_at = None
        for erase in site.portal.features.erasures:
            erase(site.portal, session, session.get_one(Person, bo.id), make.NOON)
    assert passkeys(site) == []
    assert REFUSED in show(browser_of(site), device).text


NONSENSE = (
    "x",
    "{}",
    "[]",
    "null",
    "[" * 9000,
    '{"id":' * 2500,
    json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}}),
    json.dumps({"id": 1, "rawId": [], "type": None, "response": "x"}),
    json.dumps({"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "W1tb", "attestationObject": "n5-f" * 2000}}),
)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_in_words(site: Any, nonsense: str) -> None:
    _bo, browser = member(site)
    browser.get(f"{ADD}/options")
    assert browser.post(ADD, data={"name": "x", "answer": nonsense}).status_code == 422
    visitor = browser_of(site)
    visitor.get(f"{SIGN_IN}/options")
    assert visitor.post(SIGN_IN, data={"answer": nonsense}).status_code == 422


def test_without_a_script_the_page_says_what_is_needed(site: Any) -> None:
    answer = browser_of(site).post(SIGN_IN, data={"answer": ""})
    assert answer.status_code == 422
    assert "It needs JavaScript" in answer.text
    assert "Use a passkey" in answer.text


def test_who_tries_too_often_waits(site: Any) -> None:
    _bo, _browser, device = added(site)
    device.key = FakeDevice().key
    visitor = browser_of(site)
    statuses = {show(visitor, device).status_code for _time in range(200)}
    assert statuses == {422, 429}


def test_the_address_of_the_site_says_for_whom_passkeys_are() -> None:
    assert relying_party("https://portal.example/sub") == RelyingParty("portal.example", "https://portal.example")
    assert relying_party("http://localhost:8000") == RelyingParty("localhost", "http://localhost:8000")
    assert relying_party("https://portal.example:443") == RelyingParty("portal.example", "https://portal.example")
    for url in ("http://portal.example", "https://192.0.2.1", "https://[2001:db8::1]", "http://127.0.0.1:8000"):
        assert relying_party(url) is None


def test_where_browsers_have_no_passkeys_none_are_offered(make_site: Any) -> None:
    site = make_site('[site]\nurl = "http://127.0.0.1:8000"\n')
    visitor = site.client()
    assert "Use a passkey" not in visitor.get("/people/sign-in").text
    assert visitor.get(SIGN_IN).status_code == 404
    with site.unit_of_work() as session:
        browser = make.sign_in(site.client(), make.person(session, "bo"))
    assert "only for a name with https" in browser.get("/passkeys/").text
    assert browser.get(ADD).status_code == 404


def test_a_challenge_lasts_as_long_as_the_browser_may_ask() -> None:
    assert ceremony.MILLISECONDS == 300_000


def test_a_demanded_second_factor_is_a_passkey_too_and_the_password_alone_opens_nothing(make_site: Any) -> None:
    site = make_site(f'{TOML}\n[sign_in_rules]\nsecond_factor = "demanded"')
    device = FakeDevice()
    with site.unit_of_work() as session:
        stella = make.person(session, "stella", password_hash=make.speaker(session, "kim").password_hash)
        make.role(session, stella, "portal-steward")
        browser = make.sign_in(browser_of(site), stella)
    assert browser.get("/invitations/").status_code == 403
    assert "Your roles wait" in browser.get("/dashboard").text
    assert add(browser, device).status_code == 303
    assert browser.get("/invitations/").status_code == 200
    assert "Your roles wait" not in browser.get("/dashboard").text
    with site.app.test_request_context(base_url="https://portal.example.org"), site.unit_of_work() as session:
        (factor,) = site.portal.features.second_factors
        kim = session.scalars(select(Person).where(Person.username == "kim")).one()
        assert factor.needed_by(session, session.get_one(Person, stella.id))
        assert not factor.needed_by(session, kim), "nobody needs one who decides nothing for others"


def test_the_page_of_the_second_factor_asks_for_what_one_has(site: Any) -> None:
    bo, _browser, device = added(site)
    with site.unit_of_work() as session:
        session.add(CodeApp(person_id=bo.id, sealed_secret="x", last_step=0, added_at=make.NOON))
    visitor = browser_of(site)
    with visitor.session_transaction() as cookie:
        cookie["half_signed_in"] = [bo.id, 0, "password", datetime.now(UTC).timestamp()]
    page = visitor.get("/second-factor/enter?next=/passkeys/").text
    assert 'name="code"' in page
    assert "Use a passkey" in page
    assert "A passkey needs JavaScript" in page
    with site.unit_of_work() as session:
        session.query(CodeApp).delete()
    page = visitor.get("/second-factor/enter").text
    assert 'name="code"' not in page
    assert "your passkey" in page
    assert show(visitor, device, "?next=/passkeys/").location == "/passkeys/"
    assert is_signed_in(visitor)
