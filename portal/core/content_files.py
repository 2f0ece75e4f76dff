"""The content files of a site: those that are shipped, and its own, which replace, add to or hide them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from portal.core.content import Document, Problems, load_markdown, short_path
from portal.core.hidden_content import FILE as HIDDEN
from portal.core.hidden_content import Hide, english_name, read_hidden

LISTS = frozenset({"skills.toml", "reserved-names.toml"})
"""Files that are lists: what the site's own one says is added to the shipped one, entry by entry."""
FOLDERS = ("pages", "roles", "tracks", "translations")
REPLACED = "replaced.toml"
"""Of which shipped text each file of a site's own was made: kept in its own folder by `portal content stamp`."""

ADDRESSES = {
    re.compile(r"pages/([^/.]+)\.md"): r"/help/\1",
    re.compile(r"roles/([^/.]+)\.md"): r"/roles/\1",
    re.compile(r"tracks/([^/]+)/track\.toml"): r"/tracks/\1",
    re.compile(r"tracks/([^/]+)/([^/.]+)\.md"): r"/tracks/\1/\2",
}
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]\[]*)\]\((?P<address>/[^)\s#?]*)[^)\s]*\)")


class ContentFiles:
    """Which file stands for each name, such as "roles/mentor.md".

    Of two with the same name the site's own stands; of a list both do. A shipped translation of an English text that
    the site replaces is left out: it would say something else. `unread` are its own files that stand where nothing
    reads them. `problems` are those of hidden.toml.
    """

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self.shipped = shipped
        self.own = own
        self.problems = Problems()
        self.hides = self._read_hides()
        came, all_mine = _read_ones(_walk(shipped)), _walk(own) if own else {}
        mine = _read_ones(all_mine)
        self.hidden = {name: hide for name in came if (hide := self._hide_of(name))}
        self.replaced = tuple(name for name in mine if name in came and name not in LISTS)
        self.added = tuple(name for name in mine if name not in came)
        self.unread = tuple(all_mine.keys() - mine.keys() - {HIDDEN, REPLACED})
        self.left_out = tuple(
            name
            for name in came.keys() - mine.keys() - self.hidden.keys()
            if english_name(name) != name and english_name(name) in self.replaced
        )
        shown = {name: path for name, path in came.items() if name not in {*self.hidden, *self.left_out}}
        self._lists = {name: [path for path in (shown.get(name), mine.get(name)) if path] for name in LISTS}
        self.paths: Mapping[str, Path] = dict(sorted({**shown, **mine}.items()))
        self._gone = {address for name in self.hidden if name not in mine and (address := _address_of(name))}

    def path(self, name: str) -> Path:
        """Where this file stands; where it would stand if there is none."""
        return self.paths.get(name) or self.place(name)

    def place(self, name: str) -> Path:
        """Where a new file of this name is to be written."""
        return (self.own or self.shipped) / name

    def layers(self, name: str) -> list[Path]:
        """The files of a list, the shipped one first; where it would stand if there is none."""
        return self._lists[name] or [self.place(name)]

    def within(self, folder: str, ending: str = ".md") -> dict[str, Path]:
        """The files below this folder by their names in it, also those of deeper folders."""
        start = f"{folder}/"
        found = ((name, path) for name, path in self.paths.items() if name.startswith(start) and name.endswith(ending))
        return {name.removeprefix(start): path for name, path in found}

    def beside(self, folder: str, ending: str = ".md") -> list[Path]:
        """The files that stand in this folder itself."""
        return [path for name, path in self.within(folder, ending).items() if "/" not in name]

    def name_of(self, path: Path) -> str:
        """The name of a file of this content; its path as it is for any other."""
        for root in filter(None, (self.own, self.shipped)):
            if path.absolute().is_relative_to(root.absolute()):
                return path.absolute().relative_to(root.absolute()).as_posix()
        return str(path)

    def yields(self, path: Path) -> bool:
        """Whether this file may name what is not there: it is shipped, and the site hides or replaces other ones."""
        return bool(self.own) and path.is_relative_to(self.shipped) and not path.is_relative_to(self.own or path)

    def advised(self, problems: Problems) -> Problems:
        """The same problems; of a shipped file it is said what a site can do that must not change it."""
        if self.own is None:
            return problems
        paths = {short_path(path): name for name, path in self.paths.items() if self.yields(path)}
        advice = "; it is shipped: put your own at {}, or hide it in {}"
        return Problems(
            [
                replace(one, mend=one.mend + advice.format(short_path(self.own / paths[one.file]), HIDDEN))
                if one.file in paths
                else one
                for one in problems.found
            ]
        )

    def hides_entry(self, name: str, slug: str) -> bool:
        """Whether this entry of a shipped list is hidden."""
        return any(hide.covers_entry(name, slug) for hide in self.hides)

    def read_markdown(self, path: Path, problems: Problems) -> Document | None:
        """A Markdown file; in a shipped one, links to what is hidden are plain words. None and a problem if none is."""
        document = load_markdown(path, problems)
        if document is None or not self._gone or not self.yields(path):
            return document
        return replace(document, body=LINK.sub(self._words_if_gone, document.body))

    def is_gone(self, address: str) -> bool:
        """Whether this is the address of a shipped page that the site hides."""
        return address in self._gone

    def _words_if_gone(self, link: re.Match[str]) -> str:
        return link["words"] if link["address"] in self._gone else link[0]

    def _read_hides(self) -> tuple[Hide, ...]:
        if self.own is None:
            return ()
        if not self.own.is_dir():
            self.problems.add(self.own, 1, "there is no such folder", "make it, or correct [site] content")
            return ()
        return read_hidden(self.own / HIDDEN, self.problems)

    def _hide_of(self, name: str) -> Hide | None:
        return next((hide for hide in self.hides if hide.covers(name)), None)


def _address_of(name: str) -> str:
    matches = ((pattern.fullmatch(name), address) for pattern, address in ADDRESSES.items())
    return next((match.expand(address) for match, address in matches if match), "")


def _read_ones(files: Mapping[str, Path]) -> dict[str, Path]:
    return {
        name: path
        for name, path in files.items()
        if name in LISTS or name.startswith(tuple(f"{one}/" for one in FOLDERS))
    }


def _walk(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(_files(folder))}


def _files(folder: Path) -> Iterator[Path]:
    """Every file, and every folder in which there is nothing: of what should stand there its reader tells."""
    seen = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(root))  # a link may lead round in a circle
        folders[:] = [name for name in folders if not name.startswith(".")]
        folders[:] = [name for name in folders if os.path.realpath(Path(root, name)) not in seen]
        yield from (Path(root, name) for name in files if not name.startswith("."))
        if not folders and not files and Path(root) != folder:
            yield Path(root)
