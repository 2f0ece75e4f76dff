"""track.toml read and checked by itself, before anything is known of the other tracks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.core.content import Problems, load_toml
from portal.core.i18n import SOURCE_LANGUAGE, known_languages, target_languages
from portal.core.line_numbers import KeyPath, toml_lines
from portal.tracks.content import Evidence, TrackText
from portal.tracks.tables import (
    SLUG,
    SLUG_LENGTH,
    ModuleTable,
    StepTable,
    TableReader,
    TrackTable,
    check_id,
)

FILE = "track.toml"
TRANSLATION = re.compile(r"(?P<key>title|summary|audience|outcomes)_(?P<language>[a-z0-9-]+)")
TRANSLATED = ("title", "summary", "audience")
OUTCOMES = "outcomes"


@dataclass(frozen=True)
class StepDraft:
    """A step as track.toml has it. `prerequisites` are "track/step"; `key_path` leads to its line."""

    key_path: KeyPath
    id: str
    slug: str
    minutes: int
    teaches: Mapping[str, int]
    prerequisites: tuple[str, ...]
    evidence: Evidence
    formerly: tuple[str, ...]


@dataclass(frozen=True)
class ModuleDraft:
    """A module as track.toml has it. `is_empty`: it has no steps, not even broken ones."""

    key_path: KeyPath
    id: str
    titles: Mapping[str, str]
    steps: tuple[StepDraft, ...]
    is_empty: bool


@dataclass(frozen=True)
class TrackDraft:
    """A track.toml. `known_slugs` are those of all its steps, also of broken ones."""

    reader: TableReader
    slug: str
    id: str
    order: int
    source: str
    texts: Mapping[str, TrackText]
    formerly: tuple[str, ...]
    modules: tuple[ModuleDraft, ...]
    known_slugs: frozenset[str]

    @property
    def steps(self) -> tuple[StepDraft, ...]:
        """Every sound step, in order."""
        return tuple(step for module in self.modules for step in module.steps)


def read_draft(slug: str, path: Path, problems: Problems) -> TrackDraft | None:
    """The track of this track.toml; None when it cannot be read or says nothing of the track itself."""
    if not re.fullmatch(SLUG, slug) or len(slug) > SLUG_LENGTH:
        mend = f"use small letters, digits and single hyphens, at most {SLUG_LENGTH}"
        problems.add(path, 1, f"the name {slug} cannot stand in an address", mend)
    before = len(problems.found)
    data = load_toml(path, problems)
    if len(problems.found) > before and not data:
        return None
    return _TrackReader(TableReader(path, toml_lines(path.read_text(encoding="utf-8")), problems), slug).read(data)


class _TrackReader:
    """Reads one track.toml and notes what is wrong with it."""

    def __init__(self, reader: TableReader, slug: str) -> None:
        self._reader = reader
        self._slug = slug

    def read(self, data: dict[str, Any]) -> TrackDraft | None:
        """The track; None when its head is not sound. Modules and steps that are not sound are left out."""
        head = {key: value for key, value in data.items() if key != "modules"}
        raw = self._tables(data, (), "modules")
        key_paths: dict[KeyPath, dict[str, Any]] = {("modules", number): entry for number, entry in enumerate(raw)}
        languages = self._languages({(): head, **key_paths})
        table = self._reader.read(TrackTable, _plain(head, (*TRANSLATED, OUTCOMES)))
        translations = {key: self._titles(head, (), key, languages) for key in TRANSLATED}
        said = {code: {key: translations[key][code] for key in TRANSLATED} for code in languages}
        outcomes = self._outcomes(head, languages)
        read = [self._module(entry, key_path, languages) for key_path, entry in key_paths.items()]
        modules = tuple(module for module in read if module)
        if table is None:
            return None
        check_id(table.id, ("id",), self._reader.note)
        return TrackDraft(
            reader=self._reader,
            slug=self._slug,
            id=table.id,
            order=table.order,
            source=table.source,
            texts={code: TrackText(**said[code], outcomes=outcomes[code]) for code in languages},
            formerly=tuple(table.formerly),
            modules=modules,
            known_slugs=frozenset(str(step.get("slug")) for module in raw for step in _list(module, "steps")),
        )

    def _module(self, raw: dict[str, Any], key_path: KeyPath, languages: list[str]) -> ModuleDraft | None:
        own = {key: value for key, value in raw.items() if key != "steps"}
        table = self._reader.read(ModuleTable, _plain(own, ("title",)), key_path)
        titles = self._titles(raw, key_path, "title", languages)
        entries = self._tables(raw, key_path, "steps")
        steps = [self._step(entry, (*key_path, "steps", number)) for number, entry in enumerate(entries)]
        if table is None:
            return None
        check_id(table.id, (*key_path, "id"), self._reader.note)
        return ModuleDraft(key_path, table.id, titles, tuple(step for step in steps if step), not raw.get("steps"))

    def _step(self, raw: dict[str, Any], key_path: KeyPath) -> StepDraft | None:
        table = self._reader.read(StepTable, raw, key_path)
        if table is None:
            return None
        check_id(table.id, (*key_path, "id"), self._reader.note)
        needed = tuple(
            prerequisite if "/" in prerequisite else f"{self._slug}/{prerequisite}"
            for prerequisite in table.prerequisites
        )
        formerly = tuple(table.formerly)
        return StepDraft(key_path, table.id, table.slug, table.minutes, table.teaches, needed, table.evidence, formerly)

    def _tables(self, raw: dict[str, Any], key_path: KeyPath, key: str) -> list[dict[str, Any]]:
        """The tables of a list; a problem when it is something else."""
        if raw.get(key) and not _list(raw, key):
            name = ".".join(part for part in (*key_path, key) if isinstance(part, str))
            self._reader.note((*key_path, key), f"{key} is not a list of tables", f"begin each with [[{name}]]")
        return _list(raw, key)

    def _languages(self, tables: Mapping[KeyPath, dict[str, Any]]) -> list[str]:
        """The languages that these tables speak: each must then say everything in it."""
        spoken = {SOURCE_LANGUAGE}
        for key_path, table in tables.items():
            for key in table:
                match = TRANSLATION.fullmatch(key)
                if match and match["language"] in target_languages():
                    spoken.add(match["language"])
                elif match:
                    what = f"{key}: the portal has no language {match['language']}"
                    self._reader.note((*key_path, key), what, "mend the code, or add the language first")
        return [code for code in known_languages() if code in spoken]

    def _titles(self, raw: dict[str, Any], key_path: KeyPath, key: str, languages: list[str]) -> dict[str, str]:
        """What stands under a key in each language."""
        titles = {SOURCE_LANGUAGE: str(raw.get(key, ""))}
        for code in languages:
            name = f"{key}_{code}"
            text = raw.get(name)
            if code != SOURCE_LANGUAGE and not (isinstance(text, str) and text.strip()):
                mend = f"translate {key}, in quotes: what is begun in a language is said whole in it"
                self._reader.note((*key_path, name if name in raw else key), f"no {name}", mend)
            elif code != SOURCE_LANGUAGE:
                titles[code] = str(text)
        return {code: titles.get(code, titles[SOURCE_LANGUAGE]) for code in languages}

    def _outcomes(self, head: dict[str, Any], languages: list[str]) -> dict[str, tuple[str, ...]]:
        """What one can do after the track, in each language: as many sentences in each."""
        english = _sentences(head.get(OUTCOMES))
        outcomes = {code: _sentences(head.get(f"{OUTCOMES}_{code}")) for code in languages} | {SOURCE_LANGUAGE: english}
        for code, sentences in outcomes.items():
            if len(sentences) != len(english):
                name = f"{OUTCOMES}_{code}"
                what = f"{name} has {len(sentences)} sentences, {OUTCOMES} has {len(english)}"
                self._reader.note(
                    (name if name in head else OUTCOMES,), what, "translate each sentence, in their order"
                )
        return outcomes


def _plain(raw: dict[str, Any], translated: Collection[str]) -> dict[str, Any]:
    """The table without the translations of these keys."""
    return {key: raw[key] for key in raw if not ((match := TRANSLATION.fullmatch(key)) and match["key"] in translated)}


def _sentences(raw: Any) -> tuple[str, ...]:
    sentences = raw if isinstance(raw, list) else []
    return tuple(sentence.strip() for sentence in sentences if isinstance(sentence, str) and sentence.strip())


def _list(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = raw.get(key)
    return entries if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries) else []
