"""The skills people can have and ask for: content/skills.toml, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.content import Library, Problems, load_toml
from portal.core.content_files import ContentFiles
from portal.core.i18n import SOURCE_LANGUAGE, target_languages
from portal.core.line_numbers import toml_lines

FILE = "skills.toml"


@dataclass(frozen=True, slots=True)
class Skill:
    """A tag for something people know how to do. `slug` is what the database keeps."""

    slug: str
    name: str
    group: str
    aliases: tuple[str, ...] = ()
    translations: Mapping[str, str] = field(default_factory=dict)

    def name_in(self, language: str) -> str:
        """The name in this language, else in English."""
        return self.translations.get(language, self.name)


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """Skills that stand together in lists, in the order of the file."""

    slug: str
    name: str
    skills: tuple[Skill, ...]
    translations: Mapping[str, str] = field(default_factory=dict)

    def name_in(self, language: str) -> str:
        """The name in this language, else in English."""
        return self.translations.get(language, self.name)


@dataclass(frozen=True)
class Skills:
    """All skills. `words` leads from a slug, a name or an alias (folded to lower case) to the slug."""

    groups: tuple[SkillGroup, ...]
    by_slug: Mapping[str, Skill]
    words: Mapping[str, str]

    def __contains__(self, slug: object) -> bool:
        return slug in self.by_slug

    def find(self, text: str) -> Skill | None:
        """The skill that people mean by this word: its slug, its name in any language or an alias."""
        slug = self.words.get(_fold(text))
        return self.by_slug[slug] if slug else None

    def name(self, slug: str, language: str = SOURCE_LANGUAGE) -> str:
        """The name of a skill; the slug itself for one that the file no longer has but somebody still holds."""
        skill = self.by_slug.get(slug)
        return skill.name_in(language) if skill else slug


class _NamedTable(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    translations: dict[str, str] = {}


class _GroupTable(_NamedTable):
    pass


class _SkillTable(_NamedTable):
    group: str
    aliases: list[Annotated[str, Field(min_length=1, max_length=80)]] = []


TableKind = TypeVar("TableKind", bound=_NamedTable)


def load(files: ContentFiles, problems: Problems, library: Library) -> None:
    """Read skills.toml into `Skills`, the shipped one and the site's own; note every problem in them."""
    readers = [_SkillsReader(path, problems) for path in files.layers(FILE)]
    groups = _joined(files, [reader.tables("groups", _GroupTable) for reader in readers])
    skills = _joined(files, [reader.tables("skills", _SkillTable) for reader in readers])
    _check_groups(files, groups, skills)
    library.put(_assemble(groups, skills, _index(files, skills)))


def _joined(files: ContentFiles, layers: list[list[_Placed[TableKind]]]) -> list[_Placed[TableKind]]:
    """The tables of all files: a later one takes the place of an earlier one of the same slug, hidden ones are gone."""
    by_slug: dict[str, _Placed[TableKind]] = {}
    for layer in layers:
        for placed in layer:
            if not (files.yields(placed.reader.path) and files.hides_entry(FILE, placed.table.slug)):
                by_slug[placed.table.slug] = placed
    return list(by_slug.values())


def _assemble(groups: list[_Placed[_GroupTable]], skills: list[_Placed[_SkillTable]], words: dict[str, str]) -> Skills:
    tables = [placed.table for placed in skills]
    made = [Skill(s.slug, s.name, s.group, tuple(s.aliases), s.translations) for s in tables]
    shelves = [
        SkillGroup(g.slug, g.name, tuple(skill for skill in made if skill.group == g.slug), g.translations)
        for g in (placed.table for placed in groups)
    ]
    return Skills(tuple(shelf for shelf in shelves if shelf.skills), {skill.slug: skill for skill in made}, words)


def _check_groups(files: ContentFiles, groups: list[_Placed[_GroupTable]], skills: list[_Placed[_SkillTable]]) -> None:
    known = {placed.table.slug for placed in groups}
    for placed in skills:
        skill = placed.table
        if skill.group not in known:
            what = f"{skill.slug} is in the group {skill.group}, which does not exist"
            if files.hides_entry(FILE, skill.group):
                what = f"{skill.slug} is in the group {skill.group}, which hidden.toml hides"
            placed.report("group", what, f"use one of {', '.join(sorted(known))}, or add the group")


