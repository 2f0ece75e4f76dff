"""Markdown as HTML, through one sanitising door: what files of the content say, and what people write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from portal.core.code_colours import CODE_CLASSES, coloured
from portal.core.mentions import MentionLink, MentionLinks

# People's own words get no headings, pictures or tables: those would pretend to be part of the page.
USER_TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "span", "strong", "ul"}
CONTENT_TAGS = USER_TAGS | {
    "dd",
    "dl",
    "dt",
    "h2",
    "h3",
    "h4",
    "hr",
    "img",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
}
USER_ATTRIBUTES = {"a": {"href"}, "code": {"class"}, "ol": {"start", "dir"}, "ul": {"dir"}, "p": {"dir"}}
CONTENT_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "code": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "ol": {"start"},
}
CLASSES = {"span": set(CODE_CLASSES)}
SCHEMES = {"http", "https", "mailto", "xmpp"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_MAY_MENTION = re.compile(r"[@#]\w|://")
_MENTION = re.compile(r"(?<![\w@#/.&+-])[@#][^\W_](?:[\w.+#-]*[\w+#])?")
_AFTER_ADDRESS = re.compile(r"[،؛؟。、，；：？！」』】》»].*|[’”…]+$", re.DOTALL)
"""What ends an address in running text beside the signs of GitHub, which are those of English."""
_LINKS, _MET = "links", "met"
_LISTS = {"bullet_list", "ordered_list"}


@lru_cache(maxsize=512)
def render_markdown(text: str) -> Markup:
    """Content files' Markdown as HTML: sanitised, with an id on each heading."""
    html = _content_renderer().render(text)
    clean = nh3.clean(html, tags=CONTENT_TAGS, attributes=CONTENT_ATTRIBUTES, allowed_classes=CLASSES, link_rel=None)
    return Markup(clean)  # noqa: S704  (sanitised in the line above)


def parse_markdown(text: str) -> list[Token]:
    """Content files' Markdown as tokens, for checks: headings carry the id they will have on the page."""
    return _content_renderer().parse(text)


def parse_with_labels(text: str) -> tuple[list[Token], dict[str, int]]:
    """The same with the label of each link that has one in its `meta`; and the line, from 0, on which each is named."""
    named: dict[str, Any] = {}
    tokens = _content_renderer().parse(text, named)
    return tokens, {label: one["map"][0] for label, one in named.get("references", {}).items()}


@lru_cache(maxsize=1024)
def render_user_text(text: str, links: MentionLinks = ()) -> Markup:
    """What people wrote, as HTML: sanitised, links marked as not ours, no headings, pictures or tables.

    Addresses become links as on GitHub, and so do the mentions in `links`. Each paragraph and list has the direction
    of its own first letter.
    """
    html = _user_renderer().render(text, {_LINKS: dict(links)})
    clean = nh3.clean(
        html,
        tags=USER_TAGS,
        attributes=USER_ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener ugc",
    )
    return Markup(clean)  # noqa: S704  (sanitised in the lines above)


@lru_cache(maxsize=1024)
def mentions_in(text: str) -> frozenset[str]:
    """What somebody mentions outside of code and of links of their own: "@ana", "#python", addresses as they stand."""
    if not _MAY_MENTION.search(text):
        return frozenset()
    met: set[str] = set()
    _user_renderer().parse(text, {_MET: met})
    return frozenset(met)


@lru_cache(maxsize=1)
def _content_renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "highlight": _highlight, "store_labels": True}).enable("table")
    return renderer.use(anchors_plugin, max_level=4).use(deflist_plugin)


@lru_cache(maxsize=1)
def _user_renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True, "highlight": _highlight})
    renderer.disable(["heading", "lheading", "image", "hr"]).use(gfm_autolink_plugin)
    renderer.validateLink = _leads_somewhere_safe  # type: ignore[method-assign]  # as markdown-it documents it
    renderer.core.ruler.push("end_of_addresses", _end_addresses)
    renderer.core.ruler.push("own_direction", _give_direction)
    renderer.core.ruler.push("mentions", _link_mentions)
    return renderer


def _highlight(code: str, language: str, _rest: str) -> str:
    return str(coloured(code, language))


def _leads_somewhere_safe(url: str) -> bool:
    scheme = _SCHEME.match(url.strip())
    return not scheme or scheme[1].lower() in SCHEMES


def _give_direction(state: StateCore) -> None:
    """Let each paragraph and each list take the direction of its first letter; what is in a list follows the list."""
    depth = 0
    for token in state.tokens:
        is_list = token.type.rpartition("_")[0] in _LISTS
        depth -= is_list and token.nesting < 0
        if depth == 0 and token.nesting > 0 and (is_list or token.type == "paragraph_open"):
            token.attrSet("dir", "auto")
        depth += is_list and token.nesting > 0


def _end_addresses(state: StateCore) -> None:
    """Let an address that was found in running text end before the signs of other scripts."""
    for block in state.tokens:
        if block.children:
            block.children = list(_with_ended_addresses(block.children, state.md.normalizeLink))


def _with_ended_addresses(tokens: Sequence[Token], normalised: Callable[[str], str]) -> Iterator[Token]:
    opened, after = None, ""
    for token in tokens:
        if token.type == "link_open":
            opened = token if token.info == "auto" else None
        elif opened and token.type == "text":
            words = _AFTER_ADDRESS.sub("", token.content)
            after, token.content = token.content[len(words) :], words
            if after:
                prefix = "http://" if words.startswith("www.") else ""
                opened.attrSet("href", normalised(prefix + words))
        yield token
        if token.type == "link_close":
            yield from (_text(after),) if after else ()
            opened, after = None, ""


def _link_mentions(state: StateCore) -> None:
    """Note every mention, or make links of those that lead somewhere."""
    links, met = state.env.get(_LINKS, {}), state.env.get(_MET)
    if not links and met is None:
        return
    for block in state.tokens:
        if block.children:
            block.children = list(_with_mentions(block.children, links, set() if met is None else met))


def _with_mentions(tokens: Sequence[Token], links: Mapping[str, MentionLink], met: set[str]) -> Iterator[Token]:
    around: Token | None = None
    for token in tokens:
        if token.type in {"link_open", "link_close"}:
            around = token if token.nesting > 0 else None
        elif around and around.info == "auto":
            _mend_address(around, token, links, met)
        elif token.type == "text" and not around:
            yield from _split_at_mentions(token.content, links, met)
            continue
        yield token


def _mend_address(link: Token, words: Token, links: Mapping[str, MentionLink], met: set[str]) -> None:
    met.add(words.content)
    if known := links.get(words.content):
        link.attrSet("href", known.url)
        words.content = known.label or words.content


def _split_at_mentions(text: str, links: Mapping[str, MentionLink], met: set[str]) -> Iterator[Token]:
    end = 0
    for match in _MENTION.finditer(text):
        word = match[0].lower()
        met.add(word)
        if word in links:
            yield _text(text[end : match.start()])
            yield from _link(links[word].url, links[word].label or match[0])
            end = match.end()
    yield _text(text[end:])


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _link(url: str, words: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": url})
    yield _text(words)
    yield Token("link_close", "a", -1)
