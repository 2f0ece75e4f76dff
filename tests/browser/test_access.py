"""What WCAG 2.2 AA asks beyond what axe can see: sizes, frames of focus, zoom, one's own colours, keys, paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.chromium import sign_in

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/reviews",
    "/search?q=review",
    "/help/privacy",
    "/help/running-the-portal",
    "/tracks/first-change-on-gerrit",
    "/tracks/first-change-on-gerrit/what-happens-to-a-change",
    "/tools/",
    "/mentoring/ask",
    "/mentoring/mentors",
    "/people/me",
    "/notices",
    "/dashboard",
)
ZOOMED = {"200 %": 640, "400 %": 320}

# A target has 24 px both ways, or stands in a sentence, or no other comes into the circle of 24 px around its middle.
SMALL_TARGETS = """() => {
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const boxes = [...document.querySelectorAll(targets)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".visually-hidden, .skip"))
    .map((one) => ({ one, box: one.getBoundingClientRect() })).filter(({ box }) => box.width && box.height);
  const isSmall = ({ box }) => box.width < 24 || box.height < 24;
  const isInText = ({ one }) => getComputedStyle(one).display === "inline" && [...one.parentElement.childNodes]
    .some((near) => near !== one && near.nodeType === Node.TEXT_NODE && near.textContent.trim());
  const middle = ({ box }) => [box.x + box.width / 2, box.y + box.height / 2];
  function isCrowded(target) {
    const [x, y] = middle(target);
    return boxes.some((other) => {
      if (other.one === target.one || other.one.contains(target.one) || target.one.contains(other.one)) return false;
      const aside = Math.max(other.box.left - x, 0, x - other.box.right);
      const above = Math.max(other.box.top - y, 0, y - other.box.bottom);
      const [u, v] = middle(other);
      return Math.hypot(aside, above) < 12 || (isSmall(other) && Math.hypot(u - x, v - y) < 24);
    });
  }
  return boxes.filter((one) => isSmall(one) && !isInText(one) && isCrowded(one))
    .map(({ one, box }) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`);
}"""
# Words that a box cuts off, where nobody can scroll to them.
CUT_OFF = """() => [...document.querySelectorAll("main *")].filter((one) => {
  const isClipped = ["hidden", "clip"].includes(getComputedStyle(one).overflowX) && one.checkVisibility();
  return isClipped && !one.closest(".visually-hidden, caption, thead") && one.clientWidth > 1
    && one.scrollWidth > one.clientWidth + 1 && one.textContent.trim();
}).map((one) => one.outerHTML.slice(0, 90))"""
# Boxes that scroll sideways but cannot be reached, or have no name.
UNREACHED = """() => [...document.querySelectorAll("main *")].filter((one) => {
  const scrolls = ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && !one.matches("textarea, select");
  return scrolls && one.scrollWidth > one.clientWidth + 1 && (one.tabIndex < 0 || !one.ariaLabel);
}).map((one) => one.outerHTML.slice(0, 90))"""
# What has the focus is in sight, and nothing that sticks lies over it: asked in the middle of what is in the window.
HIDDEN_FOCUS = """() => {
  const one = document.activeElement, box = one.getClientRects()[0];
  if (one === document.body || one.closest(".visually-hidden")) return "";
  const between = (from, to, size) => (Math.max(from, 1) + Math.min(to, size - 1)) / 2;
  const top = document.elementFromPoint(
    between(box.left, box.right, innerWidth), between(box.top, box.bottom, innerHeight));
  const isSeen = top && (one.contains(top) || top.contains(one) || top.closest("label")?.control === one);
  return isSeen ? "" : one.outerHTML.slice(0, 90);
}"""
MOVING = """() => [...document.querySelectorAll("*")]
  .filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"""
# What can be pressed or measures something, but has no line around it.
BARE = """() => [...document.querySelectorAll("main :is(.button, progress, input, select, textarea)")]
  .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).borderTopWidth) < 1)
  .map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def newcomer(chromium: Browser, demo: str) -> Iterator[Page]:
    """The browser of somebody who is signed in."""
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, demo, "newcomer")
    yield page
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_hit_zoomed_and_scrolled_by_everybody(demo: str, newcomer: Page, path: str) -> None:
    newcomer.goto(demo + path)
    faults = []
    for name, width in {"100 %": 1280, **ZOOMED}.items():
        newcomer.set_viewport_size({"width": width, "height": 512})
        if (reached := newcomer.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{name}: scrolls sideways to {reached}")
        for what, look in (("small", SMALL_TARGETS), ("cut off", CUT_OFF), ("out of reach", UNREACHED)):
            faults += [f"{name}: {what}: {one}" for one in newcomer.evaluate(look)]
    assert newcomer.evaluate(MOVING) == 0, "something moves for who asked that nothing does"
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", ["/reviews", "/tools/", "/help/running-the-portal"])
def test_what_has_the_focus_is_never_hidden(demo: str, newcomer: Page, path: str) -> None:
    newcomer.set_viewport_size({"width": 1280, "height": 400})
    newcomer.goto(demo + path)
    hidden = set()
    for key in ["Tab"] * 60 + ["Shift+Tab"] * 30:
        newcomer.keyboard.press(key)
        hidden.add(newcomer.evaluate(HIDDEN_FOCUS))
    assert hidden <= {""}


def test_in_ones_own_colours_everything_that_can_be_pressed_has_a_line_around_it(demo: str, newcomer: Page) -> None:
    newcomer.set_viewport_size({"width": 1280, "height": 800})
    newcomer.emulate_media(forced_colors="active")
    newcomer.goto(f"{demo}/tracks/first-change-on-gerrit")
    bare = newcomer.evaluate(BARE)
    newcomer.keyboard.press("Tab")
    width = newcomer.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    newcomer.emulate_media(forced_colors="none")
    assert bare == []
    assert width >= 2


# What has the focus has a frame, which no box around it cuts off.
CUT_FRAMES = """() => {
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const isCut = (one) => {
    one.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== one) return false;
    const style = getComputedStyle(one);
    if (style.outlineStyle === "none") return true;
    const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset) - 0.5;
    const boxes = [...one.getClientRects()].filter((box) => box.width > 1);
    for (let around = one.parentElement; around && around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      if (overflowX === "visible" && overflowY === "visible") continue;
      const room = around.getBoundingClientRect();
      if (boxes.some((box) => box.top - reach < room.top || box.bottom + reach > room.bottom
        || box.left - reach < room.left || box.right + reach > room.right)) return true;
    }
    return false;
  };
  return [...document.querySelectorAll(targets)].filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .filter(isCut).map((one) => one.outerHTML.slice(0, 100));
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_frame_of_what_has_the_focus_is_seen_whole(demo: str, newcomer: Page, width: int) -> None:
    newcomer.set_viewport_size({"width": width, "height": 800})
    cut = {}
    for path in (*PAGES, "/roles/", "/help/developers"):
        newcomer.goto(demo + path)
        cut[path] = newcomer.evaluate(CUT_FRAMES)
    assert {path: frames for path, frames in cut.items() if frames} == {}


def test_on_paper_there_is_the_text_and_nothing_to_press(demo: str, newcomer: Page) -> None:
    newcomer.emulate_media(media="print")
    newcomer.goto(f"{demo}/tracks/first-change-on-gerrit/what-happens-to-a-change")
    shown = newcomer.evaluate(
        "[...document.querySelectorAll('.top, .button, .copy, .skip')].filter((one) => one.checkVisibility()).length"
    )
    ground = newcomer.evaluate("getComputedStyle(document.body).backgroundColor")
    newcomer.emulate_media(media="screen")
    assert (shown, ground) == (0, "rgba(0, 0, 0, 0)")


def test_the_single_key_can_be_switched_off_and_stays_off(demo: str, newcomer: Page) -> None:
    newcomer.set_viewport_size({"width": 1280, "height": 800})
    newcomer.goto(f"{demo}/help/privacy")
    box = newcomer.locator("#find")
    newcomer.keyboard.press("/")
    expect(box).to_be_focused()
    newcomer.goto(f"{demo}/search?q=review")
    newcomer.get_by_label("the key /").uncheck()
    newcomer.goto(f"{demo}/help/privacy")
    newcomer.keyboard.press("/")
    expect(box).not_to_be_focused()
    assert box.get_attribute("aria-keyshortcuts") is None
    newcomer.goto(f"{demo}/search?q=review")
    newcomer.get_by_label("the key /").check()
    newcomer.goto(f"{demo}/help/privacy")
    newcomer.keyboard.press("/")
    expect(box).to_be_focused()


@pytest.mark.parametrize(
    ("path", "choose", "nothing"),
    [("/reviews", "waiting_on", "No open change matches."), ("/tools/", "type", "No tool matches.")],
)
def test_what_filters_left_is_said_aloud(demo: str, newcomer: Page, path: str, choose: str, nothing: str) -> None:
    newcomer.goto(demo + path)
    said = newcomer.locator("#announced[role=status]")
    expect(said).to_have_text("")
    newcomer.locator(f"select[name={choose}]").select_option(index=1)
    expect(said).not_to_have_text("")
    expect(said).to_have_text(newcomer.locator("[data-counted]").inner_text())
    newcomer.locator("main form [type=search], main form [name=text]").first.fill("nothing-is-called-like-this")
    newcomer.locator("main form.filters button").click()
    expect(said).to_have_text(nothing)


def test_what_is_wrong_is_read_first_and_leads_to_its_field(demo: str, newcomer: Page) -> None:
    newcomer.goto(f"{demo}/mentoring/ask")
    with newcomer.expect_navigation():
        newcomer.click("main form[method=post] .button.primary")
    summary = newcomer.locator(".summary")
    expect(summary).to_be_focused()
    for link in summary.locator("a").all():
        assert "?:" not in link.inner_text()
        link.click()
        field = newcomer.locator(str(link.get_attribute("href")))
        assert field.evaluate("one => one === document.activeElement || one.contains(document.activeElement)")
