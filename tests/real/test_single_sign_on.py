"""People sign in, in a browser, at an OpenID provider that others have written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers import free_port
from tests.servers.chromium import running_chromium
from tests.servers.openid import CLIENT, SECRET, running_provider
from tests.servers.portal import running_portal

pytestmark = pytest.mark.browser
SETTINGS = """
[[sign_in]]
slug = "door"
kind = "openid"
name = "The Door"
url = "http://127.0.0.1:{port}"
client_id = "{client}"
client_secret_env = "SIGN_IN_SECRET"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo site that lets people sign in there."""
    port, folder = free_port(), tmp_path_factory.mktemp("door")
    settings = SETTINGS.format(port=port, client=CLIENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGN_IN_SECRET", SECRET)
        with (
            running_portal(tmp_path_factory.mktemp("site"), settings=settings) as url,
            running_provider(folder, port, f"{url}/sign-in-with/door/back"),
        ):
            yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def say_who(page: Page, name: str) -> None:
    """Sign in at the provider, and agree."""
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_newcomer_signs_up_comes_back_and_proves_who_they_are(site: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/people/sign-in")
    page.get_by_role("link", name="The Door").click()
    say_who(page, "quentin")
    expect(page.get_by_label("Username")).to_have_value("quentin")
    expect(page.get_by_label("E-mail (optional)")).to_have_value("quentin@example.org")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("Welcome, quentin Lima. Your account is ready.")).to_be_visible()
    page.context.close()

    again = chromium.new_page()
    again.goto(f"{site}/people/me")
    again.get_by_role("link", name="The Door").click()
    say_who(again, "quentin")
    expect(again).to_have_url(f"{site}/people/me")
    again.goto(f"{site}/sign-in-with/")
    expect(again.get_by_text("quentin", exact=True)).to_be_visible()
    again.get_by_role("button", name="Remove The Door").click()
    expect(again.get_by_text("It is the only way in that you have")).to_be_visible()
    again.context.close()


def test_who_says_no_is_told_that_nothing_has_been_done(site: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/people/sign-in")
    page.get_by_role("link", name="The Door").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("Nothing has been done.")).to_be_visible()
    page.context.close()
