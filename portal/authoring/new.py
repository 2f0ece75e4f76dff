"""Write the skeletons of new content: nothing that stands is changed, save for a step's lines in track.toml."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

from portal.authoring import skeletons
from portal.core.content import BrokenContentError, Problems, short_path
from portal.core.content_files import ContentFiles
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.line_numbers import toml_lines
from portal.core.replaced_content import note_made_of
from portal.roles import files as role_files
from portal.roles.content import FOLDER as ROLES
from portal.roles.content import STEWARD
from portal.tracks import files as track_files
from portal.tracks.checks import RESERVED_SLUGS
from portal.tracks.content import Evidence
from portal.tracks.drafts import FILE, TrackDraft, read_draft
from portal.tracks.tables import SLUG, SLUG_LENGTH

FIRST_STEP = "read-this-first"
ORDER_GAP = 10


def new_track(files: ContentFiles, slug: str, title: str) -> list[Path]:
    """Write a track with one module and one step; the files written. Raises Invalid or Conflict."""
    _check_slug(slug, SLUG_LENGTH)
    others = _drafts(files)
    if any(slug == other.slug or slug in other.formerly for other in others):
        raise Conflict(f"There is a track at /tracks/{slug} already. Choose another slug.")
    order = max((draft.order for draft in others), default=0) + ORDER_GAP
    table = _step_table(FIRST_STEP, "", Evidence.SELF_DECLARED)
    toml = skeletons.TRACK.format(
        track_id=uuid4(), order=order, title=_quoted(title or _title(slug)), module_id=uuid4(), step=table
    )
    track = files.place(f"{track_files.FOLDER}/{slug}")
    text = _step_text(FIRST_STEP, "", Evidence.SELF_DECLARED)
    return _write({track / FILE: toml, track / f"{FIRST_STEP}.md": text})


def new_step(files: ContentFiles, track: str, slug: str, module: str, title: str, evidence: Evidence) -> list[Path]:
    """Write a step's text, and its lines at the end of a module (its number or title; "": the last one).

    The step asks for the one before it. A shipped track.toml stays as it is where the site has content of its own: a
    copy gets the lines. Returns the files written. Raises Invalid, NotFound, Conflict, or BrokenContentError when
    track.toml must be mended first.
    """
    _check_slug(slug, SLUG_LENGTH)
    draft = _draft(files, track)
    if slug in RESERVED_SLUGS or slug in draft.known_slugs or any(slug in step.formerly for step in draft.steps):
        raise Conflict(f"The address /tracks/{track}/{slug} is taken. Choose another slug.")
    index = _module(draft, module)
    before = [step.slug for earlier in draft.modules[: index + 1] for step in earlier.steps]
    path = files.path(_table(track))
    toml = path.read_bytes().decode("utf-8")
    added = with_step(toml, index, _step_table(slug, before[-1] if before else "", evidence))
    written = _write({files.place(f"{track_files.FOLDER}/{track}/{slug}.md"): _step_text(slug, title, evidence)})
    path = files.place(_table(track))
    path.write_bytes(added.encode("utf-8"))
    note_made_of(files, [_table(track)])
    return [*written, path]


def new_role(files: ContentFiles, slug: str, title: str) -> list[Path]:
    """Write a role that asks for nobody and permits nothing yet; the file written. Raises Invalid or Conflict."""
    _check_slug(slug, role_files.SLUG_LENGTH)
    appointed_by = STEWARD if f"{ROLES}/{STEWARD}.md" in files.paths else slug
    text = skeletons.ROLE.format(title=_quoted(title or _title(slug)), appointed_by=appointed_by)
    return _write({files.place(f"{ROLES}/{slug}.md"): text})


def with_step(toml: str, module: int, table: str) -> str:
    """The text of a track.toml with a step's table at the end of this module (from 0), all else as it stood.

    Raises Invalid when the modules are not written as [[modules]], so that there is no place to add it.
    """
    lines = toml.splitlines(keepends=True)
    data = tomllib.loads(toml.removeprefix("\ufeff").replace("\r\n", "\n"))
    following = toml_lines(toml).of(("modules", module + 1)) if module + 1 < len(data["modules"]) else 0
    end = following - 1 if following else len(lines)
    # What stands right above the next module, or at the very end, is about something else.
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    ends = "\r\n" if "\r\n" in toml else "\n"
    head = "".join(lines[:end])
    added = f"{'' if head.endswith(ends) else ends}{ends}{table.replace(chr(10), ends)}"
    made = f"{head}{added}{''.join(lines[end:])}"
    if not _is_only_added(data, made, module, table):
        raise Invalid(f"{FILE} is not written with [[modules]] and [[modules.steps]]. Add this by hand:\n\n{table}")
    return made


def _is_only_added(before: dict[str, Any], made: str, module: int, table: str) -> bool:
    expected = copy.deepcopy(before)
    expected["modules"][module].setdefault("steps", []).append(tomllib.loads(table)["modules"]["steps"][0])
    try:
        return tomllib.loads(made.removeprefix("\ufeff").replace("\r\n", "\n")) == expected
    except tomllib.TOMLDecodeError:
        return False


def _drafts(files: ContentFiles) -> list[TrackDraft]:
    tables = files.within(track_files.FOLDER, f"/{FILE}")
    return [_draft(files, name.partition("/")[0]) for name in tables if name.count("/") == 1]


def _table(track: str) -> str:
    return f"{track_files.FOLDER}/{track}/{FILE}"


def _draft(files: ContentFiles, slug: str) -> TrackDraft:
    path = files.path(_table(slug))
    if not re.fullmatch(SLUG, slug) or not path.exists():
        raise NotFound(f"There is no {short_path(path)}. Make the track first: portal content new track {slug}")
    problems = Problems()
    draft = read_draft(slug, path, problems)
    if draft is None or problems:
        raise BrokenContentError(problems)
    return draft


def _module(draft: TrackDraft, wanted: str) -> int:
    titles = [module.titles["en"] for module in draft.modules]
    named = [index for index, title in enumerate(titles) if title.casefold() == wanted.strip().casefold()]
    if not wanted:
        return len(titles) - 1
    if wanted.isdecimal() and 1 <= int(wanted) <= len(titles):
        return int(wanted) - 1
    if len(named) != 1:
        shown = ", ".join(f"{number} {title}" for number, title in enumerate(titles, 1))
        raise NotFound(f"No module “{wanted}” in this track. There are: {shown}")
    return named[0]


def _step_table(slug: str, before: str, evidence: Evidence) -> str:
    prerequisites = f'"{before}"' if before else ""
    return skeletons.STEP_TABLE.format(step_id=uuid4(), slug=slug, prerequisites=prerequisites, evidence=evidence)


def _step_text(slug: str, title: str, evidence: Evidence) -> str:
    asks = skeletons.QUIZ if evidence is Evidence.QUIZ else skeletons.PROVE
    return skeletons.STEP.format(title=_quoted(title or _title(slug)), evidence=asks)


def _check_slug(slug: str, longest: int) -> None:
    if not re.fullmatch(SLUG, slug) or len(slug) > longest:
        raise Invalid(f"“{slug}” cannot stand in an address. Use small letters, digits and single hyphens.")


def _title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _quoted(text: str) -> str:
    """A text as it stands between quotes, in TOML as in YAML. Raises Invalid when it cannot stand on one line."""
    if not text.strip() or not text.isprintable():
        raise Invalid("The title must be one line of text.")
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _write(texts: dict[Path, str]) -> list[Path]:
    for path in texts:
        if path.exists() or path.is_symlink():
            raise Conflict(f"{short_path(path)} is there already, and stays as it is. Choose another slug.")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)
