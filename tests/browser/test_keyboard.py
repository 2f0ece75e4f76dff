"""From asking to claiming with Tab, Enter and letters alone, on a small screen, without a line of JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.portal import PASSWORD

pytestmark = pytest.mark.browser

MOST_TABS = 80


@pytest.fixture
def screens(chromium: Browser) -> Iterator[list[Page]]:
    """Two people's telephones."""
    contexts = [
        chromium.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False) for _person in range(2)
    ]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus, as somebody does who cannot point."""
    wanted = page.locator(f"{selector}:focus")
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.count():
            return
    raise AssertionError(f"{selector} cannot be reached by Tab on {page.url}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def sign_in(page: Page, site: str, username: str) -> None:
    page.goto(site)
    tab_to(page, "details.narrow > summary")
    page.keyboard.press("Enter")
    press(page, "nav.menu-panel a:text-is('Sign in')")
    write(page, "[name=username]", username)
    write(page, "[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_first_stop_leads_past_the_menu(demo: str, screens: list[Page]) -> None:
    page = screens[0]
    page.goto(demo)
    page.keyboard.press("Tab")
    expect(page.locator(".skip:focus")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main a:focus").count() == 1


def test_a_newcomer_asks_and_a_mentor_claims_with_the_keyboard_alone(fresh_demo: str, screens: list[Page]) -> None:
    newcomer, mentor = screens

    sign_in(newcomer, fresh_demo, "newcomer")
    newcomer.goto(f"{fresh_demo}/dashboard")
    press(newcomer, "main .button.primary")
    write(newcomer, "textarea", "Mend one small thing in a bot, from the clone to the merge.")
    write(newcomer, "main input[type=text], main input[list]", "Python")
    press(newcomer, "main .button.primary")
    expect(newcomer.locator("h1")).to_have_text("Your request")

    sign_in(mentor, fresh_demo, "mentor")
    mentor.goto(f"{fresh_demo}/dashboard")
    press(mentor, "main a:has-text('Noor Haddad')")
    press(mentor, "main .button.primary")
    expect(mentor.locator("h1")).to_have_text("You mentor Noor Haddad")

    newcomer.goto(f"{fresh_demo}/mentoring/")
    expect(newcomer.locator("main")).to_contain_text("Mirjam Okafor")
