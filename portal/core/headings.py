"""Headings of Markdown content: one anchor in every language, so that a link leads to the same place in each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markdown_it.token import Token
from markupsafe import Markup

from portal.core.content import Document, Problems
from portal.core.markdown import parse_markdown, render_markdown

HEADING_ID = re.compile(r'(?<=<h[234] id=")[^"]*')
LEVELS = {"h2", "h3", "h4"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a text: the anchor it has on the page, 2 to 4, and its words without markup."""

    id: str
    level: int
    text: str


def headings_of(body: str) -> tuple[Heading, ...]:
    """The headings of a Markdown text, with the anchors that its own words make."""
    tokens = parse_markdown(body)
    return tuple(
        Heading(str(token.attrs["id"]), int(token.tag[1]), _plain_text(tokens[index + 1]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag in LEVELS
    )


def under_anchors(headings: Iterable[Heading], anchors: Iterable[str]) -> tuple[Heading, ...]:
    """The same headings with these anchors, the English ones; a heading beyond them keeps its own."""
    ids = iter(anchors)
    return tuple(Heading(next(ids, heading.id), heading.level, heading.text) for heading in headings)


def render_under_anchors(body: str, anchors: Iterable[str]) -> Markup:
    """Content as HTML whose headings have these anchors, in their order."""
    ids = iter(anchors)
    html = HEADING_ID.sub(lambda own: next(ids, own[0]), render_markdown(body))
    # Still what the renderer sanitised: an id has been exchanged for another id of the same making.
    return Markup(html)  # noqa: S704


def check_levels(document: Document, problems: Problems) -> None:
    """A heading of level one would be a second title of the page; below four nothing can be told apart."""
    for heading in _tokens(document):
        if heading.tag not in LEVELS:
            mend = "use ## to ####; the title stands in the front matter"
            problems.add(document.path, line_of_token(document, heading), f"a heading of level {heading.tag[1]}", mend)


def check_same_headings(document: Document, english: Document, problems: Problems) -> None:
    """A translation has as many headings of the same levels, in the same order."""
    own, source = _tokens(document), _tokens(english)
    if [heading.tag for heading in own] == [heading.tag for heading in source]:
        return
    pairs = zip(own, source, strict=False)
    unlike = (line_of_token(document, translated) for translated, original in pairs if translated.tag != original.tag)
    what = f"{len(own)} headings that differ in number or level from the {len(source)} of the English page"
    mend = "give it the same headings in the same order: they share anchors"
    problems.add(document.path, next(unlike, document.body_line), what, mend)


def line_of_token(document: Document, token: Token) -> int:
    """The line of the file on which this part of its Markdown begins."""
    return document.body_line + (token.map[0] if token.map else 0)


def _tokens(document: Document) -> list[Token]:
    return [token for token in parse_markdown(document.body) if token.type == "heading_open"]


def _plain_text(inline: Token) -> str:
    children = inline.children or []
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in children)
