"""The help pages: shared anchors, fallback, and what the checks say of broken pages and links."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import Library, Problems, content_folder
from portal.core.content_files import ContentFiles
from portal.core.i18n import SHIPPED
from portal.home.content import HelpPages, load

WHOLE = {"en", "fr"}
"""The languages in which every page is written; into others they are translated as far as it goes."""

ENGLISH = """---
title: How it works
summary: A short walk.
order: 20
---

Begin at [the end](#the-end).

## First steps

See [Mentor](/roles/mentor).

## The end
"""

FRENCH = """---
title: Comment cela marche
summary: Une courte promenade.
---

Commencez par [la fin](#the-end).

## Premiers pas

## La fin
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "roles").mkdir()
    write(tmp_path, "roles/mentor.md", "---\ntitle: Mentor\n---\nSee [help](/help/how).\n")
    write(tmp_path, "pages/how.md", ENGLISH)
    write(tmp_path, "pages/how.fr.md", FRENCH)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def read(folder: Path) -> tuple[HelpPages, list[str]]:
    library, problems = Library(), Problems()
    load(ContentFiles(folder), problems, library)
    told = [f"{Path(one.file).name}:{one.line}: {one.what} → {one.mend}" for one in problems.found]
    return library.get(HelpPages), told


@pytest.mark.parametrize("code", [language.code for language in SHIPPED.menu])
def test_the_pages_of_the_portal_are_in_order_and_in_the_language_or_in_english(code: str) -> None:
    pages, told = read(content_folder())
    assert told == []
    versions = [page.language for page in pages.all(code)]
    assert len(versions) == len(pages.by_slug)
    assert set(versions) <= {code, "en"}
    if code in WHOLE:
        assert set(versions) == {code}


@pytest.mark.parametrize(
    "anchor", ["bot", "notice", "word", "first-response", "waiting-for", "since", "reason", "newcomer"]
)
def test_each_definition_of_the_queue_has_its_anchor_in_every_language(anchor: str) -> None:
    pages, _ = read(content_folder())
    for page in pages.by_slug["the-review-queue"].values():
        assert f'id="{anchor}"' in page.html


def test_a_translation_has_the_anchors_of_the_english_page(folder: Path) -> None:
    pages, told = read(folder)
    assert told == []
    french = pages.find("how", "fr")
    assert french is not None
    assert '<h2 id="first-steps">Premiers pas</h2>' in french.html
    assert '<h2 id="the-end">La fin</h2>' in french.html


def test_a_page_that_is_not_translated_is_shown_in_english(folder: Path) -> None:
    (folder / "pages" / "how.fr.md").unlink()
    page = read(folder)[0].find("how", "fr")
    assert page is not None
    assert (page.language, page.title) == ("en", "How it works")


def test_there_is_no_page_for_an_unknown_slug(folder: Path) -> None:
    assert read(folder)[0].find("what", "en") is None


def test_pages_stand_in_reading_order_those_without_one_last(folder: Path) -> None:
    write(folder, "pages/also.md", "---\ntitle: Also\nsummary: More.\n---\n")
    write(folder, "pages/start.md", "---\ntitle: Start\nsummary: Here.\norder: 10\n---\n")
    assert [page.slug for page in read(folder)[0].all("en")] == ["start", "how", "also"]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "pages/how.fr.md",
            "## La fin",
            "### La fin",
            "how.fr.md:10: 2 headings that differ in number or level from the 2 of the English page"
            " → give it the same headings in the same order: they share anchors",
        ),
        (
            "pages/how.fr.md",
            "## La fin\n",
            "",
            "how.fr.md:6: 1 headings that differ in number or level from the 2 of the English page"
            " → give it the same headings in the same order: they share anchors",
        ),
        (
            "pages/how.md",
            "title: How it works",
            "title: ''",
            "how.md:2: no title → add a line title: … between the two ---",
        ),
        (
            "pages/how.md",
            "order: 20",
            "ordre: 20",
            "how.md:4: unknown key ordre → use only order, picture, summary, title",
        ),
        (
            "pages/how.md",
            "order: 20",
            "order: first",
            "how.md:4: order is not a whole number → write one, such as 10",
        ),
        (
            "pages/how.md",
            "/roles/mentor",
            "/roles/mentors",
            "how.md:11: dead link /roles/mentors → link to a role that has a file, or add roles/mentors.md",
        ),
        (
            "pages/how.md",
            "#the-end",
            "#la-fin",
            "how.md:7: dead link #la-fin → use an English anchor of how: first-steps, the-end",
        ),
        (
            "roles/mentor.md",
            "/help/how",
            "/help/why",
            "mentor.md:4: dead link /help/why → link to a page that exists, or add pages/why.md",
        ),
        (
            "roles/mentor.md",
            "/help/how",
            "/help/how#why",
            "mentor.md:4: dead link /help/how#why → use an English anchor of how: first-steps, the-end",
        ),
        (
            "pages/how.md",
            "See [Mentor]",
            "See\n![](a.png) [Mentor]",
            "how.md:12: a picture without a text → write ![what it shows](address)",
        ),
    ],
)
def test_a_broken_page_is_told_with_its_line_and_the_mend(
    folder: Path, name: str, old: str, new: str, told: str
) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    write(folder, name, text.replace(old, new))
    assert read(folder)[1] == [told]


def test_a_heading_of_level_one_would_be_a_second_title(folder: Path) -> None:
    write(folder, "pages/title.md", "---\ntitle: A\nsummary: B\n---\n# A\n")
    assert read(folder)[1] == [
        "title.md:5: a heading of level 1 → use ## to ####; the title stands in the front matter"
    ]


def test_a_translation_needs_its_english_page(folder: Path) -> None:
    (folder / "pages" / "how.md").rename(folder / "pages" / "why.md")
    told = read(folder)[1]
    assert "how.fr.md:1: a translation without its English page → add how.md" in told


@pytest.mark.parametrize("name", ["How.md", "how.xx.md", "how.fr.en.md"])
def test_a_file_name_that_says_no_page_or_language_is_told(folder: Path, name: str) -> None:
    write(folder, f"pages/{name}", ENGLISH)
    assert [problem.split(" → ")[0] for problem in read(folder)[1]] == [
        f"{name}:1: the file name names no page or no language of the portal"
    ]


def test_links_out_of_the_content_are_left_alone(folder: Path) -> None:
    body = "[a](https://example.org/help/x) [b](/mentoring/ask) [c](mailto:a@example.org) [d](https://example.org#x)"
    write(folder, "pages/out.md", f"---\ntitle: A\nsummary: B\n---\n{body}\n")
    assert read(folder)[1] == []
