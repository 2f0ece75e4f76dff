"""Markdown through its one sanitising door: what is written is shown as it was written, and nothing in it is active."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.markdown import render_markdown, render_user_text


def test_content_keeps_headings_tables_and_anchors() -> None:
    html = render_markdown("## Waiting on\n\n|a|b|\n|-|-|\n|1|2|\n")
    assert '<h2 id="waiting-on">' in html
    assert "<table>" in html


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    '![x](x" onerror="alert(1))',
    "<a href='data:text/html,x'>x</a>",
    "[x](vbscript:x)",
    '<svg onload="alert(1)">',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_active_survives(text: str) -> None:
    for render in (render_markdown, render_user_text):
        html = str(render(text))
        for active in ("<script", "<svg", 'href="javascript', 'href="data', 'href="vbscript', "<img src=x"):
            assert active not in html


def test_peoples_own_words_get_no_headings_and_links_are_marked_as_theirs() -> None:
    html = render_user_text(
        "# Big\n\nSee https://a.example or [this](https://b.example)\n\n![p](https://c.example/p.png)"
    )
    assert "<h1" not in html
    assert "<img" not in html
    assert 'rel="nofollow noopener ugc"' in html


ADDRESSES = [
    ("see https://docs.example.net/a/b.", "https://docs.example.net/a/b", "."),
    ("(https://example.net/wiki/Moss_(plant))", "https://example.net/wiki/Moss_(plant)", ")"),
    ("http://example.net/q?x=1&y=2, then", "http://example.net/q?x=1&y=2", ", then"),
    ("is it https://example.net/a_b*c~d?!", "https://example.net/a_b*c~d", "?!"),
    ("**https://bold.example.net/x**", "https://bold.example.net/x", ""),
    ("افتح https://example.net/a، ثم اكتب", "https://example.net/a", "، ثم اكتب"),
    ("https://example.net/b。次に", "https://example.net/b", "。次に"),
    ("voir https://example.net/c» et", "https://example.net/c", "» et"),
    ("called “https”: https://example.net/d…", "https://example.net/d", "…"),
    ("https://example.net:8443/#part-2; next", "https://example.net:8443/#part-2", "; next"),
]


@pytest.mark.parametrize(("text", "address", "after"), ADDRESSES)
def test_an_address_is_a_link_that_ends_where_the_sentence_goes_on(text: str, address: str, after: str) -> None:
    html = render_user_text(text)
    escaped = address.replace("&", "&amp;")
    assert f'<a href="{escaped}" rel="nofollow noopener ugc">{escaped}</a>' in html
    assert html.striptags().replace("&amp;", "&").endswith(address + after)


@given(
    st.lists(
        st.sampled_from(["https://example.net/a", "www.b.example", "،", "»", "…", " ", "x", "*", "(", ".", "@ana"])
    )
)
def test_no_character_is_lost_beside_an_address(pieces: list[str]) -> None:
    text = "".join(pieces)
    kept = "".join(str(render_user_text(f"x{text}x").striptags()).split())
    assert sorted(kept.replace("*", "")) == sorted("".join(f"x{text}x".split()).replace("*", ""))


def test_letters_of_every_script_belong_to_an_address() -> None:
    html = render_user_text("https://ar.example.net/ويكي/قط https://fr.example.net/L’Orme?é=1")
    assert html.count("<a ") == 2
    assert ">https://ar.example.net/ويكي/قط</a>" in html
    assert ">https://fr.example.net/L’Orme?é=1</a>" in html


def test_www_leads_there_too() -> None:
    assert '<a href="http://www.example.net/x" rel="nofollow noopener ugc">www.example.net/x</a>' in render_user_text(
        "on www.example.net/x."
    )


@pytest.mark.parametrize(
    "text",
    ["`https://example.net`", "    https://example.net", "```\nhttps://example.net\n```", "nothttps://example.net"],
)
def test_an_address_in_code_or_in_a_word_is_none(text: str) -> None:
    assert "<a " not in render_user_text(text)


@pytest.mark.parametrize("scheme", ["javascript", "JaVaScRiPt", "vbscript", "data", "file", "intent", "tel", "ftp"])
def test_links_lead_to_the_web_or_nowhere_and_their_words_stay(scheme: str) -> None:
    html = render_user_text(f"[words]({scheme}:alert) and xmpp:ana@example.net")
    assert f'href="{scheme}' not in html.lower()
    assert "words" in html
    assert "xmpp:ana@example.net" in html.striptags()


@pytest.mark.parametrize("first", [0, 4, 12, 2026])
def test_a_list_begins_with_its_own_number(first: int) -> None:
    assert f'<ol start="{first}"' in render_user_text(f"{first}. a\n{first + 1}. b")
    assert f'<ol start="{first}"' in render_markdown(f"{first}. a\n{first + 1}. b")


@pytest.mark.parametrize("text", ["    if x:\n        y()", "\tmake\n\tmake test", "    - a\n      - b"])
def test_code_at_the_beginning_keeps_its_indentation(text: str) -> None:
    code = re.search(r"<pre><code>(.*?)</code></pre>", str(render_user_text(text)), re.DOTALL)
    assert code
    assert code[1].splitlines()[1] in {"    y()", "make test", "  - b"}


@pytest.mark.parametrize(
    ("language", "code", "marked"),
    [
        ("python", "def wait(days): # long", '<span class="code-keyword">def</span>'),
        ("sh", 'echo "hello" # said', '<span class="code-string">"hello"</span>'),
        ("diff", "-old\n+new", '<span class="code-added">+new'),
        ("JSON", '{"a": 12}', '<span class="code-number">12</span>'),
    ],
)
def test_code_has_colours(language: str, code: str, marked: str) -> None:
    for render in (render_markdown, render_user_text):
        html = render(f"```{language}\n{code}\n```")
        assert marked in str(html)
        assert html.striptags().strip() == " ".join(code.split())


def test_code_in_a_language_nobody_knows_or_without_end_stays_plain() -> None:
    assert "<span" not in render_user_text("```klingon\ndef x\n```")
    assert "<span" not in render_user_text("```python\n" + "x = 1\n" * 5000 + "```")


def test_each_paragraph_and_list_has_its_own_direction() -> None:
    html = render_user_text("Hello\n\nمرحبا Git\n\n- أولا\n\n  ثم\n\n> quoted\n>\n> اقتباس\n\n1. one\n   - inner")
    assert html.count('<p dir="auto">') == 4
    assert html.count('<ul dir="auto">') == 1
    assert html.count('<ol dir="auto">') == 1
    assert "<p>ثم</p>" in html, "an entry of a list follows its list"


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.met: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.met.append((tag, dict(attrs)))


HOSTILE_PIECES = (
    "<script>|</p>|<img src=x onerror=|[a](|javascript:|&#106;avascript:|java\tscript:|data:text/html,|)|](|```html\n"
    "|```|`|<https://|www.|https://|@|xmpp:|\"|'| onload=|style=|\n\n|> |1. |- |    |<svg |![x](|<a href=|\\|\u202e"
    "|\x00|&lt;script&gt;|[x]: "
)
PIECES = st.sampled_from(HOSTILE_PIECES.split("|"))
TYPED = st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join)
ALLOWED = {
    "a": {"href", "rel"},
    "code": {"class"},
    "ol": {"start", "dir"},
    "ul": {"dir"},
    "p": {"dir"},
    "span": {"class"},
}


@given(TYPED)
def test_whatever_is_typed_runs_nothing(text: str) -> None:
    for tag, attributes in Elements(str(render_user_text(text))).met:
        assert tag in {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "span", "strong", "ul"}
        assert attributes.keys() <= ALLOWED.get(tag, set())
        address = attributes.get("href") or ""
        assert not re.match(r"\s*[a-z][a-z0-9+.-]*:", address, re.I) or re.match(
            r"(https?|mailto|xmpp):", address, re.I
        )


@given(TYPED)
def test_content_runs_nothing_either(text: str) -> None:
    for tag, attributes in Elements(str(render_markdown(text))).met:
        assert tag not in {"script", "svg", "style", "iframe", "form", "input", "object"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert not re.match(r"\s*(javascript|vbscript|data)\s*:", attributes.get("href") or "", re.I)
