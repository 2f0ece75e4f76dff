"""What somebody may want to do first: content/tracks/beginnings.toml, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from portal.core.content import Problems, load_toml
from portal.core.content_files import ContentFiles
from portal.core.i18n import SOURCE_LANGUAGE, known_languages, target_languages
from portal.core.line_numbers import KeyPath, toml_lines
from portal.tracks.content import Track
from portal.tracks.tables import ShortText, StrictTable, TableReader, Title

NAME = "tracks/beginnings.toml"
KEY = "beginnings"
WORDS = ("label", "text", "action")
TRANSLATION = re.compile(rf"(?P<key>{'|'.join(WORDS)})_(?P<language>[a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class BeginningWords:
    """What a beginning says in one language."""

    language: str
    label: str
    text: str
    action: str


@dataclass(frozen=True)
class Beginning:
    """Something to begin with. It leads to `tracks`, or to the page `leads_to` of this site."""

    words: Mapping[str, BeginningWords]
    tracks: tuple[Track, ...]
    leads_to: str

    def words_in(self, language: str) -> BeginningWords:
        """What it says in this language, else in the nearest one."""
        chain = (language, *known_languages()[language].fallbacks, SOURCE_LANGUAGE)
        return next(self.words[code] for code in chain if code in self.words)


@dataclass(frozen=True)
class Beginnings:
    """Everything that one may begin with, in the order of the file."""

    all: tuple[Beginning, ...] = ()


class BeginningTable(StrictTable):
    """[[beginnings]] of beginnings.toml, in English."""

    label: Title
    text: ShortText
    action: Annotated[str, Field(max_length=120)] = ""
    tracks: list[str] = []
    leads_to: Annotated[str, Field(pattern=r"^(/[^/].*)?$")] = ""


def read_beginnings(content: ContentFiles, tracks: Mapping[str, Track], problems: Problems) -> Beginnings:
    """The beginnings of this content; none where there is no such file.

    Of shipped ones those are left out that lead only to what the site hides.
    """
    path = content.paths.get(NAME)
    if path is None:
        return Beginnings()
    reader = TableReader(path, toml_lines(path.read_text(encoding="utf-8")), problems)
    entries = load_toml(path, problems).get(KEY, [])
    tables = [_read(entry, index, reader) for index, entry in enumerate(entries) if isinstance(entry, dict)]
    found = [_linked(one, tracks, reader, content.yields(path)) for one in tables if one]
    return Beginnings(tuple(one for one in found if one.tracks or (one.leads_to and not content.is_gone(one.leads_to))))


@dataclass(frozen=True, slots=True)
class _BeginningDraft:
    """A beginning as the file has it."""

    key_path: KeyPath
    table: BeginningTable
    words: Mapping[str, BeginningWords]


def _linked(draft: _BeginningDraft, tracks: Mapping[str, Track], reader: TableReader, yields: bool) -> Beginning:
    """The beginning with its tracks. Of a file that `yields` those may be missing that the site hides."""
    named = draft.table.tracks
    for slug in (slug for slug in named if slug not in tracks and not yields):
        reader.note((*draft.key_path, "tracks"), f"there is no track {slug}", "name tracks that are there")
    return Beginning(draft.words, tuple(tracks[slug] for slug in named if slug in tracks), draft.table.leads_to)


def _read(raw: dict[str, Any], index: int, reader: TableReader) -> _BeginningDraft | None:
    key_path: KeyPath = (KEY, index)
    plain = {key: value for key, value in raw.items() if not TRANSLATION.fullmatch(key)}
    table = reader.read(BeginningTable, plain, key_path)
    if table is None:
        return None
    if bool(table.tracks) == bool(table.leads_to) or bool(table.leads_to) != bool(table.action):
        mend = "name tracks, or a page by leads_to and the words of its link by action"
        reader.note(key_path, f"“{table.label}” leads nowhere, or to two places", mend)
    return _BeginningDraft(key_path, table, _words(raw, table, key_path, reader))


def _words(
    raw: dict[str, Any], table: BeginningTable, key_path: KeyPath, reader: TableReader
) -> dict[str, BeginningWords]:
    """What a beginning says in each language: what is begun in one is said whole."""
    words = {SOURCE_LANGUAGE: BeginningWords(SOURCE_LANGUAGE, table.label, table.text, table.action)}
    for code in _spoken(raw, key_path, reader):
        said = {key: str(raw.get(f"{key}_{code}", "")) for key in WORDS}
        words[code] = BeginningWords(code, **said)
        for key in (key for key in WORDS if bool(said[key]) != bool(getattr(table, key))):
            reader.note((*key_path, key), f"no {key}_{code}", f"translate {key}: what is begun is said whole")
    return words


def _spoken(raw: dict[str, Any], key_path: KeyPath, reader: TableReader) -> list[str]:
    """The languages beside English in which a beginning says something."""
    codes = dict.fromkeys(match["language"] for key in raw if (match := TRANSLATION.fullmatch(key)))
    for code in (code for code in codes if code not in target_languages()):
        what = f"the portal has no language {code}"
        reader.note(key_path, what, "mend the code, or add the language first")
    return [code for code in codes if code in target_languages()]
