"""A person who cannot point: Tab, Enter and letters, on the telephone."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.servers.portal import PASSWORD

MOST_TABS = 120


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    wanted = page.locator(f"{selector}:focus")
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.count():
            return
    raise AssertionError(f"{selector} cannot be reached by Tab on {page.url}")


def press(page: Page, selector: str) -> None:
    """Go to this link or button and follow it."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    """Go to this field and type."""
    tab_to(page, selector)
    page.keyboard.type(text)


def sign_in(page: Page, site: str, username: str) -> None:
    """Through the menu of a narrow screen to the door, and in."""
    page.goto(site)
    tab_to(page, "details.narrow > summary")
    page.keyboard.press("Enter")
    press(page, "nav.menu-panel a:text-is('Sign in')")
    write(page, "[name=username]", username)
    write(page, "[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
