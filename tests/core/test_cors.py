"""Pages elsewhere get nothing of the API through a browser unless the settings name them. OWASP ASVS 4.0.3, 14.5.3."""

from __future__ import annotations

from typing import Any

import pytest

from portal.core.config import ConfigError
from tests import make
from tests.settings import parse_config

MAPS = "https://maps.example.org"
TOOLS, READ = "/api/v1/tools", "/api/v1/me/notices/read"
HOSTILE = [
    "null",
    "",
    "https://evil.example",
    "https://maps.example.org.evil.example",
    "https://evilmaps.example.org",
    "https://evil.example/https://maps.example.org",
    "https://maps.example.org:8443",
    "https://maps.example.org:443",
    "http://maps.example.org",
    "https://maps.example.org/",
    "https://MAPS.example.org",
    "https://maps.example.org@evil.example",
    "https://maps.example.org%60.evil.example",
    "https://sub.maps.example.org",
    "https://example.org",
    "https://localhost",
    "*",
    "https://maps.example.org, https://evil.example",
]


def cors(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


def preflight(site: Any, path: str, origin: str, method: str, headers: str = "authorization,content-type") -> Any:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return site.client().options(path, headers={"Origin": origin, **asked})


@pytest.fixture
def named(make_site: Any) -> Any:
    return make_site(f'[api]\ncors_origins = ["{MAPS}", "http://localhost:8080"]')


def test_unless_it_is_set_no_page_elsewhere_gets_anything(site: Any) -> None:
    answers = (
        site.client().get(TOOLS, headers={"Origin": MAPS}),
        preflight(site, TOOLS, MAPS, "GET"),
        preflight(site, READ, MAPS, "POST"),
    )
    assert [cors(answer) for answer in answers] == [{}, {}, {}]


def test_a_page_that_is_named_reads_and_asks_by_a_token(named: Any) -> None:
    with named.unit_of_work() as session:
        token = make.api_token(session, make.person(session, "ana"), "notices:write")
    asked = preflight(named, READ, MAPS, "POST")
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == MAPS
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    headers = {"Origin": MAPS, "Authorization": f"Bearer {token}"}
    answer = named.client().post(READ, json={"ids": [1]}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == MAPS
    assert "X-RateLimit-Remaining" in answer.headers["Access-Control-Expose-Headers"]
    refused = named.client().get("/api/v1/me", headers={"Origin": MAPS})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == MAPS, "it reads why"


@pytest.mark.parametrize("origin", HOSTILE)
@pytest.mark.parametrize("path", [TOOLS, READ])
def test_who_only_looks_like_it_gets_nothing(named: Any, origin: str, path: str) -> None:
    for answer in (preflight(named, path, origin, "POST"), named.client().get(path, headers={"Origin": origin})):
        assert cors(answer) == {}
        assert "Origin" in answer.headers["Vary"]


def test_no_answer_lets_cookies_come_along(named: Any, make_site: Any) -> None:
    anybody = make_site('[api]\ncors_origins = ["*"]')
    for site, origin in ((named, MAPS), (anybody, MAPS), (anybody, "null")):
        for answer in (site.client().get(TOOLS, headers={"Origin": origin}), preflight(site, TOOLS, origin, "GET")):
            assert answer.headers["Access-Control-Allow-Origin"]
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "Origin" in answer.headers["Vary"]


def test_pages_for_people_are_never_given_to_pages_elsewhere(make_site: Any) -> None:
    for origins in (f'"{MAPS}"', '"*"'):
        site = make_site(f"[api]\ncors_origins = [{origins}]")
        for path in ("/", "/tools/", "/people/sign-in", "/notices.csv", "/tools/toolinfo.json"):
            assert cors(site.client().get(path, headers={"Origin": MAPS})) == {}
            assert cors(preflight(site, path, MAPS, "POST")) == {}


def test_any_page_reads_what_everybody_may_and_nothing_more(make_site: Any) -> None:
    site = make_site('[api]\ncors_origins = ["*"]')
    with site.unit_of_work() as session:
        token = make.api_token(session, make.person(session, "ana"), "notices:write", "profile:read")
    with_token = {"Origin": MAPS, "Authorization": f"Bearer {token}"}
    assert site.client().get(TOOLS, headers={"Origin": MAPS}).headers["Access-Control-Allow-Origin"] == "*"
    assert cors(site.client().get("/api/v1/me", headers=with_token)) == {}
    assert cors(site.client().post(READ, json={"ids": [1]}, headers=with_token)) == {}
    assert cors(preflight(site, READ, MAPS, "POST")) == {}
    asked = preflight(site, TOOLS, MAPS, "GET", "if-none-match")
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" not in asked.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://maps.example.org",
        "https://maps.example.org/",
        "https://maps.example.org/path",
        "https://*.example.org",
        "https://MAPS.example.org",
        "https://maps.example.org:443",
        "https://maps.example.org:",
        "https://maps.example.org:99999",
        "https://user@maps.example.org",
        "https://m\u00e4ps.example.org",
        "maps.example.org",
        "https://",
        "file://",
    ],
)
def test_what_no_browser_would_send_or_anybody_could_be_is_no_setting(origin: str) -> None:
    with pytest.raises(ConfigError, match="is no origin as browsers send it"):
        parse_config(f'[api]\ncors_origins = ["{origin}"]')


@pytest.mark.parametrize(
    "origin",
    [MAPS, "https://maps.example.org:8443", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:5000", "*"],
)
def test_what_browsers_send_is_taken(origin: str) -> None:
    assert parse_config(f'[api]\ncors_origins = ["{origin}"]').api.cors_origins == (origin,)
