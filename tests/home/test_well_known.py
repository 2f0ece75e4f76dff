"""What programs ask for under fixed addresses, and what search engines of the web may show."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from sqlalchemy import update

from portal.core.access import anyone
from portal.core.config import ConfigError
from portal.people.models import Person
from tests import make
from tests.access import routes
from tests.home import community
from tests.settings import parse_config

FOLDER = '[site]\nurl = "https://example.org/portal"\n'
SECURITY = FOLDER + 'security_contact = "mailto:security@example.org"\nsecurity_expires = 2027-06-30\n'
CONTENT = ("/", "/help/", "/help/privacy", "/tracks/", "/tracks/a/b", "/roles/", "/roles/mentor", "/tools/mapper")
KEPT_OUT = (
    "/people/sign-in?next=%2F",
    "/people/sign-up",
    "/search?q=x",
    "/people/password/forgotten",
    "/reviews?sort=age",
)
HOST = "https://example.org"
NAME = "Quillonia"
"""How everybody is called in the test that looks for names: nothing else is."""
ROLES = ("mentor", "portal-steward", "mentoring-coordinator")


def is_allowed(rules: str, path: str) -> bool:
    """Whether a robot that reads these rules as RFC 9309 says may ask for this path; all of them forbid something."""
    patterns = (re.escape(line).replace(r"\*", ".*").replace(r"\$", "$") for line in _forbidden(rules))
    return not any(re.match(pattern, path) for pattern in patterns)


def _forbidden(rules: str) -> list[str]:
    head, *lines = rules.splitlines()
    assert head == "User-agent: *"
    return [line.removeprefix("Disallow: ") for line in lines]


@pytest.mark.parametrize(("toml", "folder"), [("", ""), (FOLDER, "/portal")])
def test_robots_read_the_content_and_nothing_else(make_site: Any, toml: str, folder: str) -> None:
    site = make_site(toml)
    rules = site.client().get(f"{folder}/robots.txt", base_url=HOST).text
    assert [path for path in CONTENT if not is_allowed(rules, folder + path)] == []
    assert [path for path in KEPT_OUT if is_allowed(rules, folder + path)] == []
    for username in ("ana", "mentor", "me-too"):
        assert is_allowed(rules, f"{folder}/people/{username}")


def test_robots_ask_for_nothing_that_needs_an_account(site: Any) -> None:
    rules = site.client().get("/robots.txt").text
    asked = []
    for route, rule in routes.every_route(site.app).items():
        guard = getattr(site.app.view_functions[rule.endpoint], "__guard__", anyone)
        path = re.sub(r"<[^>]*>", "x", str(rule.rule))
        if route.startswith("GET") and guard is not anyone and is_allowed(rules, path):
            asked.append(path)
    assert asked == []


def hidden(answer: Any) -> bool:
    """Whether search engines are told to keep this out: the same in both places of a page."""
    in_header = answer.headers.get("X-Robots-Tag") == "noindex"
    if answer.mimetype == "text/html":
        assert in_header is ('<meta name="robots" content="noindex">' in answer.text)
    return in_header


def test_a_page_is_kept_out_of_search_engines_while_it_names_who_did_not_agree(site: Any) -> None:
    with site.unit_of_work() as session:
        people = {name: make.mentor(session, name) for name in ("ana", "bo")}
        tool = make.tool(session, "mapper")
        tool.wanted_since, tool.wanted_reason, tool.wanted_by = make.NOON, "No time.", people["bo"]
        people["ana"].is_findable = True
    browser = site.client()
    pages = ("/people/bo", "/mentoring/mentors", "/roles/", "/roles/mentor", "/tools/mapper")
    assert [path for path in pages if not hidden(browser.get(path))] == []
    assert not hidden(browser.get("/people/ana"))
    with site.unit_of_work() as session:
        session.merge(people["bo"]).is_findable = True
    assert [path for path in pages if hidden(browser.get(path))] == []


def test_wherever_a_name_stands_search_engines_are_kept_out(make_site: Any, tmp_path: Any) -> None:
    site = community.found(make_site, tmp_path)
    with site.unit_of_work() as session:
        session.execute(update(Person).values(display_name=NAME))
    browser, named = site.client(), set()
    for route, rule in routes.every_route(site.app).items():
        if not route.startswith("GET") or ("<" in rule.rule and rule.endpoint != "roles.show"):
            continue
        for path in (re.sub("<slug>", slug, rule.rule) for slug in ROLES):
            answer = browser.get(path)
            if answer.status_code == 200 and NAME in answer.text:
                named.add(path)
                assert hidden(answer), path
    assert {
        "/mentoring/mentors",
        "/roles/",
        "/roles/portal-steward",
        "/api/v1/mentors",
        "/mentoring/mentors.atom",
    } <= named


@pytest.mark.parametrize("path", ["/", "/help/privacy", "/tracks/", "/tracks/first-change-on-gerrit", "/robots.txt"])
def test_content_may_be_found(site: Any, path: str) -> None:
    assert "X-Robots-Tag" not in site.client().get(path).headers


def test_password_managers_are_led_to_the_page(make_site: Any) -> None:
    answer = make_site(FOLDER).client().get("/portal/.well-known/change-password", base_url=HOST)
    assert (answer.status_code, answer.location) == (302, "/portal/people/me/password")


def test_who_found_a_hole_is_told_whom_to_write_to_until_the_day_that_is_set(make_site: Any) -> None:
    browser = make_site(SECURITY).client()
    with time_machine.travel(make.NOON, tick=False):
        answer = browser.get("/portal/.well-known/security.txt", base_url=HOST)
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Expires"] == "2027-06-30T00:00:00Z"
    assert fields["Canonical"] == "https://example.org/.well-known/security.txt"
    assert fields["Preferred-Languages"].startswith("en, fr")
    with time_machine.travel("2027-06-30T00:00Z", tick=False):
        assert browser.get("/portal/.well-known/security.txt", base_url=HOST).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    ['security_contact = "security@example.org"', 'security_contact = "tel:1"', "security_expires = 2027-06-30"],
)
def test_half_of_it_or_a_bare_address_is_no_contact(wrong: str) -> None:
    with pytest.raises(ConfigError, match="security_contact"):
        parse_config(f"[site]\n{wrong}\n")


@pytest.mark.parametrize(("toml", "folder"), [("", ""), (FOLDER, "/portal")])
@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/reviews/", "/reviews"),
        ("/reviews/?sort=age&text=a%26b", "/reviews?sort=age&text=a%26b"),
        ("/dashboard/", "/dashboard"),
        ("//dashboard//", "/dashboard"),
        ("/help", "/help/"),
        ("/help//privacy/", "/help/privacy"),
        ("/people/Ana%20B/", "/people/Ana%20B"),
        ("/api/v1/tools/", "/api/v1/tools"),
        ("/mentoring/requests/1/edit/", "/mentoring/requests/1/edit"),
        ("/robots.txt/", "/robots.txt"),
    ],
)
def test_slashes_too_many_or_too_few_lead_to_the_page(
    make_site: Any, toml: str, folder: str, asked: str, page: str
) -> None:
    path, _, query = asked.partition("?")
    environ = {"PATH_INFO": folder + unquote(path), "SCRIPT_NAME": ""}
    answer = make_site(toml).client().get("/", query_string=query, environ_overrides=environ)
    assert (answer.status_code, answer.location) == (308, folder + page)


@pytest.mark.parametrize("path", ["/nowhere/", "//evil.example/", "/\\evil.example/", "/help/nothing", "/static/"])
def test_what_is_no_page_stays_none(site: Any, path: str) -> None:
    assert site.client().get("/", environ_overrides={"PATH_INFO": path}).status_code == 404
