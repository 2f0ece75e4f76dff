"""Links and pictures in all Markdown content: none leads nowhere, none says nothing to the blind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from markdown_it.token import Token

from portal.core.content import Document, Problems, load_markdown
from portal.core.content_files import ContentFiles
from portal.core.headings import headings_of, line_of_token
from portal.core.hidden_content import english_name
from portal.core.markdown import parse_markdown

SLUG = r"[^/?#]+"
PAGE = rf"(?P<section>help|roles|tracks)/(?P<slug>{SLUG})"
STEP = rf"tracks/(?P<track>{SLUG})/(?P<step>{SLUG})"
INTERNAL = re.compile(rf"/(?:{PAGE}|{STEP})(?P<slash>/?)")
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
MENDS = {
    "help": "link to a page that exists, or add {}",
    "roles": "link to a role that has a file, or add {}",
    "tracks": "link to a track that exists, or add {}",
    "step": "link to a step that exists, or add {}",
}


def check_links(files: ContentFiles, problems: Problems) -> None:
    """Look through every Markdown file of the content."""
    links = _LinkChecker(files, problems)
    for name, path in files.paths.items():
        # What cannot be read has been told by the feature that the file belongs to.
        document = files.read_markdown(path, Problems()) if name.endswith(".md") else None
        for line, token in _inline(document) if document else ():
            links.check(path, line, token)


class _LinkChecker:
    def __init__(self, files: ContentFiles, problems: Problems) -> None:
        self._files = files
        self._problems = problems
        self._anchors = cache(self._read_anchors)

    def check(self, path: Path, line: int, token: Token) -> None:
        """Note what is wrong with a link or a picture on this line of this file."""
        if token.type == "image" and not token.content.strip():
            self._problems.add(path, line, "a picture without a text", "write ![what it shows](address)")
        if token.type == "link_open":
            mend = self._mend(path, str(token.attrs["href"]))
            if mend:
                self._problems.add(path, line, f"dead link {token.attrs['href']}", mend)

    def _mend(self, path: Path, address: str) -> str:
        """How to mend a link that leads nowhere; nothing for one that leads somewhere, or out of the content."""
        if OUTSIDE.match(address):
            return ""
        target, _, anchor = address.partition("#")
        if target and not target.startswith("/"):
            return "begin it with /, as in /help/page, /roles/role, /tracks/track/step; or with https://"
        match = INTERNAL.fullmatch(target.partition("?")[0])
        if target and not match:
            return ""
        if not match:
            return self._mend_anchor(path, english_name(self._files.name_of(path)), anchor)
        file = _file(match.groupdict())
        if not self._is_there(file, match["step"] or match["slug"]):
            return MENDS["step" if match["step"] else match["section"]].format(file)
        if match["slash"]:
            return "take away the / at its end"
        return self._mend_anchor(path, file, anchor)

    def _is_there(self, file: str, slug: str) -> bool:
        return "." not in slug and file in self._files.paths  # a dot would name a translation

    def _mend_anchor(self, path: Path, file: str, anchor: str) -> str:
        anchors = self._anchors(file)
        # What is shipped cannot know the headings of a site's own page: its link leads to the top of it.
        if not anchor or anchor in anchors or (file in self._files.replaced and self._files.yields(path)):
            return ""
        stem = PurePosixPath(file).stem
        if not anchors:
            return f"link to the page itself: {stem} has no anchors"
        return f"use an English anchor of {stem}: {', '.join(sorted(anchors))}"

    def _read_anchors(self, file: str) -> frozenset[str]:
        # The headings of a role stand in the template, in words of the interface.
        is_prose = file.endswith(".md") and not file.startswith("roles/")
        document = load_markdown(self._files.path(file), Problems()) if is_prose else None
        return frozenset(heading.id for heading in headings_of(document.body)) if document else frozenset()


def _file(parts: Mapping[str, str | None]) -> str:
    """The name of the file of which an address shows the text."""
    if parts["step"]:
        return f"tracks/{parts['track']}/{parts['step']}.md"
    if parts["section"] == "tracks":
        return f"tracks/{parts['slug']}/track.toml"
    return f"{'pages' if parts['section'] == 'help' else 'roles'}/{parts['slug']}.md"


def _inline(document: Document) -> Iterator[tuple[int, Token]]:
    for block in parse_markdown(document.body):
        line = line_of_token(document, block)
        for token in block.children or ():
            yield line, token
            line += token.type in {"softbreak", "hardbreak"}
