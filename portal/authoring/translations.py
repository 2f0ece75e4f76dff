"""Translations: the stamp that says of which English text one was made, and the list of what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.core.content import Library, fingerprint, short_path
from portal.core.content_files import ContentFiles
from portal.core.errors import Invalid, NotFound
from portal.core.hidden_content import english_name
from portal.core.i18n import target_languages
from portal.core.line_numbers import FENCE
from portal.core.replaced_content import note_made_of
from portal.home.content import FOLDER as PAGES
from portal.home.content import HelpPage, HelpPages
from portal.roles.content import FOLDER as ROLES
from portal.roles.content import RoleDefinitions, RoleText
from portal.tracks.content import Tracks
from portal.tracks.drafts import FILE

STAMP = re.compile(r"^translates[ \t]*:[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Work:
    """A file that somebody could translate (`state` "missing") or bring up to date ("stale")."""

    language: str
    state: str
    path: Path


def stamp(path: Path, files: ContentFiles) -> bool:
    """Note of a translation that it is made from the English text of today, and of a file of the site's own that it is
    made of the shipped one.

    Returns False when that stood there already. Raises NotFound or Invalid.
    """
    name = files.name_of(path)
    is_new = name in files.replaced and note_made_of(files, [name])
    if name in files.replaced and english_name(name) == name:
        return is_new
    return _stamp_translation(path, files) or is_new


def _stamp_translation(path: Path, files: ContentFiles) -> bool:
    source = _source(path, files)
    text = path.read_bytes().decode("utf-8")
    line = f'translates: "{fingerprint(source.read_text(encoding="utf-8"))}"'
    begin, end = [*FENCE.finditer(text), None, None][:2]
    if begin is None or end is None:
        raise Invalid(f"{short_path(path)} does not begin with front matter between two lines of ---.")
    front = text[begin.end() : end.start()]
    ends = "\r\n" if "\r\n" in text else "\n"
    stamped = STAMP.sub(line, front, count=1) if STAMP.search(front) else f"{front}{line}{ends}"
    made = f"{text[: begin.end()]}{stamped}{text[end.start() :]}"
    if made != text:
        path.write_bytes(made.encode("utf-8"))
    return made != text


def to_translate(files: ContentFiles, library: Library) -> list[Work]:
    """Every content file that is missing or stale, language by language."""
    return [work for code in target_languages() for work in to_translate_into(code, files, library)]


def to_translate_into(code: str, files: ContentFiles, library: Library) -> list[Work]:
    """The same for one language."""
    return [*_steps(files, library, code), *_others(files, library, code)]


def count_sources(library: Library) -> int:
    """How many content files there are to be translated into a language."""
    steps = sum(len(track.steps) for track in library.get(Tracks))
    return steps + len(library.get(HelpPages).by_slug) + len(library.get(RoleDefinitions).by_slug)


def _source(path: Path, files: ContentFiles) -> Path:
    """The English file of a translation: beside it, or where the content has it."""
    slug, _, language = path.name.removesuffix(".md").partition(".")
    name = files.name_of(path)
    source = files.paths.get(english_name(name), path.with_name(f"{slug}.md"))
    if not path.is_file():
        raise NotFound(f"There is no file {short_path(path)}.")
    if (not (source.parent / FILE).is_file() and path.parent.name not in {PAGES, ROLES}) or path.suffix != ".md":
        raise Invalid(f"{short_path(path)} is no step, role or help page; only their translations are stamped.")
    if language not in target_languages():
        named = f"{slug}.<language>.md, such as {slug}.{next(iter(target_languages()))}.md"
        raise Invalid(f"{short_path(path)} is no translation: its name would be {named}.")
    if not source.is_file():
        raise NotFound(f"There is no {short_path(source)}, from which it could be made.")
    return source


def _steps(files: ContentFiles, library: Library, code: str) -> Iterator[Work]:
    for track in library.get(Tracks):
        for step in track.steps:
            state = step.translation_state(code)
            if state in {"missing", "stale"}:
                yield Work(code, state, files.path(f"tracks/{track.slug}/{step.slug}.{code}.md"))


def _others(files: ContentFiles, library: Library, code: str) -> Iterator[Work]:
    pages, roles = library.get(HelpPages).by_slug, library.get(RoleDefinitions)
    texts: dict[Path, HelpPage | RoleText | None]
    texts = {files.path(f"{PAGES}/{slug}.{code}.md"): versions.get(code) for slug, versions in pages.items()}
    texts |= {files.path(f"{ROLES}/{role.slug}.{code}.md"): role.texts.get(code) for role in roles}
    for path, text in texts.items():
        if text is None or text.is_stale:
            yield Work(code, "stale" if text else "missing", path)
