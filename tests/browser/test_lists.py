"""Filters of lists: what they left is said, Back shows the view before, and a phone shows rows of a few lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(demo: str, chromium: Browser) -> Iterator[Page]:
    """Somebody who is not signed in, at a desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=demo)
    yield context.new_page()
    context.close()


def said(page: Page) -> str:
    """What is said aloud, once it is what the page shows."""
    expect(page.locator("#announced")).to_have_text(page.locator("main [data-counted]").first.inner_text())
    return page.locator("#announced").inner_text()


def fields(page: Page) -> dict[str, str | bool]:
    """What stands in the filters."""
    values: dict[str, str | bool] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('main form.filters [name]')]"
        ".map((one) => [one.name, one.type === 'checkbox' ? one.checked : one.value]))"
    )
    return values


def test_back_leads_through_the_filters_with_their_fields_and_their_numbers(visitor: Page) -> None:
    page = visitor
    page.goto("/reviews")
    whole, start = page.locator("[data-counted]").inner_text(), fields(page)
    page.select_option("main select[name=waiting_on]", "reviewer")
    expect(page).to_have_url(re.compile("waiting_on=reviewer"))
    of_reviewers = said(page)
    assert re.fullmatch(r"1 to \d+ of \d+ changes \(\d+ changes without filters\)", of_reviewers)
    page.check("main [name=newcomer]")
    expect(page).to_have_url(re.compile("newcomer=y"))
    both, with_both = said(page), fields(page)
    page.fill("main [name=text]", "not sent")
    # A page elsewhere, and back: the address decides what stands in the fields, not what was typed.
    page.click("main .facts a")
    page.go_back()
    expect(page.locator("[data-counted]")).to_have_text(both)
    assert fields(page) in (with_both, {**with_both, "text": "not sent"})
    page.go_back()
    expect(page.locator("[data-counted]")).to_have_text(of_reviewers)
    assert fields(page) == {**start, "waiting_on": "reviewer"}
    page.go_back()
    expect(page.locator("[data-counted]")).to_have_text(whole)
    assert fields(page) == start
    page.go_forward()
    expect(page.locator("[data-counted]")).to_have_text(of_reviewers)
    assert fields(page) == {**start, "waiting_on": "reviewer"}


@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [("/tools/", "keyword", "e"), ("/mentoring/mentors", "name", "a"), ("/reviews", "project", "e")],
)
def test_a_text_filter_says_what_it_left_and_is_taken_back_by_back(
    visitor: Page, path: str, field: str, typed: str
) -> None:
    page = visitor
    page.goto(path)
    whole = page.locator("[data-counted]").inner_text()
    page.fill(f"main form.filters [name={field}]", typed)
    page.press(f"main form.filters [name={field}]", "Enter")
    expect(page).to_have_url(re.compile(f"{field}={typed}"))
    assert said(page) != whole
    page.go_back()
    expect(page.locator("[data-counted]")).to_have_text(whole)
    assert fields(page)[field] == ""


def test_a_link_within_the_page_and_back_changes_nothing(visitor: Page) -> None:
    page = visitor
    page.goto("/tools/?keyword=e")
    page.fill("main [name=text]", "half a word")
    page.evaluate("location.hash = 'main'")
    page.go_back()
    assert fields(page)["text"] == "half a word"


# A line of small text is 22 px high, one of a title 22 to 26 px; a row has 8 px above and below.
THREE_LINES = 3 * 26 + 2 * 8
ROWS = "[...document.querySelectorAll('main table.brief tbody tr')].map((row) => row.getBoundingClientRect().height)"
CUT = """
[...document.querySelectorAll('main form.filters select')].flatMap((one) => {
  const style = getComputedStyle(one);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return [...one.options].map((option) => option.text).filter((text) => pen.measureText(text).width > room + 1);
})
"""


@pytest.mark.parametrize(
    "path", ["/reviews", "/tools/", "/mentoring/coordinate", "/", "/?uselang=fr", "/roles/", "/reviews/syncs"]
)
def test_on_a_phone_a_row_takes_three_lines_and_nothing_runs_off_the_side(
    demo: str, chromium: Browser, path: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 780}, base_url=demo)
    page = context.new_page()
    if "coordinate" in path:
        sign_in(page, demo, "coordinator")
    page.goto(path)
    heights = page.evaluate(ROWS)
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert heights
    assert max(heights) <= THREE_LINES
    assert width == 360


