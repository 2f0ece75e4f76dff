"""What a site hides of the shipped content: hidden.toml in its own folder, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.content import Problems, load_toml
from portal.core.line_numbers import toml_lines

FILE = "hidden.toml"
MENDS = {
    "missing": 'write files = ["…"] and reason = "…"',
    "extra_forbidden": "remove the line, or mend the spelling of its key",
}


class _HiddenTable(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    files: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Hide:
    """Shipped content that is not shown: a file, a folder, a pattern with *, or an entry ("skills.toml#perl")."""

    what: str
    reason: str
    line: int

    def covers(self, name: str) -> bool:
        """Whether this file is meant: by its name, by a folder around it, or as a translation of the English file."""
        around = (str(folder) for folder in PurePosixPath(name).parents)
        return any(fnmatchcase(one, self.what.rstrip("/")) for one in (name, english_name(name), *around))

    def covers_entry(self, name: str, slug: str) -> bool:
        """Whether the entry of this slug in this list is meant."""
        file, sign, entry = self.what.partition("#")
        return bool(sign) and file == name and fnmatchcase(slug, entry)


def english_name(name: str) -> str:
    """The English file of which this one may be a translation: pages/search.md for pages/search.fr.md."""
    folder, slash, file = name.rpartition("/")
    slug, dot, _language = file.removesuffix(".md").partition(".")
    return f"{folder}{slash}{slug}.md" if dot and file.endswith(".md") else name


def read_hidden(path: Path, problems: Problems) -> tuple[Hide, ...]:
    """What this file hides, which may be left out; note every problem in it."""
    data = load_toml(path, problems) if path.exists() else {}
    lines = toml_lines(path.read_text(encoding="utf-8") if data else "")
    for key in data.keys() - {"hidden"}:
        problems.add(path, lines.of((key,)), f"unknown table {key}", "begin each with [[hidden]]")
    hides: list[Hide] = []
    for index, raw in enumerate(_tables(data)):
        try:
            table = _HiddenTable.model_validate(raw)
        except ValidationError as error:
            for detail in error.errors():
                _note(path, lines.of(("hidden", index, *detail["loc"][:1])), detail, problems)
            continue
        line = lines.of(("hidden", index, "files"))
        hides += [Hide(file, table.reason, line) for file in table.files]
    return tuple(hides)


def _tables(data: dict[str, Any]) -> list[Any]:
    entries = data.get("hidden", [])
    return entries if isinstance(entries, list) else [entries]


def _note(path: Path, line: int, detail: Any, problems: Problems) -> None:
    key = ".".join(map(str, detail["loc"])) or "[[hidden]]"
    problems.add(path, line, f"{key}: {detail['msg'].lower()}", MENDS.get(detail["type"], "mend the value"))
