"""A site looks like its community: its sentence, logo, colours and links; pictures say what they show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests import make

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8Z"/></svg>'
LOOK = """\
[look]
sentence = "We build kites."
sentences = {{ fr = "Nous fabriquons des cerfs-volants." }}
colour = "#0b6e4f"
logo = "{logo}"
links = [
  {{ name = "Chat", url = "https://chat.example.org", names = {{ fr = "Tchat" }} }},
  {{ name = "Code of conduct", url = "https://example.org/conduct" }},
]
"""
PICTURES = {
    "/help/the-review-queue": "change-picture",
    "/help/how-pairing-works": "pairing-picture",
    "/mentoring/": "pairing-picture",
    "/roles/": "roles-picture",
}


@pytest.fixture
def ours(make_site: Any, tmp_path: Path) -> Any:
    """A site with a look of its own."""
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG)
    return make_site(LOOK.format(logo=logo))


def test_the_sentence_and_the_links_of_a_site_are_in_the_reader_s_language(ours: Any) -> None:
    browser = ours.client()
    assert "We build kites." in browser.get("/").text
    assert '<a href="https://example.org/conduct">Code of conduct</a>' in browser.get("/help/").text
    french = browser.get("/?uselang=fr").text
    assert "Nous fabriquons des cerfs-volants." in french
    assert '<a href="https://chat.example.org">Tchat</a>' in french
    assert '<span lang="en" dir="ltr">We build kites.</span>' in browser.get("/?uselang=ar").text


def test_the_colours_and_the_logo_are_kept_for_a_year_under_addresses_that_change_with_them(ours: Any) -> None:
    page = ours.client().get("/").text
    sheet, logo = re.findall(r'(?:href|src)="(/(?:look\.css|logo)\?v=\w{12})"', page)
    for address, kind, part in ((sheet, "text/css", "--accent:#0b6e4f;"), (logo, "image/svg+xml", "<path")):
        answer = ours.client().get(address)
        assert answer.mimetype == kind
        assert part in answer.text
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_page_of_an_error_has_the_look_of_the_site(ours: Any) -> None:
    page = ours.client().get("/nowhere").text
    assert "/look.css?v=" in page
    assert "https://chat.example.org" in page


def test_a_site_without_a_look_of_its_own_asks_for_nothing_more(site: Any) -> None:
    page = site.client().get("/").text
    assert "look.css" not in page
    assert 'src="/logo' not in page


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("address", PICTURES)
def test_a_picture_says_what_it_shows_in_the_language_of_its_page(site: Any, address: str, language: str) -> None:
    drawn = _picture(site.client().get(f"{address}?uselang={language}").text)
    assert drawn.get("role") == "img"
    title, what = drawn.find("title"), drawn.find("desc")
    assert title is not None and what is not None
    assert drawn.get("aria-labelledby") == f"{title.get('id')} {what.get('id')}"
    assert title.get("id") == f"{PICTURES[address]}-title"
    assert len(str(what.text)) > 60
    if language != "en":
        assert what.text != _picture(site.client().get(address).text).findtext("desc")


@pytest.mark.parametrize("address", PICTURES)
def test_a_picture_is_mirrored_on_a_page_from_right_to_left(site: Any, address: str) -> None:
    plain, mirrored = (_picture(site.client().get(f"{address}?uselang={code}").text) for code in ("en", "x-rtl"))
    assert plain.find("g").get("transform") is None  # type: ignore[union-attr]
    assert mirrored.find("g").get("transform") == "matrix(-1 0 0 1 340 0)"  # type: ignore[union-attr]
    for before, after in zip(_places(plain), _places(mirrored), strict=True):
        assert before + after == 340


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("address", [address for address in PICTURES if address != "/roles/"])
def test_no_line_of_a_picture_is_longer_than_its_box(site: Any, address: str, language: str) -> None:
    drawn = _picture(site.client().get(f"{address}?uselang={language}").text)
    assert all(len(str(line.text)) <= 36 for line in drawn.iter("tspan"))
    assert all(len(list(text)) <= 4 for text in drawn.iter("text"))


def test_who_appoints_whom_is_drawn_as_a_tree(site: Any) -> None:
    drawn = _picture(site.client().get("/roles/").text)
    first, *others = [str(text.text) for text in drawn.iter("text")]
    assert first == "Portal steward"
    assert others.index("Mentor") == others.index("Mentoring coordinator") + 1
    assert "Mentor: appointed by Mentoring coordinator." in str(drawn.findtext("desc"))


def test_the_bars_beside_skills_are_explained_where_they_stand(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.mentor(session, "ana", python=4)
        make.person(session, "bo")
    for browser, address in (
        (site.client(), "/people/ana"),
        (site.client(), "/mentoring/mentors"),
        (site.client(), "/tracks/first-change-on-gerrit"),
        (make.sign_in(site.client(), ana), "/mentoring/apply"),
    ):
        assert browser.get(address).text.count('class="legend') == 1
    assert 'class="legend' not in site.client().get("/people/bo").text


def _picture(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r'<figure class="picture">\s*(<svg.*?</svg>)', page, re.DOTALL)[1])  # type: ignore[index]


def _places(drawn: ElementTree.Element) -> list[float]:
    return [float(str(one.get("x"))) for one in drawn.iter() if one.tag in {"text", "tspan"} and one.get("x")]
