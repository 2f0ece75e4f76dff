"""Plain text, as letters are written, set as simple HTML: so nothing is written twice, and nothing in it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from portal.core.i18n import _

BLANK = re.compile(r"\n[ \t]*\n")
ITEM = "- "
QUOTE = ">"


def quoted(text: object) -> str:
    """What somebody else wrote, as letters cite it: each line behind a sign, so that none passes for ours."""
    return "\n".join(f"{QUOTE} {line}".rstrip() for line in str(text).strip().splitlines())


def plain_text_to_html(text: str, site: str) -> Markup:
    """Paragraphs, lists (lines that begin with "- "), headings (a line above a line of hyphens) and quotes as HTML.

    Only addresses below `site`, where the letter comes from, become links: people write into letters too, and a
    letter of ours shall not lead elsewhere. "Words: address" is a link on the words; an address alone is a button.
    """
    links = _SiteLinks(site)
    paragraphs = (paragraph.strip("\n") for paragraph in BLANK.split(text.strip()))
    return Markup("\n").join(
        part for paragraph in paragraphs if paragraph.strip() for part in _paragraph(paragraph.split("\n"), links)
    )


class _SiteLinks:
    """Finds the addresses of one site in a line of text."""

    def __init__(self, site: str) -> None:
        address = rf"{re.escape(site.rstrip('/'))}(?:[/?#]\S*)?(?=\s|$)"
        self.alone = re.compile(address)
        self.named = re.compile(rf"(.*\S)\s*:\s+({address})")
        self.any = re.compile(rf"(?<!\S)({address})")

    def marked(self, line: str) -> Markup:
        """The line, escaped, with its addresses as links."""
        named = self.named.fullmatch(line)
        if named:
            return _link(named[2], named[1])
        parts = self.any.split(line)
        return Markup("").join(_link(part, part) if index % 2 else escape(part) for index, part in enumerate(parts))


def _paragraph(lines: list[str], links: _SiteLinks) -> Iterator[Markup]:
    if len(lines) == 2 and set(lines[1]) == {"-"}:
        yield Markup("<h2>{}</h2>").format(lines[0])
    elif all(line.startswith(QUOTE) for line in lines):
        yield _quote([line.removeprefix(QUOTE).strip() for line in lines])
    elif all(line.startswith(ITEM) for line in lines):
        items = (Markup("<li>{}</li>").format(links.marked(line.removeprefix(ITEM))) for line in lines)
        yield Markup("<ul>{}</ul>").format(Markup("").join(items))
    else:
        yield from _prose(lines, links)


def _quote(lines: list[str]) -> Markup:
    """What somebody wrote, in its own direction and without links: it is not our word where they would lead."""
    paragraphs = BLANK.split("\n".join(lines).strip())
    own = Markup('<p dir="auto">{}</p>')
    return Markup("<blockquote>{}</blockquote>").format(
        Markup("").join(own.format(Markup("<br>").join(paragraph.strip().split("\n"))) for paragraph in paragraphs)
    )


def _prose(lines: list[str], links: _SiteLinks) -> Iterator[Markup]:
    words: list[Markup] = []
    for line in lines:
        if not links.alone.fullmatch(line.strip()):
            words.append(links.marked(line))
            continue
        yield from _lines_as_markup(words)
        words = []
        yield Markup('<p><a class="button" href="{}">{}</a></p>').format(line.strip(), _("Open this page"))
    yield from _lines_as_markup(words)


def _lines_as_markup(lines: list[Markup]) -> Iterator[Markup]:
    if lines:
        yield Markup("<p>{}</p>").format(Markup("<br>").join(lines))


def _link(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)
