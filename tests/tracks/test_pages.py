"""What the pages of tracks show, in every language and to everybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import made_content, make
from tests.tracks.conftest import KNOW, MAP, READ, TRY

PRIMARY = re.compile(r'class="button primary"')
PAGES = ("/tracks/", MAP, READ, TRY, KNOW)


def test_the_list_says_what_a_track_leads_to_and_how_long_it_takes(school: Any) -> None:
    page = school.browser().get("/tracks/").text
    for words in ("First steps", "Afterwards you know", "35 minutes", "3 steps", "For everybody", "Gerrit", "Français"):
        assert words in page
    assert re.search(r"<bdi>Git</bdi>\s*<svg class=\"level\"", page)
    assert "at ease" in page
    assert "of 3 steps" not in page


@pytest.mark.parametrize("language", ["ar", "x-rtl"])
def test_words_in_another_language_than_the_page_say_so(school: Any, language: str) -> None:
    for address in ("/tracks/first-steps", "/tracks/first-steps/read-this-first", "/tracks/"):
        page = school.browser().get(f"{address}?uselang={language}").text
        assert '<span lang="en" dir="ltr">First steps</span>' in page
        assert "<title>First steps" in page or address != "/tracks/first-steps"
    assert 'dir="ltr">First steps' not in school.browser().get("/tracks/first-steps").text


def test_the_list_shows_ones_own_progress(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    assert "1 of 3 steps" in browser.get("/tracks/").text
    browser.post(f"{MAP}/pause")
    assert "Paused" in browser.get("/tracks/").text


def test_a_site_without_tracks_says_what_to_do_instead(make_site: Any, tmp_path: Path) -> None:
    site = make_site(content=made_content.copied(tmp_path))
    page = site.client().get("/tracks/").text
    assert "There are no tracks here yet." in page
    assert "/mentoring/ask" in page


def test_the_map_shows_every_step_with_how_things_stand(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    page = browser.get(MAP).text
    standings = re.findall(r'<li class="stop stop-(\w+)"', page)
    assert standings == ["done", "available", "locked"]
    assert f'After: <a href="{TRY}">Try it</a>' in page
    assert "Open · 20 minutes" in page
    assert page.index("Get ready") < page.index("Look back")


def test_a_step_knows_its_place(school: Any) -> None:
    page = school.browser().get(TRY).text
    assert "Step 2 of 3" in page
    assert re.search(rf'href="{READ}" rel="prev"', page)
    assert re.search(rf'href="{KNOW}" rel="next"', page)
    assert "1 minute to read" in page
    assert "20 minutes with the exercises" in page
    first, last = school.browser().get(READ).text, school.browser().get(KNOW).text
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in last


def test_a_step_shows_in_a_picture_how_far_one_is(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    page = browser.get(KNOW).text
    picture = page[page.index('<svg class="steps"') : page.index("</svg>", page.index('<svg class="steps"'))]
    assert 'role="img" aria-label="Step 3 of 3; 1 done"' in picture
    assert re.findall(r'class="step-(\w+)"', picture) == ["done", "open", "here", "locked"]
    assert 'aria-label="Step 1 of 3; 0 done"' in school.browser().get(READ).text


def test_the_marks_and_bars_beside_a_step_are_explained(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    aside = browser.get(TRY).text.split("<aside>")[1]
    legend = aside[aside.index('<p class="legend') :].split("</p>")[0]
    assert re.findall(r'stop-mark stop-(\w+)">(\w+)<', legend) == [("done", "Done"), ("started", "Started")]
    assert "How well somebody knows it:" in aside


def test_a_long_step_has_a_table_of_contents(make_site: Any, folder: Path) -> None:
    path = folder / "tracks" / "first-steps" / "try-it.md"
    path.write_text(f"{path.read_text()}\n### A detail\n\nSmall.\n\n#### Smaller\n\nStill.\n")
    page = make_site(content=folder).client().get(TRY).text
    contents = page[page.index('class="toc"') : page.index("</nav>", page.index('class="toc"'))]
    assert re.findall(r'href="#([a-z-]+)"', contents) == ["type-this", "then-look", "a-detail"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("steps", [None, 0, 1, 2, 3])
def test_every_page_has_one_headline_and_one_thing_to_do(school: Any, path: str, steps: int | None) -> None:
    browser = school.browser() if steps is None else school.learner(steps=steps)[1]
    page = browser.get(path).text
    assert page.count("<h1") == 1
    assert len(PRIMARY.findall(page)) <= 1
    # Whoever has finished everything needs nothing; the list leads on by its cards.
    assert PRIMARY.search(page) or path == "/tracks/" or (path == MAP and steps == 3)


def test_pages_speak_french(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    browser.get(f"{MAP}?uselang=fr")
    assert "Premiers pas" in browser.get("/tracks/").text
    page = browser.get(MAP).text
    assert "Se préparer" in page
    assert "1 sur 3 étapes" in page
    page = browser.get(READ).text
    assert '<article lang="fr" dir="ltr">' in page
    assert "Bienvenue." in page
    assert "not translated" not in page


@pytest.mark.parametrize(("language", "is_told"), [("en", False), ("fr", False), ("es", True), ("ar", True)])
def test_a_track_says_that_it_is_not_translated_only_where_it_is_not(school: Any, language: str, is_told: bool) -> None:
    page = school.browser().get(f"{MAP}?uselang={language}").text
    assert ("flash-note" in page) is is_told


@pytest.mark.parametrize(("change", "told"), [("stale", "plus ancienne"), ("missing", "pas encore traduite")])
def test_a_translation_that_is_old_or_missing_is_told_and_english_is_shown(
    make_site: Any, folder: Path, change: str, told: str
) -> None:
    english, french = (folder / "tracks" / "first-steps" / name for name in ("try-it.md", "try-it.fr.md"))
    if change == "stale":
        english.write_text(f"{english.read_text()}\nAnd once more.\n")
    else:
        french.unlink()
    browser = make_site(content=folder).client()
    page = browser.get(f"{TRY}?uselang=fr").text
    assert told in page
    assert '<article lang="en" dir="ltr">' in page
    assert "It says where you are." in page
    assert "Français" not in re.sub(r"(?s)<header.*?</header>", "", browser.get("/tracks/").text)
    assert "flash-note" not in browser.get(f"{READ}?uselang=fr").text
    assert "flash-note" not in browser.get(f"{TRY}?uselang=en").text


def test_prose_runs_its_own_way_on_a_page_from_right_to_left(school: Any) -> None:
    page = school.browser().get(f"{READ}?uselang=x-rtl").text
    assert 'dir="rtl"' in page
    assert '<article lang="en" dir="ltr">' in page
    assert "flash-note" not in page


def test_pages_take_the_same_few_statements_however_many_have_learnt(school: Any) -> None:
    _ana, browser = school.learner(steps=1)
    browser.get(TRY)
    before = [school.statements(browser, path) for path in PAGES]
    for _ in range(8):
        school.learner(steps=2)
    assert [school.statements(browser, path) for path in PAGES] == before
    # Who one is and how many notices wait are two of them.
    assert max(before) <= 5
    assert [school.statements(school.browser(), path) for path in PAGES] == [1, 1, 0, 0, 0]


def test_tracks_are_a_place_in_the_header(school: Any) -> None:
    page = school.browser().get(READ).text
    assert '<a href="/tracks/" aria-current="true">Tracks</a>' in page


def test_nobody_sees_how_far_somebody_else_is(school: Any) -> None:
    ana, _browser = school.learner(steps=2)
    other = make.sign_in(school.browser(), school.person("other"))
    for path in (*PAGES, f"/people/{ana.username}"):
        page = other.get(path).text
        assert "I read." not in page
        assert "of 3 steps" not in page
        assert ana.display_name not in page or path.startswith("/people/")