def test_in_the_head_of_a_page_the_name_of_the_site_makes_room_for_the_button(demo: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 780}, base_url=demo)
    page = context.new_page()
    page.goto("/")
    assert page.evaluate("document.querySelector('.top-end > .button').clientHeight") < 40
    page.set_viewport_size({"width": 320, "height": 780})
    for language in ("en", "fr", "es", "ar"):
        page.goto(f"/?uselang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()


def test_on_a_phone_a_mentor_takes_three_lines_and_what_they_offer_stands_on_their_page(
    demo: str, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 780}, base_url=demo)
    page = context.new_page()
    page.goto("/mentoring/mentors")
    cards = page.evaluate("[...document.querySelectorAll('#mentors .card')].map((one) => one.clientHeight)")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.click("#mentors .card a >> nth=0")
    expect(page.locator("section.card", has=page.locator("#mentor"))).to_be_visible()
    context.close()
    # The title is larger than text, skills stand in frames, and languages may need a second line.
    assert sorted(cards)[len(cards) // 2] <= THREE_LINES + 4 * 8
    assert max(cards) <= THREE_LINES + 4 * 8 + 26
    assert width == 360


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/reviews", "/tools/", "/mentoring/mentors", "/reviews?uselang=fr"])
def test_no_text_of_a_filter_is_cut(demo: str, chromium: Browser, path: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 780}, base_url=demo)
    page = context.new_page()
    page.goto(path)
    cut = page.evaluate(CUT)
    context.close()
    assert cut == []


def test_at_four_times_the_size_a_row_shows_all_that_it_has(demo: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 256}, base_url=demo)
    page = context.new_page()
    page.goto("/reviews")
    cells = "[...document.querySelectorAll('.brief :is(td, th)')]"
    cut = page.evaluate(f"{cells}.filter((one) => one.scrollWidth > one.clientWidth + 1).length")
    context.close()
    assert cut == 0


MARK = """(name) => {
  const one = document.createElement('span');
  one.className = name;
  document.querySelector('main').append(one);
  const style = getComputedStyle(one, '::before');
  const isFilled = style.backgroundColor === style.color;
  const seen = [style.clipPath, style.borderRadius, style.borderTopWidth, style.backgroundImage === 'none', isFilled];
  one.remove();
  return JSON.stringify(seen);
}"""


def test_one_mark_means_one_thing_beside_a_word_and_on_a_track(visitor: Page) -> None:
    visitor.goto("/tracks/")
    mark = {
        name: visitor.evaluate(MARK, name)
        for name in (
            *(f"status status-{kind}" for kind in ("reviewer", "open", "author", "done", "closed", "stuck")),
            *(f"stop-mark stop-{status}" for status in ("done", "started", "available")),
        )
    }
    assert mark["status status-done"] == mark["stop-mark stop-done"]
    assert mark["status status-author"] == mark["stop-mark stop-started"]
    assert mark["status status-open"] == mark["status status-reviewer"]
    assert len(set(mark.values())) == 6


STARTS = """
[...document.querySelectorAll('main table .grow > a, main table td.last > span')].map((one) => {
  const box = one.closest('th, td');
  const [seen, whole] = [box.getBoundingClientRect(), one.getClientRects()[0]];
  const style = getComputedStyle(box);
  return [style.direction, style.textAlign, Math.round(whole.left) >= Math.floor(seen.left)];
})
"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/reviews", "/tools/", "/"])
def test_on_a_page_from_right_to_left_an_english_title_is_cut_at_its_end(
    demo: str, chromium: Browser, path: str, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 780}, base_url=demo)
    page = context.new_page()
    page.goto(f"{path}?uselang=ar")
    titles = page.evaluate(STARTS)
    context.close()
    assert titles
    assert {tuple(title) for title in titles} == {("ltr", "right", True)}, "whole at its beginning"
