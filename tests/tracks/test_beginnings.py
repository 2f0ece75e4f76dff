"""The first question: what would you like to do? Each answer leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from portal.app import load_content
from portal.core.content import BrokenContentError
from portal.core.i18n import SHIPPED
from portal.tracks.beginnings import Beginnings
from tests.tracks.conftest import MAP, READ, TRY, School

ONE = """[[beginnings]]
label = "Draw a map"
label_fr = "Dessiner une carte"
text = "With a pencil."
text_fr = "Avec un crayon."
tracks = ["first-steps"]

[[beginnings]]
label = "Watch"
text = "Nothing is asked of you."
leads_to = "/help/"
action = "See the help"
"""


def written(folder: Path, text: str = ONE) -> Path:
    (folder / "tracks" / "beginnings.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_page_of_the_tracks_asks_first_and_each_answer_leads_somewhere(make_site: Any, folder: Path) -> None:
    page = make_site(content=written(folder)).client().get("/tracks/").text
    assert page.index("What would you like to do?") < page.index("All tracks")
    question = page.partition('id="begin"')[2].partition("All tracks")[0]
    assert re.findall(r'<a href="([^"]+)"', question) == [MAP, "/help/"]


def test_it_speaks_the_readers_language_as_far_as_it_can(make_site: Any, folder: Path) -> None:
    page = make_site(content=written(folder)).client().get("/tracks/?uselang=fr").text
    assert "Dessiner une carte" in page
    assert '<span lang="en" dir="ltr">Watch</span>' in page or 'lang="en"' in page.partition("Watch")[0][-80:]


def test_a_site_in_a_folder_keeps_the_answers_inside(make_site: Any, folder: Path) -> None:
    site = make_site('[site]\nurl = "https://example.org/portal"\n', content=written(folder))
    page = site.client().get("/portal/tracks/", base_url="https://example.org").text
    assert 'href="/portal/help/"' in page


def test_who_has_begun_finds_their_tracks_first_and_the_question_below(make_site: Any, folder: Path) -> None:
    school = School(make_site(content=written(folder)))
    _ana, browser = school.learner(steps=1)
    page = browser.get("/tracks/").text
    assert page.index("1 of 3 steps") < page.index("What would you like to do?")


def test_a_first_step_leads_back_to_the_question_until_something_is_done(school: Any) -> None:
    _ana, browser = school.learner()
    assert 'href="/tracks/#begin"' in browser.get(READ).text
    assert 'href="/tracks/#begin"' in school.browser().get(READ).text
    assert 'href="/tracks/#begin"' not in browser.get(TRY).text
    browser.post(f"{READ}/done")
    assert 'href="/tracks/#begin"' not in browser.get(READ).text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('tracks = ["first-steps"]', 'tracks = ["second-steps"]', "there is no track second-steps"),
        ('tracks = ["first-steps"]', "", "“Draw a map” leads nowhere, or to two places"),
        ('action = "See the help"\n', "", "“Watch” leads nowhere, or to two places"),
        ('text_fr = "Avec un crayon."\n', "", "no text_fr"),
        ("text_fr", "text_xx", "the portal has no language xx"),
        ('leads_to = "/help/"', 'leads_to = "//evil.example"', "leads_to: string should match pattern '^(/[^/].*)?$'"),
        ('label = "Watch"\n', "", "no label"),
        ('label = "Watch"', 'title = "Watch"', "unknown key title"),
    ],
)
def test_a_slip_is_told(folder: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(BrokenContentError) as broken:
        load_content(written(folder, ONE.replace(before, after)))
    assert told in [problem.what for problem in broken.value.problems]
    assert all("beginnings.toml" in problem.file for problem in broken.value.problems)


def test_without_the_file_nothing_is_asked(make_site: Any, folder: Path) -> None:
    assert load_content(folder).get(Beginnings).all == ()
    assert "What would you like to do?" not in make_site(content=folder).client().get("/tracks/").text


def test_every_answer_that_is_shipped_leads_to_a_page_in_every_language(make_site: Any) -> None:
    site = make_site()
    shipped = site.portal.library.get(Beginnings).all
    assert len(shipped) >= 6
    for beginning in shipped:
        for track in beginning.tracks:
            assert site.client().get(f"/tracks/{track.slug}").status_code == 200
        if beginning.leads_to:
            assert site.client().get(beginning.leads_to).status_code == 200
        spoken = [code for code, language in SHIPPED.all.items() if code in ("en", "fr", "ar", "es")]
        assert {code: beginning.words_in(code).language for code in spoken} == {code: code for code in spoken}
