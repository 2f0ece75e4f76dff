"""What people write, in a browser: looked at before it is sent, right in both directions, no code covered or cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser

TEXT = """Hello, see https://example.net/a.

مرحبا، افتح `config.py` ثم شغّل git push.

6. one
7. ثم هذا، مع Git

```python
name = "a very long line of code that does not fit into any telephone, and into hardly any other screen, does it?"
```
"""
COVERED = """[...document.querySelectorAll("pre:has(> .copy)")].filter((block) => {
  const range = document.createRange();
  range.selectNodeContents(block.querySelector("code"));
  const button = block.querySelector(".copy").getBoundingClientRect();
  return [...range.getClientRects()].some((line) => line.right > button.left + 1 && line.left < button.right - 1
    && line.bottom > button.top + 1 && line.top < button.bottom - 1);
}).length"""
CUT = """[...document.querySelectorAll("pre")].filter((block) => block.scrollWidth > block.clientWidth).length"""
STEP = "/tracks/first-change-on-gerrit/key-or-password"


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, chromium: Browser, demo: str) -> Iterator[Page]:
    """A page of this width on which a mentor is signed in."""
    context = chromium.new_context(viewport={"width": request.param, "height": 800})
    page = context.new_page()
    sign_in(page, demo, "mentor")
    yield page
    context.close()


def to_thread(page: Page, site: str) -> None:
    page.goto(f"{site}/mentoring/")
    page.goto(site + str(page.locator('a[href*="/mentoring/pairings/"]').first.get_attribute("href")))
    page.fill("textarea[name=text]", TEXT)


@pytest.mark.parametrize("language", ["en", "x-rtl"])
def test_a_text_is_looked_at_where_it_is_written(page: Page, demo: str, language: str) -> None:
    page.goto(f"{demo}/?uselang={language}")
    to_thread(page, demo)
    page.click("button[name=preview]")
    page.wait_for_selector(".field-preview > section:focus")
    sides = [
        page.locator(".field-preview p").nth(place).evaluate("one => getComputedStyle(one).direction")
        for place in (0, 1)
    ]
    assert sides == ["ltr", "rtl"]
    assert page.evaluate(CUT) == 0
    assert page.locator("form[data-sent]").count() == 0
    assert page.input_value("textarea[name=text]") == TEXT
    page.click("button[name=preview]")
    page.wait_for_selector(".field-preview > section")
    assert page.locator(".field-preview > section").count() == 1


def test_without_a_script_it_is_looked_at_in_another_tab(chromium: Browser, demo: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo, "mentor")
    to_thread(page, demo)
    with context.expect_page() as other:
        page.click("button[name=preview]")
    other.value.wait_for_load_state()
    assert "مرحبا" in str(other.value.locator("#preview").text_content())
    assert page.input_value("textarea[name=text]") == TEXT
    context.close()


def test_the_button_to_copy_covers_no_code_and_is_not_printed(page: Page, demo: str) -> None:
    page.goto(demo + STEP)
    buttons = page.locator("pre .copy")
    assert buttons.count() > 1
    assert page.evaluate(COVERED) == 0
    assert page.evaluate(CUT) == 0
    page.emulate_media(media="print")
    assert not any(button.is_visible() for button in buttons.all())
