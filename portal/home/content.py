"""The help pages, content/pages/*.md, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from portal.core.content import Document, Library, Problems, is_stale
from portal.core.content_files import ContentFiles
from portal.core.headings import (
    Heading,
    check_levels,
    check_same_headings,
    headings_of,
    render_under_anchors,
    under_anchors,
)
from portal.core.hidden_content import FILE as HIDDEN
from portal.core.i18n import SOURCE_LANGUAGE, known_languages, lazy, target_languages
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.home.links import check_links

KEYS = {"title", "summary", "order", "picture"}
PICTURES = ("change", "pairing")
"""What the English file of a page may ask for above its text: portal/templates/macros/pictures.html draws it."""
TRANSLATED_KEYS = KEYS | {"translates"}
LAST = 1000
FOLDER = "pages"
NEEDED = (
    "developers",
    "for-stewards",
    "getting-started",
    "how-pairing-works",
    "notices-and-mail",
    "privacy",
    "running-the-portal",
    "signing-in",
    "the-review-queue",
    "tools",
)
"""Pages to which the interface itself leads: a site may replace them, not hide them."""
FILE_NAME = re.compile(r"(?P<slug>[a-z0-9]+(-[a-z0-9]+)*)(\.(?P<language>[a-z0-9-]+))?\.md")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A help page in one language. Its headings have the same anchors in every language.

    `is_stale` says of a translation that it was made from an older English text.
    """

    slug: str
    language: str
    title: str
    summary: str
    body: str
    html: Markup
    headings: tuple[Heading, ...] = ()
    is_stale: bool = False
    picture: str = ""


@dataclass(frozen=True)
class HelpPages:
    """All help pages by slug and language, in reading order."""

    by_slug: Mapping[str, Mapping[str, HelpPage]] = field(default_factory=dict)

    def find(self, slug: str, language: str) -> HelpPage | None:
        """The page in this language or the nearest one it falls back to; None when there is no such page."""
        versions = self.by_slug.get(slug, {})
        chain = (language, *known_languages()[language].fallbacks, SOURCE_LANGUAGE)
        return next((versions[code] for code in chain if code in versions), None)

    def all(self, language: str) -> list[HelpPage]:
        """Every page in this language (or what it falls back to), in reading order."""
        return [page for slug in self.by_slug if (page := self.find(slug, language))]


def load(files: ContentFiles, problems: Problems, library: Library) -> None:
    """Read content/pages into `HelpPages`; note what is wrong there, and dead links in all content."""
    sources = _read(files, problems)
    _check_needed(files, problems)
    pages = {slug: _versions(slug, versions, problems) for slug, versions in _in_order(sources)}
    library.put(HelpPages(pages))
    check_links(files, problems)


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for page in library.get(HelpPages).all(language):
        args = {"slug": page.slug}
        yield ContentText(page.title, page.summary, "home.help_page", args, body=page.html.striptags())


HELP = ContentSearch(
    SearchGroup("help", lazy("Help pages"), lazy("by every word on them, in your language"), order=20), _texts
)


def _read(files: ContentFiles, problems: Problems) -> dict[str, dict[str, Document]]:
    sources: dict[str, dict[str, Document]] = {}
    for path in files.beside(FOLDER):
        name = FILE_NAME.fullmatch(path.name)
        language = (name["language"] or SOURCE_LANGUAGE) if name else ""
        if not name or language not in {SOURCE_LANGUAGE, *target_languages()}:
            mend = "name it <slug>.md or <slug>.<language>.md, in small letters, digits and hyphens"
            problems.add(path, 1, "the file name names no page or no language of the portal", mend)
        elif document := files.read_markdown(path, problems):
            sources.setdefault(name["slug"], {})[language] = document
    return sources


def _check_needed(files: ContentFiles, problems: Problems) -> None:
    for slug in NEEDED:
        hide = files.hidden.get(f"{FOLDER}/{slug}.md")
        if hide and f"{FOLDER}/{slug}.md" not in files.paths:
            what = f"{FOLDER}/{slug}.md is hidden, but the portal itself links to this page"
            mend = f"take it out, and say what you want to say in your own {FOLDER}/{slug}.md"
            problems.add(files.place(HIDDEN), hide.line, what, mend)


def _in_order(sources: dict[str, dict[str, Document]]) -> list[tuple[str, dict[str, Document]]]:
    def order_of(item: tuple[str, dict[str, Document]]) -> tuple[int, str]:
        english = item[1].get(SOURCE_LANGUAGE)
        order = english.meta.get("order") if english else None
        return (order if isinstance(order, int) else LAST, item[0])

    return sorted(sources.items(), key=order_of)


def _versions(slug: str, files: dict[str, Document], problems: Problems) -> dict[str, HelpPage]:
    english = files.get(SOURCE_LANGUAGE)
    if english is None:
        for document in files.values():
            problems.add(document.path, 1, "a translation without its English page", f"add {slug}.md")
        return {}
    anchors = [heading.id for heading in headings_of(english.body)]
    pages = {}
    for language, document in files.items():
        _check_front_matter(document, KEYS if document is english else TRANSLATED_KEYS, problems)
        check_levels(document, problems)
        check_same_headings(document, english, problems)
        picture = str(english.meta.get("picture", ""))
        pages[language] = _page(slug, language, document, anchors, is_stale(document, english.path), picture)
    return pages


def _page(slug: str, language: str, document: Document, anchors: list[str], stale: bool, picture: str) -> HelpPage:
    title, summary = (str(document.meta.get(key, "")) for key in ("title", "summary"))
    html = render_under_anchors(document.body, anchors)
    headings = under_anchors(headings_of(document.body), anchors)
    return HelpPage(slug, language, title, summary, document.body, html, headings, stale, picture)


def _check_front_matter(document: Document, known: set[str], problems: Problems) -> None:
    for key in ("title", "summary"):
        if not isinstance(document.meta.get(key), str) or not document.meta[key].strip():
            problems.add(document.path, document.line_of(key), f"no {key}", f"add a line {key}: … between the two ---")
    for key in document.meta.keys() - known:
        mend = f"use only {', '.join(sorted(known))}"
        problems.add(document.path, document.line_of(key), f"unknown key {key}", mend)
    if document.meta.get("picture", PICTURES[0]) not in PICTURES:
        what = f"there is no picture {document.meta['picture']}"
        problems.add(document.path, document.line_of("picture"), what, f"use {' or '.join(PICTURES)}")
    if not isinstance(document.meta.get("order", LAST), int):
        problems.add(document.path, document.line_of("order"), "order is not a whole number", "write one, such as 10")
