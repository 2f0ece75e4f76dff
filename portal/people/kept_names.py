"""Names that are kept back, for who bears them seems to speak for the site: content/reserved-names.toml, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.content import Library, Problems, load_toml
from portal.core.content_files import ContentFiles
from portal.core.i18n import lazy
from portal.core.line_numbers import Lines, toml_lines

FILE = "reserved-names.toml"
A_ROLE = "a role of this site"
# Signs that pass for a plain letter, also those of other scripts; i, l, 1 and | pass for each other.
LOOKALIKES = str.maketrans(
    {
        **dict(zip("01345789$@|!i", "oleastbgsalll", strict=True)),
        **dict(zip("аеорсухѕіјԁһӏвкмнтп", "aeopcyxsljdhlbkmhtn", strict=True)),
        **dict(zip("αεορυχικμντ", "aeopuxlkuvt", strict=True)),
    }
)
BETWEEN_WORDS = re.compile(r"[\W_]+")
SHORTEST_PLURAL = 4


class _KeptTable(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=39)]
    reason: Annotated[str, Field(min_length=10, max_length=200)]


@dataclass(frozen=True)
class KeptNames:
    """The names that nobody takes by themselves: how each is read, and why it is kept back."""

    reasons: Mapping[str, str] = field(default_factory=dict)

    def reason_for(self, name: str) -> str | None:
        """Why this name is kept back: it is one of them, or is read as one, or as several in a row; else None.

        Case, accents, signs that look alike, a number or a plural at the end and what stands between words make no
        difference: "M0derators-2" is read as "moderator", "Portal Support" as two of them.
        """
        words = [read_as(word) for word in BETWEEN_WORDS.split(name) if word and not word.isdigit()]
        whole = self.reasons.get("".join(words))
        return whole or (self.reasons[words[0]] if words and all(word in self.reasons for word in words) else None)

    def objection_to(self, name: str) -> Any:
        """Why nobody takes this name by themselves, as a sentence; None when it can be had."""
        if self.reason_for(name) is None:
            return None
        return lazy("This name is kept for those who run the site or have a role here. Choose another.")


NONE_KEPT = KeptNames()
"""For whoever may give any name: those who run the site."""


def read_as(word: str) -> str:
    """What a word looks like to somebody who reads in haste: a name of the list, or one that is typed."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in letters if letter.isalnum())
    named = plain.rstrip("0123456789") or plain
    singular = named[:-1] if len(named) > SHORTEST_PLURAL and named.endswith("s") else named
    return singular.translate(LOOKALIKES)


def load(files: ContentFiles, problems: Problems, library: Library) -> None:
    """Read reserved-names.toml, the shipped one and the site's own, and the names of roles; note every problem in them.

    Each of the files may be left out.
    """
    kept: dict[str, str] = {}
    for path in filter(Path.exists, files.layers(FILE)):
        data = load_toml(path, problems)
        lines = toml_lines(path.read_text(encoding="utf-8") if data else "")
        is_shipped = files.yields(path)
        hidden = {_whole(name) for name in _names(data) if is_shipped and files.hides_entry(FILE, name)}
        read = _KeptNamesReader(path, problems, lines).read(data)
        kept |= {name: reason for name, reason in read.items() if name not in hidden}
    library.put(KeptNames({**kept, **{_whole(name): A_ROLE for name in _roles(files)}}))


def _names(data: dict[str, Any]) -> list[str]:
    names = data.get("names", [])
    return [str(one.get("name")) for one in names if isinstance(one, dict)] if isinstance(names, list) else []


def _roles(files: ContentFiles) -> Iterator[str]:
    """The slugs of the roles. A role is a file, which is read a floor above this one."""
    return (path.name.partition(".")[0] for path in files.beside("roles"))


def _whole(name: str) -> str:
    return "".join(read_as(word) for word in BETWEEN_WORDS.split(name))


@dataclass(frozen=True)
class _KeptNamesReader:
    """Reads the tables of the file, and knows on which line each begins."""

    path: Path
    problems: Problems
    lines: Lines

    def read(self, data: dict[str, Any]) -> dict[str, str]:
        """The names by what they are read as, with the reason of each."""
        for key in data.keys() - {"names"}:
            self.problems.add(self.path, self.lines.of((key,)), f"unknown table {key}", "remove it")
        kept: dict[str, tuple[str, str]] = {}
        for index, entry in enumerate(self._entries(data)):
            table = self._table(index, entry)
            if table:
                self._keep(kept, index, table)
        return {key: reason for key, (_name, reason) in kept.items()}

    def _entries(self, data: dict[str, Any]) -> list[Any]:
        entries = data.get("names", [])
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            return entries
        self.problems.add(
            self.path, self.lines.of(("names",)), "names is not a list of tables", "begin each with [[names]]"
        )
        return []

    def _table(self, index: int, entry: dict[str, Any]) -> _KeptTable | None:
        try:
            return _KeptTable.model_validate(entry)
        except ValidationError as error:
            for problem in error.errors():
                key = str(problem["loc"][0])
                self._report(
                    index, key, f"{key}: {problem['msg'].lower()}", MENDS.get(problem["type"], "mend the value")
                )
            return None

    def _keep(self, kept: dict[str, tuple[str, str]], index: int, table: _KeptTable) -> None:
        known, _reason = kept.setdefault(_whole(table.name), (table.name, table.reason))
        if known != table.name or kept[_whole(table.name)][1] != table.reason:
            self._report(
                index, "name", f"“{table.name}” is read like “{known}”, which is there", "remove one of the two"
            )

    def _report(self, index: int, key: str, what: str, mend: str) -> None:
        self.problems.add(self.path, self.lines.of(("names", index, key)), what, mend)


MENDS = {
    "missing": "say the name and, in reason, why it is kept back",
    "extra_forbidden": "remove the line, or mend the spelling of its key",
    "string_pattern_mismatch": "write small letters, digits and single hyphens: other spellings follow by themselves",
    "string_too_short": "say why the name is kept back, in a sentence",
}
