"""Links and pictures in all Markdown content: none leads nowhere, none says nothing to the blind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from markdown_it.token import Token

from portal.core.content import Document, Problems, load_markdown
from portal.core.headings import headings_of, line_of_token
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


def check_links(folder: Path, problems: Problems) -> None:
    """Look through every Markdown file of the content folder."""
    links = _LinkChecker(folder, problems)
    for path in sorted(folder.rglob("*.md")):
        # What cannot be read has been told by the feature that the file belongs to.
        document = load_markdown(path, Problems())
        for line, token in _inline(document) if document else ():
            links.check(path, line, token)


class _LinkChecker:
    def __init__(self, folder: Path, problems: Problems) -> None:
        self._folder = folder
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
            return self._mend_anchor(path.with_name(f"{path.name.partition('.')[0]}.md"), anchor)
        file = _file(match.groupdict())
        if not self._is_there(file, match["step"] or match["slug"]):
            return MENDS["step" if match["step"] else match["section"]].format(file)
        if match["slash"]:
            return "take away the / at its end"
        return self._mend_anchor(self._folder / file, anchor)

    def _is_there(self, file: Path, slug: str) -> bool:
        return "." not in slug and (self._folder / file).is_file()  # a dot would name a translation

    def _mend_anchor(self, file: Path, anchor: str) -> str:
        anchors = self._anchors(file)
        if not anchor or anchor in anchors:
            return ""
        if not anchors:
            return f"link to the page itself: {file.stem} has no anchors"
        return f"use an English anchor of {file.stem}: {', '.join(sorted(anchors))}"

    def _read_anchors(self, file: Path) -> frozenset[str]:
        # The headings of a role stand in the template, in words of the interface.
        is_prose = file.suffix == ".md" and file.parent != self._folder / "roles"
        document = load_markdown(file, Problems()) if is_prose else None
        return frozenset(heading.id for heading in headings_of(document.body)) if document else frozenset()


def _file(parts: Mapping[str, str | None]) -> Path:
    """The file, in the content folder, of which an address shows the text."""
    if parts["step"]:
        return Path("tracks", str(parts["track"]), f"{parts['step']}.md")
    if parts["section"] == "tracks":
        return Path("tracks", str(parts["slug"]), "track.toml")
    return Path("pages" if parts["section"] == "help" else "roles", f"{parts['slug']}.md")


def _inline(document: Document) -> Iterator[tuple[int, Token]]:
    for block in parse_markdown(document.body):
        line = line_of_token(document, block)
        for token in block.children or ():
            yield line, token
            line += token.type in {"softbreak", "hardbreak"}
