"""Content files: read and checked like code. Every problem is collected and told with file, line, mend."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import frontmatter
import yaml
from sqlalchemy.orm import Session

from portal.core.line_numbers import Lines, yaml_lines

Kind = TypeVar("Kind")
_LIBRARY = "library"
BOM = "\ufeff"  # some editors begin a file with it


@dataclass(frozen=True, slots=True, order=True)
class ContentProblem:
    """What is wrong in a content file, where, and how to mend it. `line` counts from 1."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} → {self.mend}"


@dataclass
class Problems:
    """Collects what is wrong, so that an author sees everything at once."""

    found: list[ContentProblem] = field(default_factory=list)

    def add(self, file: Path, line: int, what: str, mend: str) -> None:
        """Note one problem. Paths are told from the current folder where that is shorter."""
        self.found.append(ContentProblem(short_path(file), line, what, mend))

    def __bool__(self) -> bool:
        return bool(self.found)


class BrokenContentError(Exception):
    """The content folder has problems: the site does not start."""

    def __init__(self, problems: Problems) -> None:
        self.problems = sorted(problems.found)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Library:
    """Everything the content folder says, by type: `library.get(Skills)`."""

    def __init__(self) -> None:
        self._shelf: dict[type, Any] = {}
        self._derived: dict[Hashable, Any] = {}

    def put(self, thing: object) -> None:
        """Keep this thing under its type, in place of an earlier one and of what was derived from it."""
        if type(thing) in self._shelf:
            self._derived.clear()
        self._shelf[type(thing)] = thing

    def get(self, kind: type[Kind]) -> Kind:
        """The thing of this type. Raises KeyError when no feature has loaded one."""
        thing: Kind = self._shelf[kind]
        return thing

    def __contains__(self, kind: type) -> bool:
        return kind in self._shelf

    def __iter__(self) -> Iterator[object]:
        return iter(self._shelf.values())

    def derived(self, name: Hashable, make: Callable[[], Kind]) -> Kind:
        """What `make` makes of the things in the library: made when first asked for, and kept under this name."""
        if name not in self._derived:
            self._derived[name] = make()
        thing: Kind = self._derived[name]
        return thing


def library_of(session: Session) -> Library:
    """What the content files of the site say that this session belongs to."""
    library: Library = session.info[_LIBRARY]
    return library


def library_info(library: Library) -> dict[str, Any]:
    """What a site's sessions carry along, for `library_of`."""
    return {_LIBRARY: library}


@dataclass(frozen=True)
class Document:
    """A Markdown file with front matter. `body_line` is the line on which the body begins."""

    path: Path
    meta: dict[str, Any]
    body: str
    body_line: int

    def line_of(self, key: str) -> int:
        """The line of a front matter key, or 1."""
        return self.lines.of((key,))

    @cached_property
    def lines(self) -> Lines:
        """On which lines the values of the front matter stand."""
        return yaml_lines(self.path.read_text(encoding="utf-8").removeprefix(BOM))


def content_folder() -> Path:
    """The content folder: beside the package in a checkout, inside it when installed from a wheel."""
    inside = Path(__file__).parent.parent / "content"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "content"


def fingerprint(text: str) -> str:
    """Twelve hex digits that change when the text does, whatever the line ends and trailing spaces are."""
    plain = "\n".join(line.rstrip() for line in text.removeprefix(BOM).splitlines()).rstrip()
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def is_stale(translation: Document, source: Path) -> bool:
    """Whether a translation says that it was made from another text than the source has now. Some say nothing."""
    made_from = translation.meta.get("translates", "")
    return bool(made_from) and made_from != fingerprint(source.read_text(encoding="utf-8"))


def load_toml(path: Path, problems: Problems) -> dict[str, Any]:
    """The tables of a TOML file; an empty dict and a problem when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8").removeprefix(BOM))
    except OSError as error:
        problems.add(path, 1, f"the file cannot be read ({error.strerror})", "put the file there, readable")
    except UnicodeDecodeError:
        problems.add(path, 1, "the file is not UTF-8", "save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        problems.add(path, int(match[1]) if match else 1, f"not valid TOML: {error}", "mend the syntax there")
    return {}


def load_markdown(path: Path, problems: Problems) -> Document | None:
    """A Markdown file with its front matter; None and a problem when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8").removeprefix(BOM)
        meta, body = frontmatter.parse(text)
    except (OSError, UnicodeDecodeError) as error:
        problems.add(path, 1, f"the file cannot be read ({error})", "save it as UTF-8, readable")
        return None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problems.add(path, line, "the front matter is not valid YAML", "mend the lines between the two ---")
        return None
    head = text.rstrip().removesuffix(body)
    return Document(path, {str(key): value for key, value in meta.items()}, body, head.count("\n") + 1)


def short_path(file: Path) -> str:
    """A path as it is told: from the current folder where it lies in it."""
    try:
        return _readable(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return _readable(file)


def _readable(path: Path) -> str:
    # A file name may hold bytes that are no text: they must not keep us from telling the problem.
    return os.fsencode(path).decode("utf-8", "replace")
