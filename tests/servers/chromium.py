"""Debian's chromium, driven by playwright. Where it is missing, that is said and nothing is skipped."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import CannotStart
from tests.servers.portal import PASSWORD

# No sandbox: as root, as in most containers, chromium has none. The rest keeps it from calling home.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser that ends with the block; PORTAL_TEST_CHROMIUM names another than Debian's. Raises CannotStart."""
    path = shutil.which(os.environ.get("PORTAL_TEST_CHROMIUM", "chromium"))
    if not path:
        raise CannotStart("These tests drive a browser. On Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_in(page: Page, site: str, username: str) -> None:
    """Be this person of the demo from now on."""
    page.goto(f"{site}/people/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main form [type=submit]")
