"""Plain text as HTML: nothing that people typed becomes markup, and nothing leads away from the site."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.plain_text import plain_text_to_html

SITE = "https://portal.example.org"


def test_paragraphs_lines_lists_and_headings_are_kept() -> None:
    text = "Hello Ana,\n\none\ntwo\n\nTools\n-----\n\n- first\n- second\n"
    assert plain_text_to_html(text, SITE) == (
        "<p>Hello Ana,</p>\n<p>one<br>two</p>\n<h2>Tools</h2>\n<ul><li>first</li><li>second</li></ul>"
    )


def test_an_address_alone_is_a_button_and_one_behind_words_is_a_link_on_them() -> None:
    assert f'<a class="button" href="{SITE}/tools/">' in plain_text_to_html(f"Look:\n{SITE}/tools/", SITE)
    assert plain_text_to_html(f"All your notices: {SITE}/notices", SITE) == (
        f'<p><a href="{SITE}/notices">All your notices</a></p>'
    )
    assert plain_text_to_html(f"Vos notifications\u00a0: {SITE}/notices?a=1&b=2", SITE) == (
        f'<p><a href="{SITE}/notices?a=1&amp;b=2">Vos notifications</a></p>'
    )
    assert plain_text_to_html(f"- Bo: hello: {SITE}/x", SITE) == f'<ul><li><a href="{SITE}/x">Bo: hello</a></li></ul>'


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/",
        "https://portal.example.org.evil.example/",
        "https://portal.example.org@evil.example/",
        "https://portal.example.org:8443/",
        "https://evil.example/https://portal.example.org/",
        "http://portal.example.org/",
        "javascript:alert(1)",
        "https://portal.example.orgevil/",
    ],
)
def test_what_leads_elsewhere_is_no_link(typed: str) -> None:
    for text in (typed, f"Click: {typed}", f"see {typed} now", f"- {typed}"):
        assert "href" not in plain_text_to_html(text, SITE)


def test_what_people_type_is_no_markup() -> None:
    page = plain_text_to_html(f'<script>x</script> "&\n\n- <b>\n\n<i>\n--\n\n"><img src=x>: {SITE}/"onclick="x', SITE)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert 'onclick="' not in page
    assert "&lt;i&gt;" in page


@given(st.lists(st.sampled_from([*"<>&\"'-: \n\r\tax/", SITE]), max_size=60))
def test_only_our_own_elements_come_out(typed: list[str]) -> None:
    text = "".join(typed)
    page = plain_text_to_html(text, SITE)
    tags = set(re.findall(r"<(/?[a-z0-9]+)[^>]*>", page))
    assert tags <= {f"{end}{name}" for name in ("p", "h2", "ul", "li", "a", "br", "blockquote") for end in ("", "/")}
    assert all(link.startswith(SITE) for link in re.findall(r'href="([^"]*)"', page))
    assert page.count("<p") + page.count("<ul>") + page.count("<h2>") >= bool(text.strip())