def _index(files: ContentFiles, skills: list[_Placed[_SkillTable]]) -> dict[str, str]:
    """Which skill a word means. Aliases of a shipped one yield to the site's own, today and after an upgrade."""
    shipped = [placed for placed in skills if files.yields(placed.reader.path)]
    own = [placed for placed in skills if placed not in shipped]
    words = {placed.table.slug: placed.table.slug for placed in skills}
    for placed in skills:
        names = [("name", placed.table.name)]
        names += [(f"name_{code}", name) for code, name in placed.table.translations.items()]
        _index_words(placed, names, words, set())
    for placed in own:
        _index_words(placed, [("aliases", alias) for alias in placed.table.aliases], words, set())
    ours = {placed.table.slug for placed in own}
    for placed in shipped:
        _index_words(placed, [("aliases", alias) for alias in placed.table.aliases], words, ours)
    return words


def _index_words(
    placed: _Placed[_SkillTable], named: list[tuple[str, str]], words: dict[str, str], yields_to: set[str]
) -> None:
    slug = placed.table.slug
    for key, word in named:
        owner = words.setdefault(_fold(word), slug)
        if owner != slug and owner not in yields_to:
            placed.report(key, f"“{word}” leads to both {owner} and {slug}", "leave the word to one of them")


def _fold(word: str) -> str:
    return " ".join(word.casefold().split())


@dataclass(frozen=True)
class _Placed(Generic[TableKind]):
    """A table, and where it stands."""

    table: TableKind
    reader: _SkillsReader
    kind: str
    index: int

    def report(self, key: str, what: str, mend: str) -> None:
        """Note a problem with this key of it."""
        self.reader.report(self.kind, self.index, key, what, mend)


class _SkillsReader:
    """Reads arrays of tables and knows on which line each begins: TOML parsers do not tell."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path = path
        self._problems = problems
        self._data = load_toml(path, problems)
        self._lines = toml_lines(path.read_text(encoding="utf-8") if self._data else "")
        for key in self._data.keys() - {"groups", "skills"}:
            problems.add(path, self._lines.of((key,)), f"unknown table {key}", "remove it")

    def tables(self, kind: str, shape: type[TableKind]) -> list[_Placed[TableKind]]:
        """The well-formed tables of this kind, each slug once."""
        tables: list[_Placed[TableKind]] = []
        slugs: set[str] = set()
        for index, raw in enumerate(self._entries(kind)):
            table = self._read(kind, index, raw, shape)
            if table and table.slug in slugs:
                self.report(kind, index, "slug", f"the slug {table.slug} is used twice", "give each its own slug")
            elif table:
                slugs.add(table.slug)
                tables.append(_Placed(table, self, kind, index))
        return tables

    def report(self, kind: str, index: int, key: str, what: str, mend: str) -> None:
        """Note a problem with this key of the table at this place."""
        self._problems.add(self.path, self._lines.of((kind, index, key)), what, mend)

    def _entries(self, kind: str) -> list[dict[str, Any]]:
        entries = self._data.get(kind, [])
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            return entries
        self._problems.add(
            self.path, self._lines.of((kind,)), f"{kind} is not a list of tables", f"begin each with [[{kind}]]"
        )
        return []

    def _read(self, kind: str, index: int, raw: dict[str, Any], shape: type[TableKind]) -> TableKind | None:
        translations = {key[5:]: raw[key] for key in raw if key.startswith("name_")}
        plain = {key: value for key, value in raw.items() if not key.startswith("name_")}
        for code in translations.keys() - target_languages().keys():
            what = f"name_{code}: the portal has no language {code}"
            self.report(kind, index, f"name_{code}", what, "mend the code, or add the language first")
        try:
            return shape.model_validate({**plain, "translations": translations})
        except ValidationError as error:
            for problem in error.errors():
                self._report_shape(kind, index, problem)
            return None

    def _report_shape(self, kind: str, index: int, error: Any) -> None:
        loc = [str(part) for part in error["loc"]]
        key = f"name_{loc[1]}" if loc[0] == "translations" else loc[0]
        mend = {
            "missing": f"add the line {key} = …",
            "extra_forbidden": "remove the line, or mend the spelling of its key",
            "string_pattern_mismatch": "write small letters, digits and single hyphens",
        }.get(error["type"], "mend the value")
        self.report(kind, index, key, f"{key}: {error['msg'].lower()}", mend)
