"""A token opens what it was made for, and nothing else. RFC 6750; OWASP ASVS 4.0.3, 3.5.2 and 3.5.3."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.activity.actions import record
from portal.activity.models import Notice
from portal.activity.rules import link
from portal.api_tokens import rules
from portal.api_tokens.models import ApiToken
from portal.core import clock
from portal.core.security_log import SecurityRow
from portal.people.models import Person
from tests import make

ME, NOTICES, READ = "/api/v1/me", "/api/v1/me/notices", "/api/v1/me/notices/read"
ALL = ("notices:read", "notices:write", "profile:read")


@pytest.fixture
def ana(site: Any) -> Person:
    """She coordinates, and was told of something twice."""
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        make.role(session, ana, "mentoring-coordinator")
        for title in ("Mapper", "Counter"):
            values = {"title": title, "link": link("tools.index")}
            record(session, "tools.owner_not_wanted", actor=None, values=values, tell=[ana], now=clock.now())
    return ana


@pytest.fixture
def token(site: Any, ana: Person) -> str:
    return token_for(site, ana, *ALL)


def token_for(site: Any, person: Person, *scopes: str, **more: Any) -> str:
    with site.unit_of_work() as session:
        return make.api_token(session, session.get_one(Person, person.id), *scopes, **more)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def unread(site: Any) -> list[int]:
    with site.unit_of_work() as session:
        return sorted(session.scalars(select(Notice.id).where(Notice.read_at.is_(None))))


def test_a_program_sees_whose_it_is_and_what_it_may(site: Any, token: str) -> None:
    answer = site.client().get(ME, headers=bearer(token))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    told = answer.json
    assert (told["username"], told["name"]) == ("ana", "Ana")
    assert [role["slug"] for role in told["roles"]] == ["mentoring-coordinator"]
    assert told["token"]["scopes"] == sorted(ALL)


def test_a_program_reads_notices_and_marks_them_as_read_however_often_it_says_so(site: Any, token: str) -> None:
    client = site.client()
    listed = client.get(f"{NOTICES}?limit=1", headers=bearer(token)).json
    [notice] = listed["items"]
    assert "Counter" in notice["text"]
    assert notice["url"].endswith("/tools/")
    assert notice["url"].startswith("http")
    assert len(unread(site)) == 2, "to list them marks none as read"
    assert client.get(NOTICES, query_string={"cursor": listed["next"]}, headers=bearer(token)).json["items"]
    for _time in range(2):
        answer = client.post(READ, json={"ids": [notice["id"]]}, headers=bearer(token))
        assert (answer.status_code, answer.json) == (200, {"unread": 1})
    assert unread(site) != []


def test_of_another_it_sees_nothing_and_marks_nothing(site: Any, ana: Person, token: str) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
    other, before = token_for(site, ben, *ALL), unread(site)
    assert site.client().get(NOTICES, headers=bearer(other)).json["items"] == []
    assert site.client().post(READ, json={"ids": before}, headers=bearer(other)).json == {"unread": 0}
    assert unread(site) == before


@pytest.mark.parametrize("path", [ME, NOTICES, "/api/v1/tools", "/api/v1/openapi.json", "/api/v1/no-such-thing"])
def test_a_token_that_is_none_is_refused_wherever_it_is_sent(site: Any, token: str, path: str) -> None:
    wrong = [
        rules.new_token(),
        token[:-1],
        token.lower(),
        "",
        "x",
        "a" * 8000,
        "a b",
        "=",
        "тест".encode().decode("latin1"),
    ]
    for text in wrong:
        answer = site.client().get(path, headers=bearer(text))
        assert answer.status_code == 401, text
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
        assert answer.is_json
        assert answer.json["error"]["reason"] == "invalid_token"


def test_without_a_token_it_is_said_how_to_ask(site: Any) -> None:
    for answer in (site.client().get(ME), site.client().post(READ, json={"ids": [1]})):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        assert answer.json["error"]["reason"] == "needs_token"


def test_a_token_that_has_ended_by_time_or_by_hand_opens_nothing(site: Any, ana: Person, token: str) -> None:
    with time_machine.travel(clock.now() + timedelta(days=92)):
        assert site.client().get(ME, headers=bearer(token)).status_code == 401
    with site.unit_of_work() as session:
        [kept] = session.scalars(select(ApiToken))
    make.sign_in(site.client(), ana).post(f"/api-tokens/{kept.id}/end")
    assert site.client().get(ME, headers=bearer(token)).status_code == 401


def test_who_leaves_leaves_no_token_behind(site: Any, ana: Person, token: str) -> None:
    assert make.sign_in(site.client(), ana).post("/people/me/delete").status_code == 303
    assert site.client().get(ME, headers=bearer(token)).status_code == 401
    with site.unit_of_work() as session:
        assert session.scalars(select(ApiToken)).all() == []


@pytest.mark.parametrize(("scope", "path"), [("notices:read", ME), ("profile:read", NOTICES), ("notices:read", READ)])
def test_what_a_token_is_not_for_is_refused(site: Any, ana: Person, scope: str, path: str) -> None:
    client, headers = site.client(), bearer(token_for(site, ana, scope))
    answer = (
        client.post(path, json={"ids": unread(site)}, headers=headers)
        if path == READ
        else client.get(path, headers=headers)
    )
    assert answer.status_code == 403
    assert answer.json["error"]["reason"] == "insufficient_scope"
    needed = {ME: "profile:read", NOTICES: "notices:read", READ: "notices:write"}[path]
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="api", error="insufficient_scope", scope="{needed}"'
    assert len(unread(site)) == 2


def test_a_token_opens_no_page_and_sends_no_form(site: Any, ana: Person, token: str) -> None:
    for path in ("/notices", "/dashboard", "/people/me", "/api-tokens/", "/api-tokens/new", "/people/me/export"):
        answer = site.client().get(path, headers=bearer(token))
        assert answer.status_code == 302
        assert "/people/sign-in" in answer.location
    assert site.client().post("/notices/read", headers=bearer(token)).status_code == 302
    assert len(unread(site)) == 2


def test_a_cookie_opens_nothing_that_needs_a_token(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    assert browser.get(ME).status_code == 401
    assert browser.get(NOTICES).status_code == 401
    assert browser.post(READ, json={"ids": unread(site)}).status_code == 401
    assert len(unread(site)) == 2


def test_the_token_counts_and_not_the_cookie_beside_it(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
    browser = make.sign_in(site.client(), ana)
    assert browser.get(ME, headers=bearer(token_for(site, ben, *ALL))).json["username"] == "ben"


def test_whoever_asks_without_a_form_needs_a_token_or_a_link_of_a_letter(site: Any) -> None:
    exempt = {name for name, view in site.app.view_functions.items() if hasattr(view, "__csrf_exempt__")}
    by_token = {
        name
        for name, view in site.app.view_functions.items()
        if "scope" in inspect.getclosurevars(getattr(view, "__guard__", lambda: None)).nonlocals
    }
    assert exempt - by_token == {"activity.unsubscribe"}
    rules_of_api = [rule for rule in site.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    writing = {rule.endpoint for rule in rules_of_api if rule.methods - {"GET", "HEAD", "OPTIONS"}}
    assert writing
    assert writing <= by_token


def test_what_the_description_says_of_scopes_is_what_is_asked_for(site: Any) -> None:
    described = site.client().get("/api/v1/openapi.json").json
    asked = {
        (path, method): operation["security"][0]["personalToken"]
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if operation.get("security")
    }
    assert asked == {
        (ME, "get"): ["profile:read"],
        (NOTICES, "get"): ["notices:read"],
        (READ, "post"): ["notices:write"],
    }
    assert {scope for scopes in asked.values() for scope in scopes} == set(site.portal.features.api_scopes)
    assert described["components"]["securitySchemes"]["personalToken"]["scheme"] == "bearer"


BAD = {
    "no JSON": (b"{", 422),
    "nothing": (b"", 422),
    "a list": (b"[1]", 422),
    "too deep": (b"[" * 30_000, 422),
    "deep inside": (b'{"ids": ' + b'{"a":' * 8_000 + b"1" + b"}" * 8_000 + b"}", 422),
    "none": (b'{"ids": []}', 422),
    "text": (b'{"ids": ["one"]}', 422),
    "too large a number": (b'{"ids": [2147483648]}', 422),
    "far too large a number": (b'{"ids": [' + b"9" * 5_000 + b"]}", 422),
    "below one": (b'{"ids": [0]}', 422),
    "too many": (json.dumps({"ids": list(range(1, 202))}).encode(), 422),
    "something else": (b'{"ids": [1], "all": true}', 422),
    "not UTF-8": (b'{"ids": [1], "\xff": 1}', 422),
    "too large": (b'{"ids": [1], "x": "' + b"x" * 70_000 + b'"}', 413),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_sent_is_measured_and_checked_before_anything_is_done(site: Any, token: str, kind: str) -> None:
    body, status = BAD[kind]
    answer = site.client().post(READ, data=body, content_type="application/json", headers=bearer(token))
    assert answer.status_code == status
    assert answer.json["error"]["code"] == status
    assert len(unread(site)) == 2


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"],
)
def test_only_json_is_taken(site: Any, token: str, content_type: str) -> None:
    body = json.dumps({"ids": unread(site)})
    answer = site.client().post(READ, data=body, content_type=content_type, headers=bearer(token))
    assert answer.status_code == 415
    assert answer.json["error"]["reason"] == "unsupported_media_type"
    assert len(unread(site)) == 2


def test_what_a_proxy_before_us_asks_for_is_none_of_ours(site: Any) -> None:
    assert site.client().get("/api/v1/tools", auth=("guest", "secret")).status_code == 200
    assert site.client().get(ME, auth=("guest", "secret")).status_code == 401


def test_use_is_noted_now_and_then_with_the_network(site: Any, token: str) -> None:
    def used() -> tuple[Any, str]:
        with site.unit_of_work() as session:
            [kept] = session.scalars(select(ApiToken))
            return kept.last_used_at, kept.last_network

    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False) as time:
        site.client().head(NOTICES, headers=bearer(token))
        assert used()[0] is None
        site.client().get(NOTICES, headers=bearer(token))
        first, network = used()
        assert (first, network) == (clock.now(), "127.0.0.1")
        time.shift(timedelta(minutes=4))
        site.client().get(NOTICES, headers=bearer(token))
        assert used()[0] == first
        time.shift(timedelta(minutes=2))
        site.client().get(NOTICES, headers=bearer(token))
        assert used()[0] > first


def test_programs_are_counted_by_their_token_and_guesses_by_where_they_come_from(make_site: Any) -> None:
    site = make_site("[limits]\napi_per_minute = 10")
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        one, other = (make.api_token(session, ana, *ALL) for _ in range(2))
    client = site.client()
    with time_machine.travel(clock.now(), tick=False):
        told = [client.get(ME, headers=bearer(one)).status_code for _ in range(11)]
        assert told == [200] * 10 + [429]
        assert client.get(ME, headers=bearer(other)).status_code == 200
        assert client.get("/api/v1/tools").status_code == 200
        guessed = [client.get(ME, headers=bearer(rules.new_token())).status_code for _ in range(11)]
        assert guessed[:9] == [401] * 9
        assert guessed[-1] == 429
        assert client.get(ME, headers=bearer(other)).status_code == 200


def test_no_line_of_the_log_and_no_event_holds_a_token(
    site: Any, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    guess = rules.new_token()
    for text in (token, guess):
        site.client().get(ME, headers=bearer(text))
        site.client().get(f"{ME}?access_token={text}")
    said = "".join(capsys.readouterr())
    assert "token_refused" in said
    assert token not in said
    assert guess not in said
    with site.unit_of_work() as session:
        events = [row for row in session.scalars(select(SecurityRow)) if row.event == "token_refused"]
    assert [(row.outcome, row.facts) for row in events] == [("failed", {"why": "unknown"})]


def test_a_token_in_the_address_is_none(site: Any, token: str) -> None:
    assert site.client().get(f"{ME}?access_token={token}").status_code == 401
