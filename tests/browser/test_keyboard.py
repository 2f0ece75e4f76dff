"""Whole journeys with Tab, Enter and letters alone, on a small screen, with JavaScript and without a line of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.keys import press, sign_in, write

pytestmark = pytest.mark.browser

TOOL, NAME = "mobo", "Noor Haddad"


@pytest.fixture(params=[False, True], ids=["plain", "scripted"])
def screens(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[list[Page]]:
    """Two people's telephones, once without JavaScript and once with it."""
    narrow = {"width": 360, "height": 640}
    contexts = [chromium.new_context(viewport=narrow, java_script_enabled=request.param) for _person in range(2)]  # type: ignore[arg-type]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_the_first_stop_leads_past_the_menu(demo: str, screens: list[Page]) -> None:
    page = screens[0]
    page.goto(demo)
    page.keyboard.press("Tab")
    expect(page.locator(".skip:focus")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main a:focus").count() == 1


def test_a_newcomer_on_a_track_is_stuck_and_finds_a_mentor(fresh_demo: str, screens: list[Page]) -> None:
    newcomer, mentor = screens
    sign_in(newcomer, fresh_demo, "newcomer")
    newcomer.goto(f"{fresh_demo}/dashboard")
    press(newcomer, "main .button.primary")
    step = newcomer.locator("h1").inner_text()
    assert "/tracks/" in newcomer.url, "what is next for them is a step of their track"

    press(newcomer, "main a:text-is('I am stuck')")
    press(newcomer, "main .button.primary")
    assert step in newcomer.locator("textarea").first.input_value(), "the request says where they are"
    press(newcomer, "main form .button.primary")
    expect(newcomer.locator("h1")).to_have_text("Your request")

    sign_in(mentor, fresh_demo, "mentor")
    mentor.goto(f"{fresh_demo}/mentoring/requests")
    press(mentor, "main a:has-text('Noor Haddad')")
    press(mentor, "main .button.primary")
    expect(mentor.locator("h1")).to_have_text("You mentor Noor Haddad")

    newcomer.goto(f"{fresh_demo}/dashboard")
    press(newcomer, "main a:has-text('Next:')")
    press(newcomer, "main a:text-is('I am stuck')")
    write(newcomer, "textarea", "The address in the answer does not open.")
    press(newcomer, "main form .button.primary")

    mentor.goto(f"{fresh_demo}/dashboard")
    press(mentor, f"main a:has-text('{NAME}')")
    expect(mentor.locator("main")).to_contain_text("The address in the answer does not open.")
    expect(mentor.locator("main")).to_contain_text(step)


def test_a_tool_looks_for_an_owner_and_somebody_offers_to_help(fresh_demo: str, screens: list[Page]) -> None:
    steward, helper = screens
    sign_in(steward, fresh_demo, "admin")
    steward.goto(f"{fresh_demo}/tools/{TOOL}")
    press(steward, "main a:text-is('Look for an owner')")
    write(steward, "textarea", "Its only maintainer has left, and it breaks twice a year.")
    press(steward, "main form .button.primary")

    sign_in(helper, fresh_demo, "newcomer")
    helper.goto(f"{fresh_demo}/tools?needs_owner=y")
    press(helper, f"main a[href='/tools/{TOOL}']")
    expect(helper.locator("main")).to_contain_text("it breaks twice a year")
    press(helper, "main a:text-is('I could help')")
    write(helper, "textarea", "I can give it two evenings a month.")
    press(helper, "main form .button.primary")
    expect(helper.locator("main")).to_contain_text("Your offer to help is open")

    steward.goto(f"{fresh_demo}/notices")
    press(steward, f"main a:has-text('{NAME}')")
    expect(steward.locator("main")).to_contain_text("I can give it two evenings a month.")
