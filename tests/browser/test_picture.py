"""A picture of one's own is made small before it is sent; without JavaScript it is sent as it is, or refused."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from portal.people.portraits import MOST_BYTES, SIDE
from tests.servers.chromium import sign_in
from tests.servers.portal import running_portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo site whose people get pictures."""
    with running_portal(tmp_path_factory.mktemp("pictures")) as url:
        yield url


def photo(width: int, height: int) -> bytes:
    """A picture that no compression makes small."""
    noise = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    made = io.BytesIO()
    noise.save(made, "PNG")
    return made.getvalue()


def choose(page: Page, site: str, body: bytes, name: str = "photo.png") -> None:
    page.goto(f"{site}/people/me/picture")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "image/png", "buffer": body})


def sent_size(page: Page) -> int:
    return int(page.eval_on_selector("input[type=file]", "input => input.files[0].size"))


def test_a_large_photo_is_made_small_in_the_browser_and_shown_as_it_will_look(town: str, chromium: Browser) -> None:
    page = chromium.new_page()
    sign_in(page, town, "newcomer")
    body = photo(1200, 900)
    assert len(body) > MOST_BYTES
    choose(page, town, body)
    expect(page.locator("canvas.disc")).to_be_visible()
    assert sent_size(page) < MOST_BYTES / 3
    page.click("main form .button.primary")
    expect(page.locator("main img.disc")).to_be_visible()
    shown = page.request.get(f"{town}{page.locator('main img.disc').get_attribute('src')}")
    assert Image.open(io.BytesIO(shown.body())).size == (SIDE, SIDE)
    page.close()


def test_what_is_no_picture_is_sent_as_it_is_and_refused_in_words(town: str, chromium: Browser) -> None:
    page = chromium.new_page()
    sign_in(page, town, "newcomer")
    choose(page, town, b"%PDF-1.7 no picture", "paper.png")
    page.click("main form .button.primary")
    expect(page.locator(".field-wrong")).to_be_visible()
    page.close()


def test_without_javascript_a_small_photo_is_taken_and_a_large_one_refused_in_words(
    town: str, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, town, "mentor")
    choose(page, town, photo(1200, 900))
    expect(page.get_by_text("without JavaScript of at most 900 kB")).to_be_visible()
    page.click("main form .button.primary")
    expect(page.locator("main")).to_contain_text("too large")
    choose(page, town, photo(300, 200))
    page.click("main form .button.primary")
    expect(page.locator("main img.disc")).to_be_visible()
    context.close()
