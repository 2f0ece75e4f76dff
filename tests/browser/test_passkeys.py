"""A passkey is made, signs in and shows again who one is, in a browser with a device that it pretends to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.servers.chromium import sign_in
from tests.servers.portal import running_portal

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo site: with a name, for browsers make passkeys for no number."""
    with running_portal(tmp_path_factory.mktemp("passkeys"), host="localhost") as url:
        yield url


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


class Device:
    """What the browser takes for the lock of this computer."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def keys(self) -> list[Any]:
        """The passkeys that it has."""
        found = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(found["credentials"])

    def stay_locked(self) -> None:
        """Nobody unlocks it from now on."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})


def make_passkey(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/passkeys/add")
    page.fill("[name=name]", name)
    page.click("main form .button.primary")


def sign_out(page: Page) -> None:
    page.locator("summary", has=page.get_by_text("Your menu")).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("main")).to_contain_text("Use a passkey")


def test_a_passkey_is_made_signs_in_and_shows_again_who_one_is(town: str, browsing: BrowserContext) -> None:
    page = browsing.new_page()
    device = Device(page)
    sign_in(page, town, "newcomer")
    make_passkey(page, town, "this computer")
    expect(page.locator("main")).to_contain_text("this computer")
    assert len(device.keys()) == 1
    assert device.keys()[0]["isResidentCredential"]

    sign_out(page)
    page.goto(f"{town}/people/sign-in?next=/passkeys/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{town}/passkeys/")
    expect(page.locator("main")).to_contain_text("Last used")

    page.goto(f"{town}/people/prove?next=/passkeys/add")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{town}/passkeys/add")
    make_passkey(page, town, "once more")
    expect(page.locator("main form [role=alert]")).to_contain_text("on this device already")
    assert len(device.keys()) == 1


def test_a_device_that_nobody_unlocks_signs_nobody_in_and_it_is_said(town: str, browsing: BrowserContext) -> None:
    page = browsing.new_page()
    device = Device(page)
    sign_in(page, town, "mentor")
    make_passkey(page, town, "my phone")
    page.wait_for_url(f"{town}/passkeys/")
    sign_out(page)
    device.stay_locked()
    page.goto(f"{town}/people/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".button-form [role=alert]")).to_contain_text("Nothing has been done")
    expect(page).to_have_url(f"{town}/people/sign-in")


def test_a_browser_without_passkeys_says_so(town: str, browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{town}/people/sign-in")
    expect(page.locator(".button-form [role=alert]")).to_contain_text("This browser has no passkeys")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{town}/people/sign-in")


def test_without_javascript_the_site_says_what_it_needs(town: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{town}/people/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("main [role=alert]").first).to_contain_text("It needs JavaScript")
    context.close()
