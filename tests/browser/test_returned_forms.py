"""Whatever comes between, the words are there: a session that ends elsewhere, a double click, a search, another tab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.chromium import sign_in
from tests.servers.portal import PASSWORD, running_portal

pytestmark = pytest.mark.browser

GOAL = "I want to mend a gadget that I use every day.\n\nI read its code twice & am not afraid of <tags>: 日本語 🦦."


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo site for the tests here: each does something else there."""
    with running_portal(tmp_path_factory.mktemp("town")) as url:
        yield url


@pytest.fixture(params=[False, True], ids=["plain", "scripted"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser, once without JavaScript and once with it."""
    context = chromium.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(chromium: Browser) -> Iterator[Page]:
    """A browser with JavaScript, whose person answers every question of the browser with yes."""
    context = chromium.new_context()
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


def sign_out_in_another_tab(page: Page, site: str) -> None:
    other = page.context.new_page()
    other.goto(f"{site}/people/me")
    other.locator("details.menu:has(.menu-name) > summary").click()
    other.locator("form[action$='/sign-out'] button").click()
    expect(other.locator("h1")).to_have_text("Sign in")
    other.close()


def test_a_request_outlives_a_session_that_ends_in_another_tab(town: str, page: Page) -> None:
    sign_in(page, town, "newcomer")
    page.goto(f"{town}/mentoring/ask")
    page.fill("#goal", GOAL)
    page.fill("#needs-0-skill", "Python")
    sign_out_in_another_tab(page, town)
    page.click("main form .button.primary")

    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("#flashes")).to_contain_text("nothing has been done yet")
    page.fill("[name=username]", "newcomer")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button.primary")

    expect(page.locator("#returned:focus")).to_contain_text("This is what you typed before you signed in.")
    assert page.locator("#goal").input_value() == GOAL
    assert page.locator("#needs-0-skill").input_value() == "Python"
    page.click("main form .button.primary")
    expect(page.locator("h1")).to_have_text("Your request")
    expect(page.locator("main")).to_contain_text("日本語 🦦")
    page.goto(f"{town}/mentoring/ask")
    expect(page.locator("h1")).to_have_text("Your request")
    page.click("main a.danger")
    page.click("main button.danger")


def test_a_message_that_is_sent_by_a_double_click_is_said_once(
    town: str, page: Page, request: pytest.FixtureRequest
) -> None:
    words = f"Said by two clicks in {request.node.name}."
    sign_in(page, town, "mentor")
    page.goto(f"{town}/mentoring/")
    page.locator("main a[href*='/mentoring/pairings/']").first.click()
    page.fill("#text", words)
    page.locator("form[action$='/messages'] button.primary").dblclick()
    page.wait_for_url("**#message-*")
    page.reload()
    expect(page.get_by_text(words)).to_have_count(1)


def test_looking_for_a_person_to_appoint_keeps_the_reason(
    town: str, page: Page, request: pytest.FixtureRequest
) -> None:
    username = "maintainer" if "scripted" in request.node.name else "newcomer"
    sign_in(page, town, "admin")
    page.goto(f"{town}/roles/translator/appoint")
    page.fill("#reason", "Speaks three languages,\nand writes well.")
    page.fill("#search", username)
    page.press("#search", "Enter")
    assert page.locator("#reason").input_value() == "Speaks three languages,\nand writes well."
    page.locator("button:has-text('Choose')").first.click()
    assert page.locator("#person").input_value() == username
    assert page.locator("#reason").input_value() == "Speaks three languages,\nand writes well."
    page.fill("#search", "")
    page.click("main form .button.primary")
    expect(page.locator("#flashes")).to_contain_text("holds the role now")


def test_one_form_of_a_page_leaves_the_others_as_they_are(town: str, scripted: Page) -> None:
    page = scripted
    sign_in(page, town, "newcomer")
    page.goto(f"{town}/people/me")
    page.fill("#about", "Half of what I want to say")
    page.select_option("#skill", "lua")
    page.locator("form[action$='/skills'] button").click()
    expect(page.locator("#skills form[action$='/remove']", has_text="Lua")).to_have_count(1)
    assert page.locator("#about").input_value() == "Half of what I want to say"
    page.goto(f"{town}/people/me?uselang=fr")
    assert page.locator("#about").input_value() == "Half of what I want to say"
    page.goto(f"{town}/search?q=lua")
    page.goto(f"{town}/people/me?uselang=en")
    assert page.locator("#about").input_value() == "Half of what I want to say"
    page.locator("form[action$='/people/me'] .button.primary").click()
    expect(page.locator("#flashes")).to_contain_text("Your profile is saved.")


def test_what_was_typed_and_not_sent_is_gone_from_the_tab_at_signing_out(town: str, scripted: Page) -> None:
    page = scripted
    sign_in(page, town, "newcomer")
    page.goto(f"{town}/people/me")
    page.fill("#about", "Nobody else shall read this")
    page.locator("details.menu:has(.menu-name) > summary").click()
    page.locator("form[action$='/sign-out'] button").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    assert page.evaluate("sessionStorage.length") == 0


def test_half_of_what_one_says_of_oneself_outlives_a_skill_added_and_one_removed(town: str, page: Page) -> None:
    sign_in(page, town, "coordinator")
    page.goto(f"{town}/people/me")
    page.fill("#about", "Half of what I want to say")
    page.select_option("#skill", "perl")
    page.locator("form[action$='/skills'] button").click()
    added = page.locator("#skills form[action$='/remove']", has_text="Perl")
    expect(added).to_have_count(1)
    assert page.locator("#about").input_value() == "Half of what I want to say"
    added.locator("button").click()
    expect(added).to_have_count(0)
    assert page.locator("#about").input_value() == "Half of what I want to say"
    expect(page.locator("#skills form[action$='/remove']", has_text="Git")).to_have_count(1)
