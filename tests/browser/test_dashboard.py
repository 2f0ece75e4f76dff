"""The first screen holds what waits on a person, with its act; and the number beside the bell follows what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser

SCREENS = ((1280, 600), (360, 640))
SignedIn = Callable[[str], Page]


@pytest.fixture
def signed_in(chromium: Browser, fresh_demo: str) -> Iterator[SignedIn]:
    """The browser of somebody who is signed in, on their dashboard."""
    contexts = []

    def open_as(username: str) -> Page:
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        sign_in(page, fresh_demo, username)
        page.goto(f"{fresh_demo}/help/")
        page.click(".site-name")
        expect(page.locator("h1")).to_have_text("What is next for you")
        return page

    yield open_as
    for context in contexts:
        context.close()


def unread(page: Page) -> int:
    """The number beside the bell."""
    count = page.locator(".notices .count")
    return int(count.inner_text().split()[0]) if count.count() else 0


def expect_on_first_screen(page: Page, *selectors: str) -> None:
    """All of these can be seen without scrolling, on a wide screen and on a narrow one."""
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        for selector in selectors:
            box = page.locator(selector).first.bounding_box()
            assert box, selector
            assert box["y"] + box["height"] <= height, (selector, width)


def test_everybody_finds_what_waits_on_them_and_the_number_follows(signed_in: SignedIn) -> None:
    for somebody in ("newcomer", "maintainer"):
        expect_on_first_screen(signed_in(somebody), "main .button.primary")

    mentor = signed_in("mentor")
    expect_on_first_screen(mentor, "main .button.primary", "#also", "section:has(#also) li a")
    before = unread(mentor)
    mentor.click("main .button.primary")
    expect(mentor.locator("h1")).to_contain_text("Nadia")
    assert unread(mentor) == before - 1, "reading the pairing is reading that she wrote"
    mentor.fill("#text", "Amend it: the same change, a second patchset.")
    mentor.click("main form .button.primary")
    mentor.click(".site-name")
    expect(mentor.locator("main .button.primary")).not_to_have_text("Open the pairing")

    coordinator = signed_in("coordinator")
    expect_on_first_screen(coordinator, "main .button.primary", "section:has(#also) li a")
    before = unread(coordinator)
    coordinator.click("main .button.primary")
    coordinator.get_by_role("button", name="Approve").first.click()
    coordinator.click(".site-name")
    assert unread(coordinator) < before

    steward = signed_in("admin")
    expect_on_first_screen(steward, "main .button.primary", "#setup-title", "#setup li")
    steward.get_by_role("button", name="Hide this list").press("Enter")
    expect(steward.locator("#setup li")).to_have_count(0)
    steward.get_by_role("button", name="Show what is left").press("Enter")
    expect(steward.locator("#setup li")).to_have_count(5)
