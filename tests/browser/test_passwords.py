"""A password can be looked at while it is typed, and one says how good it looks; the page works without either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.people import passwords
from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser
GOOD = (
    "correct horse battery",
    "trois petits chats verts",
    "three green frogs",
    "Xk9#mP2$vL7q",
    "我的密码是很长的一句话吧而且更长",
)
WEAK = (
    "passwordpassword",
    "Password2026!",
    "P@ssw0rd2026",
    "qwertyuiop12",
    "123456789012",
    "abcdefghijklmnop",
    "aaaaaaaaaaaaaaaa",
    "sunshine2024!",
    "motdepasse2026!",
    "azertyuiop12",
    "Contraseña2026",
    "soleil2024!!",
    "contributor-portal-2026",
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/people/sign-in", "/people/sign-up", "/people/me/password"])
def test_every_field_for_a_password_can_be_looked_at(demo: str, page: Page, path: str) -> None:
    if "/me/" in path:
        sign_in(page, demo, "newcomer")
    page.goto(demo + path)
    field = page.locator("[name=password]")
    field.fill("three green frogs")
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Show the password")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("three green frogs")
    page.get_by_role("button", name="Hide the password").click()
    expect(field).to_have_attribute("type", "password")


def test_a_shown_password_is_hidden_before_it_is_sent_and_never_kept_in_the_tab(demo: str, page: Page) -> None:
    sign_in(page, demo, "newcomer")
    page.goto(f"{demo}/people/me/password")
    page.fill("[name=password]", "three green frogs")
    page.get_by_role("button", name="Show the password").click()
    types: list[Any] = []
    page.expose_function("told", lambda kind: types.append(kind))
    page.evaluate(
        "document.addEventListener('submit', (event) => {"
        " told(event.target.elements.password.type); event.preventDefault(); })"
    )
    page.locator("main form .button.primary").click()
    page.wait_for_function("document.querySelector('[name=password]').type === 'password'")
    assert types == ["password"]
    page.get_by_role("button", name="Show the password").click()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert "green frogs" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_how_good_a_new_password_looks_is_said_in_words(demo: str, page: Page) -> None:
    page.goto(f"{demo}/people/sign-up")
    said = page.locator(".password-strength [aria-live=polite]")
    expect(said).to_be_hidden()
    page.fill("[name=password]", "short")
    expect(said).to_have_text("Too short: use at least 12 characters.")
    page.fill("[name=password]", "three green frogs")
    expect(said).to_have_text("Good: it looks hard to guess.")
    page.fill("[name=username]", "green-frogs")
    expect(said).not_to_have_text("Good: it looks hard to guess.")


def test_what_the_site_takes_looks_good_and_what_it_refuses_never_does(demo: str, page: Page) -> None:
    page.goto(f"{demo}/people/sign-up")
    said = page.locator(".password-strength [aria-live=polite]")
    for password in GOOD:
        assert passwords.objection(password) is None, password
        page.fill("[name=password]", password)
        expect(said).to_have_text("Good: it looks hard to guess.")
    for password in WEAK:
        assert passwords.objection(password, ["Contributor Portal"]) is not None, password
        page.fill("[name=password]", password)
        expect(said).to_have_text("Easy to guess. Add a word or two.")


def test_without_a_script_the_field_stays_as_it_is(demo: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{demo}/people/sign-up")
    assert page.locator(".password-tools, .password-strength").count() == 0
    assert page.locator("[name=password]").get_attribute("type") == "password"
    context.close()
